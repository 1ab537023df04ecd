"""Takes clients in: lets them have a session, or tells them why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from voicelab.protocol import connection_errors
from voicelab.protocol.close_codes import CLOSE_INTERNAL_ERROR
from voicelab.protocol.codec import encode
from voicelab.protocol.ids import IdSource
from voicelab.protocol.wire_errors import WireError
from voicelab.serve.access import SUBPROTOCOL, Origins
from voicelab.serve.admission import Gate, opens_session
from voicelab.serve.call import Call
from voicelab.serve.logs import log, log_defect
from voicelab.serve.options import ServeOptions
from voicelab.serve.plain_http import JSON, HttpResponse, error_response
from voicelab.serve.sessions import SessionSource
from voicelab.serve.telemetry import Telemetry
from voicelab.transport.connection import Closing
from voicelab.transport.websocket import break_off


class Reception:
    """Where every WebSocket of a server arrives.

    Args:
        sessions: makes a session for each client that is let in.
        options: the server's.
        gate: knows who gets a session.
        origins: knows which web pages may come.
        telemetry: the server's.
    """

    def __init__(
        self,
        sessions: SessionSource,
        options: ServeOptions,
        gate: Gate,
        origins: Origins,
        telemetry: Telemetry,
    ) -> None:
        self._sessions = sessions
        self._options = options
        self._gate = gate
        self._origins = origins
        self._telemetry = telemetry
        self._arrived = 0
        self._admitted = 0
        self._calls: set[Call] = set()
        self._sockets: set[ServerConnection] = set()
        self._call_ended = asyncio.Event()
        telemetry.watch(lambda: self.open_sessions, lambda: self.pending_bytes)

    @property
    def open_sessions(self) -> int:
        """How many sessions run."""
        return len(self._calls)

    @property
    def pending_bytes(self) -> int:
        """How much waits for clients to read it."""
        return sum(call.pending_bytes for call in self._calls)

    # -- before the upgrade -----------------------------------------------------

    def look_at(self, websocket: ServerConnection, request: Request) -> Response | None:
        """Return the refusal of what has come to the wrong door, else None."""
        if not opens_session(request.path):
            answer = error_response(404, "There is no WebSocket at this path.")
        elif not self._origins.allow(request.headers):
            answer = error_response(
                403, "Web pages of this origin are not let in; see --allow-origin."
            )
        else:
            return None
        self._telemetry.refused(str(answer.status))
        log(logging.WARNING, "refused", peer=_peer(websocket), status=answer.status)
        return _as_response(websocket, answer)

    # -- after it ---------------------------------------------------------------

    async def receive(self, websocket: ServerConnection) -> None:
        """Let a client have its session, to the end, or refuse it."""
        self._arrived += 1
        facts = {"connection": self._arrived, "peer": _peer(websocket)}
        self._sockets.add(websocket)
        try:
            await self._hold_call(websocket, facts)
        except WireError as refusal:
            await self._refuse(websocket, refusal, facts)
        except Exception as error:  # noqa: BLE001 -- the others go on
            log_defect("connection failed", error, **facts)
            await websocket.close(CLOSE_INTERNAL_ERROR, "internal error")
        finally:
            self._sockets.discard(websocket)

    async def _hold_call(
        self, websocket: ServerConnection, facts: dict[str, Any]
    ) -> None:
        call = self._call(websocket, facts)
        self._calls.add(call)
        try:
            await call.run()
        finally:
            self._calls.discard(call)
            self._call_ended.set()

    def _call(self, websocket: ServerConnection, facts: dict[str, Any]) -> Call:
        """Let a client in.

        Raises:
            WireError: it is not let in.
        """
        request = websocket.request
        assert request is not None  # the handshake is over
        admission = self._gate.admit(request.path, request.headers)
        if len(self._calls) >= self._options.max_sessions:
            raise connection_errors.too_many_sessions(self._options.max_sessions)
        made = self._sessions.session(self._admitted, admission)
        self._admitted += 1
        return Call(websocket, made, self._options, self._telemetry, facts)

    async def _refuse(
        self, websocket: ServerConnection, refusal: WireError, facts: dict[str, Any]
    ) -> None:
        """Say why, then close, as the endpoint does."""
        self._telemetry.refused(str(refusal.code))
        code = refusal.close_code or CLOSE_INTERNAL_ERROR
        log(logging.WARNING, "refused", **facts, error=refusal.code, code=code)
        event_id = IdSource(self._arrived, "refusal").event()
        with suppress(ConnectionClosed):
            await websocket.send(encode(refusal.to_event(event_id)), text=True)
            await websocket.close(code, refusal.close_reason)

    # -- the end ------------------------------------------------------------------

    async def without_calls(self, at_most_s: float, hurry: asyncio.Event) -> None:
        """Wait until no session runs, for so long or until told to hurry."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while self._calls and not hurry.is_set():
                    self._call_ended.clear()
                    await _first(self._call_ended, hurry)

    def hang_up(self, closing: Closing) -> None:
        """End all sessions."""
        for call in tuple(self._calls):
            call.hang_up(closing)

    def break_off(self) -> None:
        """End all connections that are left, at once."""
        for websocket in tuple(self._sockets):
            break_off(websocket)


def chosen_subprotocol(
    _connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """Answer `realtime` to who offers it; a key that is offered is never repeated."""
    chosen = Subprotocol(SUBPROTOCOL)
    return chosen if chosen in offered else None


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of some events."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _peer(websocket: ServerConnection) -> str:
    address = websocket.remote_address
    if not isinstance(address, tuple):
        return str(address)
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _as_response(websocket: ServerConnection, answer: HttpResponse) -> Response:
    response = websocket.respond(answer.status, answer.body.decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = JSON
    return response
