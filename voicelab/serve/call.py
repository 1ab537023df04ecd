"""One client's session, from its first message to its last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import ServerConnection

from voicelab.clock import Timebase, timebase
from voicelab.protocol import connection_errors, wire_errors
from voicelab.protocol.close_codes import CLOSE_INTERNAL_ERROR
from voicelab.protocol.wire_errors import WireError
from voicelab.serve.client_wire import ClientWire
from voicelab.serve.logs import log, log_defect
from voicelab.serve.long_appends import LongAppends
from voicelab.serve.options import ServeOptions
from voicelab.serve.sessions import MadeSession
from voicelab.serve.tap import CountingTap
from voicelab.serve.telemetry import Telemetry
from voicelab.transport.connection import Closing
from voicelab.transport.host import SessionHost
from voicelab.transport.websocket import WebSocketConnection
from voicelab.units import ns_to_s, s_to_ns


class Call:
    """Runs a session on a socket.

    Args:
        websocket: the client's end.
        made: the session.
        options: the server's.
        telemetry: the server's.
        facts: what the log says of this client.
    """

    def __init__(
        self,
        websocket: ServerConnection,
        made: MadeSession,
        options: ServeOptions,
        telemetry: Telemetry,
        facts: dict[str, Any],
    ) -> None:
        self._options = options
        self._telemetry = telemetry
        self._facts = facts | {"session": made.config.to_wire()["id"]}
        self._time = timebase()
        self._began_ns = self._heard_ns = self._time.now_ns()
        self._idle_timer: asyncio.TimerHandle | None = None
        appends = LongAppends(made.config)
        self._connection = WebSocketConnection(
            websocket, max_pending_bytes=options.max_pending_bytes, split=appends
        )
        wire = ClientWire(
            self._connection,
            options.dialect,
            telemetry,
            on_message=self._heard,
            on_defect=self._fail,
        )
        self._host = SessionHost(
            made.hosted,
            wire,
            _GuardedTime(self._time, self._fail),
            CountingTap(telemetry, made.config, appends),
            telemetry.late,
        )
        self._connection.on_binary = self._refuse_binary
        if made.work is not None:
            made.work.attach(self._landed)

    @property
    def pending_bytes(self) -> int:
        """How much waits for the client to read it."""
        return self._connection.pending_bytes

    async def run(self) -> None:
        """Hold the session to its end."""
        self._telemetry.opened()
        log(logging.INFO, "session opened", **self._facts)
        self._host.start()
        self._await_silence()
        closing = Closing(CLOSE_INTERNAL_ERROR)
        try:
            closing = await self._connection.run()
        finally:
            if self._idle_timer is not None:
                self._idle_timer.cancel()
            self._host.close()
            self._report(closing)

    def hang_up(self, closing: Closing) -> None:
        """End the session."""
        self._host.close(closing)

    def _report(self, closing: Closing) -> None:
        lasted_s = ns_to_s(self._time.now_ns() - self._began_ns)
        self._telemetry.closed(closing.code, lasted_s)
        log(
            logging.INFO,
            "session closed",
            **self._facts,
            code=closing.code,
            reason=closing.reason or None,
            lasted_s=round(lasted_s, 3),
        )

    def _refuse_binary(self, message: bytes) -> None:
        self._heard()
        self._telemetry.received(len(message))
        self._host.refuse(wire_errors.binary_frame())

    # -- a client that says nothing -------------------------------------------

    def _heard(self) -> None:
        self._heard_ns = self._time.now_ns()

    def _await_silence(self) -> None:
        timeout_s = self._options.idle_timeout_s
        if timeout_s is not None:
            due_ns = self._heard_ns + s_to_ns(timeout_s)
            self._idle_timer = self._time.call_at_ns(due_ns, self._silent, timeout_s)

    def _silent(self, timeout_s: float) -> None:
        if self._time.now_ns() < self._heard_ns + s_to_ns(timeout_s):
            self._await_silence()
            return
        self._idle_timer = None
        self.end_with(connection_errors.session_idle(timeout_s))

    def end_with(self, error: WireError) -> None:
        """End the session with an error that has a close code."""
        self._host.refuse(error)
        self._host.close(
            Closing(error.close_code or CLOSE_INTERNAL_ERROR, error.close_reason)
        )

    def _landed(self) -> None:
        """Go on with what was worked on elsewhere."""
        try:
            self._host.wake()
        except Exception as error:  # noqa: BLE001 -- others' sessions go on
            self._fail(error)

    # -- a defect -------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        """End this session because of a defect; the others go on."""
        log_defect("session failed", error, **self._facts)
        with suppress(Exception):  # it is broken already
            self._host.close(Closing(CLOSE_INTERNAL_ERROR, "internal error"))
        self._connection.close(Closing(CLOSE_INTERNAL_ERROR, "internal error"))


class _GuardedTime:
    """A timebase whose callbacks cannot raise."""

    def __init__(self, time: Timebase, on_defect: Callable[[Exception], None]) -> None:
        self._time = time
        self._on_defect = on_defect

    def now_ns(self) -> int:
        """Return the present instant in integer nanoseconds."""
        return self._time.now_ns()

    def real_ns(self) -> int:
        """Return the clock's own time."""
        return self._time.real_ns()

    def call_at_ns(
        self, when_ns: int, callback: Callable[..., object], *args: Any
    ) -> asyncio.TimerHandle:
        """Arrange for `callback(*args)` at `when_ns`; return its handle."""
        return self._time.call_at_ns(when_ns, self._call, callback, args)

    def _call(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        try:
            callback(*args)
        except Exception as error:  # noqa: BLE001 -- others' sessions go on
            self._on_defect(error)
