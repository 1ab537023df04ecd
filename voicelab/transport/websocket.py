"""A connection over a WebSocket, at the client's end or the server's.

Sending never waits: a message is queued and a task of its own writes it. A peer that
does not read costs at most `max_pending_bytes` of queued messages; then it is dropped
with close code 1008, and nobody else has waited for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from websockets.asyncio.connection import Connection as Socket
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from voicelab.protocol.close_codes import CLOSE_ABNORMAL, CLOSE_POLICY
from voicelab.transport.connection import (
    Closing,
    HangUpListener,
    Receiver,
)

MAX_PENDING_BYTES = 8 * 2**20
"""Two minutes of 24 kHz speech in base64: no reply that is sent at once is dropped."""

FLUSH_TIMEOUT_S = 10.0
"""How long a connection that is being closed may take to get rid of what was sent."""

_DROP_GRACE_S = 1.0  # a peer that is dropped may still read why
_MAX_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame holds 125, two are the code
_BUSY_S = 0.002  # one client's work, before others get their turn

Splitter = Callable[[bytes], Iterable[bytes]]
"""Cuts a message that would take long into several that stand for the same."""


class WebSocketConnection:
    """One end of a WebSocket; `run` must be running for anything to move.

    Args:
        websocket: the open connection, made without compression.
        max_pending_bytes: how much may wait to be written.
        split: cuts long messages, between whose pieces others get their turn; None
            takes each whole.

    Attributes:
        on_binary: told of each binary frame, which is no message; None if nobody asks.
        pending_bytes: how much waits to be written.
    """

    def __init__(
        self,
        websocket: Socket,
        *,
        max_pending_bytes: int = MAX_PENDING_BYTES,
        split: Splitter | None = None,
    ) -> None:
        self.on_binary: Callable[[bytes], None] | None = None
        self.pending_bytes = 0
        self._websocket = websocket
        self._max_pending_bytes = max_pending_bytes
        self._split = split
        self._loop = asyncio.get_running_loop()
        self._receiver: Receiver | None = None
        self._on_hang_up: HangUpListener | None = None
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._ending: Closing | None = None
        self._busy_s = 0.0

    # -- the session's side -------------------------------------------------

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end."""
        self._receiver = receiver
        self._on_hang_up = on_hang_up

    def send(self, message: bytes) -> None:
        """Queue a message, UTF-8 text; once the connection is closed it is lost."""
        if self._ending is not None or self._sent_at_once(message):
            return
        self._queue.append(message)
        self.pending_bytes += len(message)
        if self.pending_bytes > self._max_pending_bytes:
            self._drop_slow_peer()
        self._wake.set()

    def _sent_at_once(self, message: bytes) -> bool:
        """Send a message if nothing is in its way; return whether it was sent.

        Waking the writer would cost each message a turn of the loop, some 0.1 ms on
        an idle machine and more on a busy one. This is what `websocket.send` does
        when the transport takes all that it is given.
        """
        websocket = self._websocket
        if (
            self.pending_bytes  # a message is waiting, or is being sent
            or len(message) > self._max_pending_bytes
            or websocket.protocol.state is not State.OPEN
            or websocket.transport.get_write_buffer_size()
        ):
            return False
        websocket.protocol.send_text(message)
        websocket.send_data()
        return True

    def close(self, closing: Closing | None = None) -> None:
        """Hang up after what was sent; with code 1006, break off at once."""
        if self._ending is not None:
            return
        self._ending = closing or Closing()
        self._receiver = self._on_hang_up = self.on_binary = None
        if self._ending.code == CLOSE_ABNORMAL:
            self._abort()
            return
        self._abort_after(FLUSH_TIMEOUT_S)
        self._wake.set()

    # -- the network's side -------------------------------------------------

    async def run(self) -> Closing:
        """Read until the end, tell the listener of it, and return how it ended.

        If cancelled, or if the receiver raises, the connection breaks off.
        """
        self._writer = self._writer or asyncio.create_task(self._write())
        try:
            closing = await self._read()
        finally:
            await self._let_go()
        if self._ending is not None:
            return self._ending
        self._ending = closing
        if self._on_hang_up is not None:
            self._on_hang_up(closing)
        return closing

    async def _read(self) -> Closing:
        try:
            while True:
                message = await self._websocket.recv()
                if isinstance(message, str):
                    for piece in self._pieces(message.encode()):
                        await self._give(self._receiver, piece)
                else:
                    await self._give(self.on_binary, message)
        except ConnectionClosed as end:
            return _closing_of(end)

    def _pieces(self, message: bytes) -> Iterable[bytes]:
        return (message,) if self._split is None else self._split(message)

    async def _give(
        self, taker: Callable[[bytes], None] | None, message: bytes
    ) -> None:
        """Pass a message on; who sends a lot at once lets others have their turn."""
        if taker is None:
            return
        began_s = self._loop.time()
        taker(message)
        self._busy_s += self._loop.time() - began_s
        if self._busy_s > _BUSY_S:
            self._busy_s = 0.0
            await asyncio.sleep(0)

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            while self._queue or self._ending is None:
                if not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                message = self._queue.popleft()
                await self._websocket.send(message, text=True)
                self.pending_bytes -= len(message)
            await self._shut(self._ending)

    async def _shut(self, closing: Closing) -> None:
        await self._websocket.close(closing.code, _fitting(closing.reason))

    async def _let_go(self) -> None:
        """End what belongs to the connection, whatever state it is in."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        self._forget_pending()
        self._abort()
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
            self._writer = None
        await self._websocket.wait_closed()

    def _drop_slow_peer(self) -> None:
        """Forget what it does not read, and say why if it ever reads again."""
        closing = Closing(CLOSE_POLICY, "the peer does not read what it is sent")
        listener = self._on_hang_up
        self.close(closing)
        self._abort_after(_DROP_GRACE_S)
        self._forget_pending()
        if self._writer is not None:
            self._writer.cancel()  # it waits for the peer
        self._writer = asyncio.create_task(self._shut(closing))
        if listener is not None:  # who is in the middle of sending
            self._loop.call_soon(listener, closing)

    def _forget_pending(self) -> None:
        self._queue.clear()
        self.pending_bytes = 0

    def _abort_after(self, seconds: float) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        self._flush_timer = self._loop.call_later(seconds, self._abort)

    def _abort(self) -> None:
        break_off(self._websocket)


def break_off(websocket: Socket) -> None:
    """End a connection at once, without a close frame, if it has not ended."""
    transport = websocket.transport
    # asyncio's transports cannot be aborted once they have told of their end
    if not transport.is_closing() or transport.get_write_buffer_size():
        transport.abort()


def _closing_of(end: ConnectionClosed) -> Closing:
    """Return how a connection ended: the close frame that came first says it."""
    first = end.rcvd if end.rcvd_then_sent or end.sent is None else end.sent
    if first is None:
        return Closing(CLOSE_ABNORMAL, str(end.__cause__ or "no close frame"))
    return Closing(first.code, first.reason)


def _fitting(reason: str) -> str:
    """Return as much of a reason as a close frame can carry."""
    return reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
