"""Tells WebSockets from plain HTTP on one port, by the head of the first request.

websockets reads requests without a body only; everything else goes to `plain_http`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.server import ServerProtocol

from voicelab.serve.plain_http import MAX_HEAD_BYTES, Answer, HttpExchange

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_TLS_HANDSHAKE = 0x16
"""The first byte of a client that takes the port for one with TLS (RFC 8446, 5.1)."""

_UPGRADE = re.compile(rb"(?im)^upgrade[ \t]*:[ \t]*websocket[ \t]*\r?$")


class FrontDoor(asyncio.Protocol):
    """Waits for the head of the first request, then hands the connection on.

    Args:
        protocol: the WebSocket's protocol, which websockets asks for.
        make_websocket: makes what a WebSocket is handed to.
        answer: answers plain requests.
        timeout_s: how long the head may take to arrive.
        waiting: holds the connections that are no WebSockets (yet).
    """

    def __init__(
        self,
        protocol: ServerProtocol,
        make_websocket: Callable[[], ServerConnection],
        answer: Answer,
        timeout_s: float,
        waiting: set[asyncio.Transport],
    ) -> None:
        self.protocol = protocol
        self._make_websocket = make_websocket
        self._answer = answer
        self._timeout_s = timeout_s
        self._waiting = waiting
        self._head = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._plain: HttpExchange | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._waiting.add(transport)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._timeout_s, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._waiting.discard(self._transport)
        self._stop_waiting()
        if self._plain is not None:
            self._plain.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if self._plain is not None:
            self._plain.data_received(data)
            return
        self._head += data
        if self._head[:1] == bytes([_TLS_HANDSHAKE]):
            self._transport.abort()  # it would wait for an answer that it can read
            return
        end = _HEAD_END.search(self._head)
        if end is not None and _UPGRADE.search(self._head, 0, end.end()):
            self._become_websocket()
        elif end is not None or len(self._head) > MAX_HEAD_BYTES:
            self._become_plain()

    def _become_websocket(self) -> None:
        self._stop_waiting()
        self._waiting.discard(self._transport)
        websocket = self._make_websocket()
        self._transport.set_protocol(websocket)
        websocket.connection_made(self._transport)
        websocket.data_received(bytes(self._head))

    def _become_plain(self) -> None:
        self._stop_waiting()
        self._plain = HttpExchange(self._answer, self._timeout_s)
        self._plain.connection_made(self._transport)
        self._plain.data_received(bytes(self._head))
        self._head.clear()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
