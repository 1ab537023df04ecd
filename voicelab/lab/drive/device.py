"""Whoever has the caller, at the other end of somebody's bridge: socket and timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.audio.stream_rate import StreamRate
from voicelab.errors import EndpointError, LegError
from voicelab.lab.device import Surroundings
from voicelab.lab.drive.agent_side import AgentSide
from voicelab.lab.drive.findings import Findings
from voicelab.lab.drive.leg_record import LegRecord
from voicelab.lab.drive.provider import (
    Action,
    Checkpoint,
    Clear,
    HangUp,
    Play,
    Provider,
    Told,
    Violation,
)
from voicelab.legs.reading import read_object
from voicelab.playback.settings import PlayerSettings
from voicelab.protocol.client_events import ConversationItemTruncate
from voicelab.protocol.response_object import Response
from voicelab.transport.connection import Closing, Connection
from voicelab.units import NS_PER_MS, samples_to_ns

UPSTREAM_TIMEOUT_S = 10.0
"""A bridge that has not opened a session by then never will."""

NUDGE_AFTER_S = 0.5
"""A bridge that has not opened a session by then may be waiting for the caller."""

SETTLE_TIMEOUT_S = 3.0
"""How long a bridge may take to set its session, and to say that it listens."""

Ending = Callable[[BaseException], None]
"""Ends the conversation before its time."""


class ProviderDevice:
    """A provider with its call; also follows the server's session.

    Args:
        provider: the kind of it.
        settings: how it plays.
        uplink: the format in which the caller's audio comes.
        around: the caller's side.
        upstream_url: tells where the bridge should have its session.
        end: ends the conversation.
        findings: takes what the bridge did wrong.
    """

    def __init__(
        self,
        provider: Provider,
        settings: PlayerSettings,
        *,
        uplink: AudioFormat,
        around: Surroundings,
        upstream_url: Callable[[], str],
        end: Ending,
        findings: Findings,
    ) -> None:
        self._provider = provider
        self._connection: Connection | None = None
        self._uplink = uplink
        self._time = around.time
        self._on_change = around.on_change
        self._upstream_url = upstream_url
        self._end = end
        self._findings = findings
        self._record = LegRecord(around.recorder, around.time)
        self._agent = AgentSide(
            around.time,
            self._record,
            around.hearer,
            settings,
            lambda: provider.agent_hz,
            findings,
        )
        self._changed = asyncio.Event()
        self._opened = self._configured = False
        self._over: BaseException | None = None
        self._is_live = False
        self._held: list[Action] = []
        self._rate: StreamRate | None = None
        self._rate_hz: int | None = None
        self._spoken_ns = 0  # how much the caller has said
        self._first_ns: int | None = None  # from the call's beginning to the first
        self._began_ns = around.time.now_ns()
        self._timer: asyncio.TimerHandle | None = None

    def attach(self, connection: Connection) -> None:
        """Take the provider's end of the leg."""
        self._connection = connection
        connection.set_receiver(self._received, self._hung_up)

    # -- before the conversation --------------------------------------------------

    async def open(self) -> None:
        """Take the call, and wait until the bridge has its session.

        Raises:
            EndpointError: it hangs up, or opens no session.
        """
        for text in self._provider.greeting():
            self._send(text)
        self._began_ns = self._time.now_ns()
        if not await self._comes(lambda: self._opened, NUDGE_AFTER_S):
            self._nudge()
        if not await self._comes(lambda: self._opened, UPSTREAM_TIMEOUT_S):
            raise EndpointError(
                "the bridge took the call and opened no session within "
                f"{UPSTREAM_TIMEOUT_S:g} s; it should have, at {self._upstream_url()}"
            )
        if not await self._comes(lambda: self._configured, SETTLE_TIMEOUT_S):
            self._findings.add("never set its session; it has the server's defaults")
        if not await self._comes(lambda: self._provider.ready, SETTLE_TIMEOUT_S):
            self._findings.add(f"never said `{self._provider.awaits}`")
        asyncio.get_running_loop().call_soon(self._go_live)

    async def _comes(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait for something; return whether it came.

        Raises:
            BaseException: what ended the call meanwhile.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not condition() and self._over is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        if self._over is not None:
            raise self._over
        return True

    def _nudge(self) -> None:
        """Send one sample of silence: some bridges wait for audio before they begin.

        More would shift all positions in the audio that the server gets.
        """
        if self._provider.caller_hz is not None:
            for text in self._provider.caller_audio(np.zeros(1, np.int16), 0):
                self._send(text)

    def _go_live(self) -> None:
        """The conversation has begun: let what came before it happen."""
        self._is_live = True
        held, self._held = self._held, []
        for action in held:
            self._do(action)

    # -- the caller ---------------------------------------------------------------

    def let_agent_begin(self) -> None:
        """Whether the agent speaks first is the bridge's affair."""

    def turn_begins(self) -> None:
        """A provider has no button to talk."""

    def turn_ends(self) -> None:
        """A provider has no button to talk."""

    def send_audio(self, audio: bytes) -> None:
        """Send a microphone frame."""
        self._record.spoken(audio)
        samples = self._uplink.decode(audio)
        self._spoken_ns += samples_to_ns(len(samples), self._uplink.rate_hz)
        if self._first_ns is None:
            self._first_ns = self._time.now_ns() - self._began_ns - self._spoken_ns
        rate_hz = self._provider.caller_hz
        if rate_hz is not None:
            end_ns = self._first_ns + self._spoken_ns
            at_ns = end_ns - samples_to_ns(len(samples), self._uplink.rate_hz)
            samples = self._caller_rate(rate_hz).process(samples)
            at_ms = max(at_ns, 0) // NS_PER_MS
            for text in self._provider.caller_audio(samples, at_ms):
                self._send(text)
        self.catch_up()
        self._on_change()

    def _caller_rate(self, rate_hz: int) -> StreamRate:
        if self._rate is None or self._rate_hz != rate_hz:
            self._rate = StreamRate(self._uplink.rate_hz, rate_hz)
            self._rate_hz = rate_hz
        return self._rate

    def catch_up(self) -> None:
        """Tell by now of all that was played and heard."""
        now_ns = self._time.now_ns()
        self._agent.advance(now_ns)
        for name in self._agent.take_reached(now_ns):
            self._acknowledge(name)
        self._arm()

    # -- the bridge ---------------------------------------------------------------

    def _received(self, message: bytes) -> None:
        try:
            actions = self._provider.read(message)
        except LegError as error:
            self._not_understood(message, error)
            return
        for action in actions:
            self._do(action)
        self._changed.set()
        if self._is_live:
            self._on_change()

    def _not_understood(self, message: bytes, error: LegError) -> None:
        """A kind that is not known is counted; what is no JSON object ends the call."""
        try:
            read_object(message, error.leg, "bridge")
        except LegError:
            self._stop(EndpointError(str(error)))
            return
        self._violated(f"sent what the {error.leg} leg does not know: {error.problem}")

    def refuse_binary(self, message: bytes) -> None:
        """A binary frame is no message of any leg."""
        del message
        self._violated("sent a binary frame; messages are text")

    def _violated(self, what: str) -> None:
        self._findings.add(what)
        self._record.told("bridge", "violation", {"what": what})

    def _do(self, action: Action) -> None:
        if not self._is_live and isinstance(action, Play | Clear | Checkpoint):
            self._held.append(action)
            return
        match action:
            case Play(samples, rate_hz):
                self._agent.play(samples, rate_hz)
            case Clear():
                self._clear()
            case Checkpoint(name, leads):
                self._agent.checkpoint(name, leads=leads)
            case Told(kind, data):
                self._record.told("bridge", kind, data)
            case Violation(what):
                self._violated(what)
            case HangUp(reason):
                self._bridge_left(f"said goodbye{reason and f' ({reason})'}")
        if self._is_live:
            self.catch_up()

    def _clear(self) -> None:
        for text in self._provider.cleared(self._agent.clear()):
            self._send(text)

    def _acknowledge(self, name: str) -> None:
        self._record.told("provider", "reached", {"name": name})
        self._send(self._provider.reached(name))

    def _hung_up(self, closing: Closing) -> None:
        self._bridge_left(f"hung up ({closing})")

    def _bridge_left(self, how: str) -> None:
        self._stop(EndpointError(f"the bridge {how}"))

    def _stop(self, why: BaseException) -> None:
        if self._over is None:
            self._over = why
            self._changed.set()
            self._end(why)

    def give_up(self, why: BaseException) -> None:
        """End the call before the conversation began, or later."""
        self._stop(why)

    def _send(self, text: str) -> None:
        if self._connection is not None:
            self._connection.send(text.encode())

    # -- the server's session -------------------------------------------------------

    def session_opened(self) -> None:
        """The bridge has a session."""
        self._opened = True
        self._changed.set()

    def session_configured(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        """The bridge has set the session."""
        self._configured = True
        self._agent.session_configured(uplink, downlink)
        self._changed.set()

    def session_closed(self) -> None:
        """The bridge has no session any more."""
        if self._is_live and self._over is None:
            self._findings.add("closed its session before the call was over")

    def speech_started(self, item_id: str) -> None:
        """The server hears the caller."""
        self._agent.speech_started(item_id)

    def audio_sent(self, item_id: str, response_id: str, audio: bytes) -> None:
        """Audio of the agent left for the bridge."""
        self._agent.audio_sent(item_id, response_id, audio)

    def response_created(self, response: Response) -> None:
        """The agent will speak."""
        self._agent.response_created(response)

    def response_done(self, response: Response) -> None:
        """It has said all."""
        self._agent.response_done(response)
        if self._is_live:
            self._arm()
            self._on_change()

    def truncated(self, claim: ConversationItemTruncate) -> None:
        """The bridge claims what was heard of an item."""
        self._agent.truncated(claim)

    # -- time -----------------------------------------------------------------------

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ns = self._agent.next_deadline()
        if due_ns is not None:
            self._timer = self._time.call_at_ns(due_ns, self._due)

    def _due(self) -> None:
        self.catch_up()
        self._on_change()

    def close(self) -> None:
        """Hang up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._agent.finish()
        strange_ms = self._agent.strange_ms
        if strange_ms:
            what = f"played {strange_ms:.0f} ms that the server had not sent"
            self._findings.add(what)
        if self._over is None:
            for text in self._provider.farewell():
                self._send(text)
        self._over = self._over or EndpointError("the call is over")
        if self._connection is not None:
            self._connection.close()
