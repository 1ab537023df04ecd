"""The client application of a lab run: microphone, player, and what it claims.

It does what a careful Realtime client does: plays agent audio as it arrives, stops
at `speech_started`, and tells the server, by its truncation policy, what was heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from voicelab.audio.formats import AudioFormat
from voicelab.clock import Timebase
from voicelab.errors import EndpointError
from voicelab.lab.hearing import Hearer, Silence
from voicelab.lab.interruption import Interruptions, Reaction
from voicelab.playback.playback import Playback, PlaybackEvent, PlaybackStop
from voicelab.protocol import server_events as ev
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.codec import encode
from voicelab.protocol.items import FunctionCallItem
from voicelab.protocol.response_object import Response
from voicelab.record.client_record import ClientRecord
from voicelab.session.client import ClientSession
from voicelab.transport.connection import Closing, Connection, HangUpListener

HANDSHAKE_TIMEOUT_S = 30
"""A server that has not confirmed the session by then never will."""

NOTHING = "null"
"""What a function returns of which nothing is known."""


class ClientApp:
    """One client on one connection.

    Args:
        session: the sans-IO client session.
        connection: the client's end of the link.
        player: plays the agent.
        reaction: what to stop and what to claim at a barge-in.
        settings: the session object that it asks for.
        uplink: the caller's audio on the wire.
        downlink: the agent's audio on the wire.
        recorder: sees everything.
        on_change: called after anything that the caller may react to.
        on_hang_up: called if the server ends the connection.
        functions: what each function returns, as JSON, by its name.
        observe: told of each event that is received; None if nobody asks.
    """

    def __init__(
        self,
        session: ClientSession,
        connection: Connection,
        player: Playback,
        reaction: Reaction,
        *,
        settings: Mapping[str, Any],
        time: Timebase,
        uplink: AudioFormat,
        downlink: AudioFormat,
        recorder: ClientRecord,
        hearer: Hearer,
        on_change: Callable[[], None],
        on_hang_up: HangUpListener,
        functions: Mapping[str, str],
        observe: Callable[[ev.ServerEvent | ev.UnknownServerEvent], None] | None = None,
    ) -> None:
        self.session = session
        self._connection = connection
        self._player = player
        self._settings = dict(settings)
        self._confirmed = asyncio.Event()
        self._refusal: str | None = None  # why the session did not come about
        self._hung_up: Closing | None = None
        self._time = time
        self._format = downlink
        self._recorder = recorder
        self._hearer = hearer
        self._on_change = on_change
        self._on_hang_up = on_hang_up
        self._functions = functions
        self._observe = observe
        self._timer: asyncio.TimerHandle | None = None
        self._armed_ns: int | None = None
        self._audible = False
        self._owes_end = False  # what was played is to be heard to its end
        self._awaits_response = False  # one was asked for and is to come
        self._unwanted = False  # it was cancelled since
        self._answered: set[str] = set()  # calls; no function is run twice for one
        self._interruptions = Interruptions(
            session,
            player,
            reaction,
            time=time,
            recorder=recorder,
            send=self.send,
            uplink=uplink,
            rate_hz=downlink.rate_hz,
        )
        connection.set_receiver(self._received, self._server_hung_up)

    # -- the session ----------------------------------------------------------

    async def open(self) -> None:
        """Ask for the session, and wait until the server has confirmed it.

        Raises:
            EndpointError: it does not, or refuses it, or hangs up.
        """
        self.send(self.session.update(self._settings))
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                await self._confirmed.wait()
        except TimeoutError:
            raise EndpointError(
                f"the server did not confirm the session within {HANDSHAKE_TIMEOUT_S} s"
            ) from None
        if self._refusal is not None:
            raise EndpointError(f"the server refused the session: {self._refusal}")
        if self._hung_up is not None:
            raise EndpointError(f"the server hung up ({self._hung_up})")

    def _server_hung_up(self, closing: Closing) -> None:
        self._hung_up = closing
        self._confirmed.set()
        self._on_hang_up(closing)

    def let_agent_begin(self) -> None:
        """Ask for a response that no turn of the caller comes before."""
        self.send(self.session.create_response())

    # -- sending ------------------------------------------------------------

    def send(self, event: ClientEvent) -> None:
        """Send an event."""
        self._recorder.client_sent(event)
        self._connection.send(encode(event))

    def send_audio(self, audio: bytes) -> None:
        """Send a microphone frame."""
        self._interruptions.microphone_sent(audio)
        self._recorder.client_appended(audio)
        self._connection.send(encode(self.session.append(audio)))

    # -- receiving ----------------------------------------------------------

    def _received(self, message: bytes) -> None:
        event = self.session.receive(message)
        self._recorder.client_received(event)
        if self._observe is not None:
            self._observe(event)
        if isinstance(event, ev.ResponseOutputAudioDelta):
            self._audio_arrived(event)
        elif isinstance(event, ev.InputAudioBufferSpeechStarted):
            self._speech_started(event)
        elif isinstance(event, ev.ResponseDone):
            self._response_done(event.response)
        elif isinstance(event, ev.ResponseCreated):
            self._awaits_response = False
            if self._unwanted:  # it was cancelled before it was announced
                self._unwanted = False
                self.session.interrupt()
        elif isinstance(event, ev.SessionUpdated):
            self._confirmed.set()
        elif isinstance(event, ev.ErrorEvent) and not self._confirmed.is_set():
            self._refusal = _said(event.error)
            self._confirmed.set()

    def _audio_arrived(self, event: ev.ResponseOutputAudioDelta) -> None:
        samples = self._format.sample_count(len(event.delta))
        item = self.session.audio_received(event, samples)
        if self.session.is_stale(event.response_id):
            self._interruptions.dropped(item)
            return
        now_ns = self._time.now_ns()
        self._play(now_ns)
        self._interruptions.audio_arrived(event.item_id)
        self._player.enqueue(event.item_id, samples, now_ns, event.delta)
        self._owes_end = True
        self._arm()

    def _response_done(self, response: Response) -> None:
        if response.status == "completed":
            self._answer_calls(response)
        ends_ns = self._player.silent_at_ear_ns()
        if ends_ns is None:
            self._check_finished()
        elif self._owes_end and not self._awaits_response:
            self._hearer.agent_will_end(ends_ns)
        self._on_change()

    def _answer_calls(self, response: Response) -> None:
        """Run the functions that the agent called and let it go on."""
        calls = {
            str(item.call_id): item.name
            for item in response.output
            if isinstance(item, FunctionCallItem)
            and str(item.call_id) not in self._answered
        }
        for call_id, name in calls.items():
            self._answered.add(call_id)
            output = self._functions.get(name, NOTHING)
            self.send(self.session.return_output(call_id, output))
        if calls:
            self._awaits_response = True
            self.send(self.session.create_response())

    # -- the barge-in -------------------------------------------------------

    def _speech_started(self, event: ev.InputAudioBufferSpeechStarted) -> None:
        """Let the caller interrupt, if the session says so."""
        if self.session.interrupts_response:
            self._interrupt(event.item_id)

    def turn_begins(self) -> None:
        """The caller begins a turn; without turn detection the client says so.

        It does what detection would do at the server: break off the agent, and
        leave out of the turn what was heard before it.
        """
        if not self.session.turns_are_manual:
            return
        if self._awaits_response or self.session.active_response_id is not None:
            self._unwanted = self._awaits_response
            self.send(self.session.cancel())
        self._interrupt(None)
        self.send(self.session.clear())

    def turn_ends(self) -> None:
        """The caller's turn is over and sent: without turn detection, say so."""
        if not self.session.turns_are_manual:
            return
        self.send(self.session.commit())
        self._awaits_response = True
        self.send(self.session.create_response())

    def _interrupt(self, trigger: str | None) -> None:
        """Stop playing and tell the server what was heard of what."""
        now_ns = self._time.now_ns()
        self._play(now_ns)
        if self._interruptions.interrupt(trigger, now_ns):
            self._owes_end = False
        self._arm()

    # -- playing ------------------------------------------------------------

    def _play(self, now_ns: int) -> None:
        for event in self._player.advance(now_ns):
            self._recorder.playback(event)
            if event.place == "ear":
                self._heard(event)

    def _heard(self, event: PlaybackEvent) -> None:
        if not isinstance(event, PlaybackStop):
            if not self._audible:
                self._audible = True
                self._hearer.agent_heard(event.t_ns)
            return
        if self._player.busy and event.reason == "drained":
            return  # the next item follows without a gap, or is on its way
        self._audible = False
        if event.reason == "interrupted":
            self._hearer.agent_silent(event.t_ns, "interrupted")
        elif not self._check_finished():
            why: Silence = "stalled" if self._owes_end else "interrupted"
            self._hearer.agent_silent(event.t_ns, why)

    def _check_finished(self) -> bool:
        """Tell the hearer if all was said and heard; return whether it was."""
        more = self._awaits_response or self.session.active_response_id is not None
        if self._player.busy or more or not self._owes_end:
            return False
        self._owes_end = False
        self._audible = False
        self._hearer.agent_silent(self._time.now_ns(), "finished")
        return True

    def player_reported(self) -> None:
        """Take note of what a player tells that is elsewhere: its marks come back."""
        self._play(self._time.now_ns())
        self._arm()
        self._on_change()

    def catch_up(self) -> None:
        """Tell by now what a timer that is late has not told yet."""
        due_ns = self._player.next_deadline()
        if due_ns is not None and due_ns < self._time.now_ns():
            self._due()

    def _due(self) -> None:
        self._armed_ns = None
        self._play(self._time.now_ns())
        self._arm()
        self._on_change()

    def _arm(self) -> None:
        """Wait for the player's next event.

        Audio that arrives only moves a far deadline further away, so a timer that
        is early enough is left alone.
        """
        due_ns = self._player.next_deadline()
        if due_ns is None or (self._armed_ns is not None and self._armed_ns <= due_ns):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_ns = due_ns
        self._timer = self._time.call_at_ns(due_ns, self._due)

    def close(self) -> None:
        """Stop playing and hang up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._connection.close()


def _said(error: ev.ErrorDetail) -> str:
    """Return what an error says, with its code."""
    code = f" ({error.code})" if isinstance(error.code, str) else ""
    return f"{error.message.strip()}{code}"
