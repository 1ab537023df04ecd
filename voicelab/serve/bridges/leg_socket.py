"""The WebSocket of a leg: what is sent is queued, bounded, and written in its turn.

Audio that was queued when the caller interrupts is of no use to anybody: it is dropped
before it is written, so that the command to stop does not wait behind it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

MAX_PENDING_BYTES = 8 * 2**20
"""Over a minute of speech at 48 kHz in base64, more at lower rates: no reply that is
sent at once is lost."""

CLOSE_TIMEOUT_S = 5.0
"""How long what was sent may take to get rid of when the connection is to close."""

MAX_REASON_BYTES = 123
"""RFC 6455, 5.5: a control frame holds 125 bytes, two are the code."""


class LegSocket:
    """One end of an accepted WebSocket.

    Args:
        websocket: the connection.
        on_overflow: called once if the peer does not read what it is sent.
        max_pending_bytes: how much may wait to be written.

    Attributes:
        pending_bytes: how much waits.
    """

    def __init__(
        self,
        websocket: WebSocket,
        on_overflow: Callable[[], None],
        *,
        max_pending_bytes: int = MAX_PENDING_BYTES,
    ) -> None:
        self.pending_bytes = 0
        self._websocket = websocket
        self._on_overflow = on_overflow
        self._max_pending_bytes = max_pending_bytes
        self._queue: deque[tuple[str, bool]] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._overflowed = False
        self._writer = asyncio.create_task(self._write(), name="leg writer")

    async def receive(self) -> str | bytes | None:
        """Return the next message, None if the peer is gone."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    def send(self, texts: Iterable[str], *, audio: bool = False) -> None:
        """Queue messages.

        Args:
            texts: the messages.
            audio: whether `drop_audio` may drop them.
        """
        if self._closing or self._overflowed:
            return
        for text in texts:
            self._queue.append((text, audio))
            self.pending_bytes += len(text)
        self._wake.set()
        if self.pending_bytes > self._max_pending_bytes:
            self._overflowed = True
            self._forget()
            self._on_overflow()

    def drop_audio(self) -> None:
        """Drop the audio that was not written yet."""
        kept = [entry for entry in self._queue if not entry[1]]
        self._forget()
        self._queue.extend(kept)
        self.pending_bytes = sum(len(text) for text, _ in kept)

    async def close(self, code: int, reason: str = "") -> None:
        """Write what waits, then close; a peer that does not read is left to itself."""
        self._closing = True
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self._overflowed else CLOSE_TIMEOUT_S):
                await asyncio.shield(self._writer)
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._websocket.close(code, fitting(reason))

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it is gone
            while True:
                while self._queue:
                    text, _ = self._queue.popleft()
                    self.pending_bytes -= len(text)
                    await self._websocket.send_text(text)
                if self._closing:
                    return
                self._wake.clear()
                await self._wake.wait()

    def _forget(self) -> None:
        self._queue.clear()
        self.pending_bytes = 0


def fitting(reason: str) -> str:
    """Return as much of a reason as a close frame can carry."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
