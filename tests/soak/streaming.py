"""A client that costs next to nothing: it plays, and notes what arrives when."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.soak.callers import FRAME_NS
from voicelab.clock import Timebase
from voicelab.session.config import DEFAULT_MODEL


class Arrival(NamedTuple):
    """An event that arrived.

    Attributes:
        t_ns: when.
        type: what.
        owner: the response that it belongs to, or else its item.
    """

    t_ns: int
    type: str
    owner: str


class _Named(msgspec.Struct, frozen=True):
    id: str = ""


class _Head(msgspec.Struct):
    type: str
    event_id: str
    response_id: str = ""
    item_id: str = ""
    item: _Named = _Named()
    response: _Named = _Named()

    @property
    def owner(self) -> str:
        named = self.response_id or self.item_id
        return named or self.response.id or self.item.id


_decoder = msgspec.json.Decoder(_Head)


class StreamingClient(asyncio.Protocol):
    """One session's client, on a socket of its own.

    Args:
        url: the server's.
        time: the clock.
        api_key: what lets it in.

    Attributes:
        arrivals: what arrived.
        sent_ns: when each frame left.
        late_ns: how late that was.
        first_event_id: identifies the session.
        broken_off: how the connection ended, if it was not us who ended it.
    """

    def __init__(self, url: str, time: Timebase, api_key: str = "any") -> None:
        target = parse_uri(f"{url}?model={DEFAULT_MODEL}")
        self._protocol = ClientProtocol(target, max_size=None)
        self._api_key = api_key
        self._time = time
        self._frames: Sequence[bytes] = ()
        self._timer: asyncio.TimerHandle | None = None
        self.arrivals: list[Arrival] = []
        self.sent_ns = array("q")
        self.late_ns = array("q")
        self.first_event_id = ""
        self.greeted = asyncio.Event()
        self.broken_off: str | None = None
        self._over = False

    # -- the socket ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        self._protocol.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        now_ns = self._time.real_ns()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._arrived(now_ns, bytes(event.data))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop()
        if not self._over:
            self.broken_off = str(exc or self._protocol.close_code)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self.transport.write(data)

    def _arrived(self, now_ns: int, message: bytes) -> None:
        head = _decoder.decode(message)
        self.arrivals.append(Arrival(now_ns, head.type, head.owner))
        if not self.first_event_id:
            self.first_event_id = head.event_id
            self.greeted.set()

    # -- the caller ---------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Send a WebSocket frame as it is."""
        self.transport.write(frame)

    def play(self, frames: Sequence[bytes], count: int, start_ns: int) -> None:
        """Send frames in real time, from the first again after the last.

        Args:
            frames: WebSocket frames with 20 ms of audio each.
            count: how many to send.
            start_ns: when the first one's first sample is spoken.
        """
        self._frames = frames
        self._count = count
        self._start_ns = start_ns
        self._await_frame()

    def hang_up(self) -> None:
        """Break off."""
        self._over = True
        self.stop()
        self.transport.abort()

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _await_frame(self) -> None:
        due_ns = self._start_ns + (len(self.sent_ns) + 1) * FRAME_NS
        self._timer = self._time.call_at_ns(due_ns, self._send_frame, due_ns)

    def _send_frame(self, due_ns: int) -> None:
        now_ns = self._time.real_ns()
        self.transport.write(self._frames[len(self.sent_ns) % len(self._frames)])
        self.sent_ns.append(now_ns)
        self.late_ns.append(now_ns - due_ns)
        if len(self.sent_ns) < self._count:
            self._await_frame()
