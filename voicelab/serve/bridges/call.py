"""One call over a bridge: a leg on one side, a session on the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket

from voicelab.clock import timebase
from voicelab.errors import EndpointError, LegError, RemoteProtocolError, VoicelabError
from voicelab.protocol import server_events as ev
from voicelab.record.client_record import Unrecorded
from voicelab.serve.bridges.caller_line import CallerLine
from voicelab.serve.bridges.client import CallClient, Surroundings
from voicelab.serve.bridges.early_audio import EarlyAudio
from voicelab.serve.bridges.ending import (
    DEFECT,
    SHUTTING_DOWN,
    TOO_SLOW,
    Ending,
    broken_leg,
    cost_reached,
    left,
    silent,
    upstream_failed,
)
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    KeyPressed,
    Leg,
    LegEvent,
    MarkReached,
    Oddity,
)
from voicelab.serve.bridges.leg_socket import LegSocket
from voicelab.serve.bridges.recording import CallRecord
from voicelab.serve.bridges.secrets import Secrets
from voicelab.serve.bridges.session import session_for
from voicelab.serve.bridges.settings import CallSettings
from voicelab.serve.bridges.upstream import Upstream, end_of
from voicelab.serve.logs import log, log_defect
from voicelab.transport.connection import Closing
from voicelab.units import ns_to_s

BEGIN_TIMEOUT_S = 10.0
"""How long a provider may take to say that there is a caller."""

LINE_TIMEOUT_S = 1.0
"""How long an agent that speaks first waits for the caller's line to be heard."""

AnyEvent = ev.ServerEvent | ev.UnknownServerEvent


class BridgeCall:
    """One call; `run` holds it to its end.

    Args:
        leg: what the caller's side speaks.
        websocket: the accepted connection to it.
        settings: what to hold the call with.
        number: the call's own among those of this bridge; seeds the ids of events.
        peer: where the connection comes from, for the log.
    """

    def __init__(
        self,
        leg: Leg,
        websocket: WebSocket,
        settings: CallSettings,
        *,
        number: int = 0,
        peer: str | None = None,
    ) -> None:
        self._leg = leg
        self._settings = settings
        self._number = number
        self._about: dict[str, Any] = {"leg": leg.name, "call": number, "peer": peer}
        self._secrets = Secrets.of(settings.endpoint)
        self._time = timebase()
        self._over: asyncio.Future[Ending] = asyncio.Future()
        self._begins: asyncio.Future[CallBegins] = asyncio.Future()
        self._line = CallerLine(self._time)
        self._socket = LegSocket(
            websocket,
            lambda: self.end(TOO_SLOW),
            max_pending_bytes=settings.max_pending_bytes,
        )
        self._upstream = Upstream(settings.endpoint, self.end)
        self._meter = settings.meter()
        self._client: CallClient | None = None
        self._record: CallRecord | None = None
        self._is_open = False  # the session is up, and the caller's side was told
        self._origin_told = False
        self._early = EarlyAudio()
        self._unshown: list[AnyEvent] = []  # that came before it was open

    # -- life -----------------------------------------------------------------

    def end(self, ending: Ending) -> None:
        """End the call; the first reason stays."""
        if not self._over.done():
            self._over.set_result(ending)

    async def run(self) -> Ending:
        """Hold the call; return how it ended. Nothing of it is left then."""
        began_ns = self._time.now_ns()
        tasks = [
            asyncio.create_task(self._guarded(work), name=name)
            for work, name in ((self._listen, "leg"), (self._hold, "session"))
        ]
        try:
            ending = await self._over
        except asyncio.CancelledError:
            await self._wind_up(SHUTTING_DOWN, tasks, began_ns)
            raise
        await self._wind_up(ending, tasks, began_ns)
        return ending

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a part of the work; whatever it raises ends this call, and no other."""
        try:
            await work()
        except LegError as error:
            self.end(broken_leg(error))
        except (EndpointError, RemoteProtocolError) as error:
            self.end(upstream_failed(str(error)))
        except VoicelabError as error:  # what the bridge was given: not the caller's
            why = self._secrets.hide(str(error))
            self._log(logging.ERROR, "call failed", error=why)
            self.end(DEFECT)
        except Exception as error:  # noqa: BLE001 -- other calls go on
            log_defect("call failed", error, **self._about)
            self.end(DEFECT)

    async def _wind_up(
        self, ending: Ending, tasks: list[asyncio.Task[None]], began_ns: int
    ) -> None:
        """Leave nothing of the call behind but its record."""
        ended_ns = self._time.now_ns()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            self._client.close()
        left_undone = await asyncio.gather(
            self._upstream.hang_up(), self._close_leg(ending), return_exceptions=True
        )
        for error in left_undone:
            if isinstance(error, Exception):
                log_defect("hanging up failed", error, **self._about)
        await self._keep_record(ending, ended_ns)
        quiet = ending.sentence is None
        self._log(
            logging.INFO if quiet else logging.WARNING,
            "call closed",
            code=ending.code,
            reason=ending.reason,
            why=None if quiet else self._secrets.hide(str(ending.sentence)),
            lasted_s=round(ns_to_s(ended_ns - began_ns), 3),
        )

    async def _close_leg(self, ending: Ending) -> None:
        try:
            if ending.sentence is not None:
                self._leg.fail(self._secrets.hide(ending.sentence))
            self._leg.hang_up(ending.reason)
            self._say()
        finally:
            await self._socket.close(ending.code, ending.reason)

    # -- the caller's side ------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            timeout_s = self._settings.idle_timeout_s
            try:
                async with asyncio.timeout(timeout_s):
                    message = await self._socket.receive()
            except TimeoutError:
                self.end(silent(timeout_s or 0))
                return
            if message is None:
                self.end(left())
                return
            if isinstance(message, bytes):
                raise LegError(self._leg.name, "provider", "it is a binary frame")
            for event in self._leg.receive(message):
                self._take(event)
            self._say()

    def _take(self, event: LegEvent) -> None:
        match event:
            case CallerAudio(data=data):
                self._hear(data)
            case MarkReached(name=name):
                if self._client is not None:
                    self._client.mark_reached(name)
            case CallBegins():
                self._begins.set_result(event)
            case KeyPressed(digit=digit):
                self._log(logging.INFO, "key pressed")
                if self._record is not None:
                    self._record.key_pressed(self._time.now_ns(), digit)
            case Oddity(problem=problem):
                self._log(logging.WARNING, "odd message", problem=problem)
            case CallOver(reason=reason):
                self.end(left(reason))

    def _hear(self, data: bytes) -> None:
        """Send caller audio on, or keep it until the session is up."""
        now_ns = self._time.now_ns()
        if self._is_open:
            self._forward(now_ns, data)
        else:
            self._early.add(now_ns, data)

    def _forward(self, arrived_ns: int, data: bytes) -> None:
        """Send caller audio on, in its place in time."""
        data = self._line.placed(arrived_ns, data, self._leg.codec)
        self._tell_origin()
        if self._client is None:
            return
        try:
            self._client.hear(data)
        except ValueError as error:
            raise LegError(self._leg.name, "provider", str(error)) from error

    # -- the agent's side -------------------------------------------------------

    async def _hold(self) -> None:
        """Bring the session about, as soon as there is a caller."""
        await asyncio.wait((self._begins,), timeout=BEGIN_TIMEOUT_S)
        if not self._begins.done():
            self.end(silent(BEGIN_TIMEOUT_S, "No call began"))
            return
        begins = self._begins.result()
        self._about |= begins.facts
        await self._connect(begins)
        self._open()
        if self._settings.agent_begins and self._client is not None:
            await self._line.opened(LINE_TIMEOUT_S)
            self._tell_origin()
            self._client.let_agent_begin()

    async def _connect(self, begins: CallBegins) -> None:
        settings = self._settings
        session = session_for(settings.session, self._leg.codec)
        connection = await self._upstream.connect()
        if settings.record is not None:
            about = self._described(begins)
            self._record = CallRecord(
                settings.record, settings, session, about, self._time
            )
        around = Surroundings(
            self._leg,
            self._socket,
            session,
            connection,
            Unrecorded() if self._record is None else self._record.recorder,
            self._time,
            observe=self._observe,
            on_hang_up=self._server_hung_up,
        )
        self._client = CallClient(
            around,
            settings.policy,
            begins=begins,
            number=self._number,
        )
        await self._client.open()

    def _open(self) -> None:
        """Let audio flow."""
        self._is_open = True
        self._log(logging.INFO, "call opened")
        self._leg.ready()
        for event in self._unshown:
            self._leg.show(event)
        self._unshown.clear()
        self._say()
        for arrived_ns, data in self._early.take():
            self._forward(arrived_ns, data)

    def _server_hung_up(self, closing: Closing) -> None:
        if self._is_open:  # else opening it fails, and says why
            self.end(end_of(closing))

    def _observe(self, event: AnyEvent) -> None:
        self._meter.add(event)
        if self._record is not None:
            self._record.transcripts.observe(event)
        if self._meter.exceeded:
            self.end(cost_reached(self._settings.endpoint.max_cost_usd))
        shown = self._secrets.without(event)
        if not self._is_open:
            self._unshown.append(shown)  # `ready` comes first
            return
        self._leg.show(shown)
        if (problem := _problem(shown)) is not None:
            self._leg.fail(problem)
        self._say()

    # -- the record -------------------------------------------------------------

    def _described(self, begins: CallBegins) -> dict[str, Any]:
        codec = self._leg.codec
        return {
            "leg": self._leg.name,
            "call": self._number,  # two may begin in the same millisecond
            "encoding": codec.encoding,
            "rate_hz": codec.rate_hz,
            "acknowledges": begins.acknowledges,
            "policy": self._settings.policy,
            "facts": dict(begins.facts),
        }

    def _tell_origin(self) -> None:
        """Tell the record where zero of time lies, as soon as that is known."""
        origin_ns = self._line.origin_ns
        if self._origin_told or origin_ns is None:
            return
        self._origin_told = True
        if self._record is not None:
            self._record.recorder.set_origin(origin_ns)

    async def _keep_record(self, ending: Ending, ended_ns: int) -> None:
        """Write the record, or leave nothing if there was no conversation."""
        record = self._record
        if record is None:
            return
        if not self._is_open:
            record.discard()
            return
        origin_ns = self._line.settle(ended_ns)
        self._tell_origin()
        lasted_ns = max(ended_ns - origin_ns, 0)
        try:
            folder = await record.finish(ending, lasted_ns, self._meter)
        except Exception as error:  # noqa: BLE001 -- the call itself went well
            log_defect("record lost", error, **self._about)
            record.discard()
        else:
            self._log(logging.INFO, "call recorded", folder=str(folder))

    # -- inside -----------------------------------------------------------------

    def _say(self) -> None:
        self._socket.send(self._leg.outgoing())

    def _log(self, level: int, occurrence: str, **fields: Any) -> None:
        log(level, occurrence, **(self._about | fields))


def _problem(event: AnyEvent) -> str | None:
    """Return what an event says went wrong; None if nothing did."""
    if isinstance(event, ev.ErrorEvent):
        return f"The agent's server reports: {event.error.message}"
    if isinstance(event, ev.ResponseDone) and event.response.status == "failed":
        return "The agent's server could not answer."
    return None
