"""The client application of a call: the lab's own, with a player at the leg's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voicelab.clock import Timebase
from voicelab.lab.app import ClientApp
from voicelab.lab.hearing import Silence
from voicelab.lab.interruption import Reaction
from voicelab.playback.policies import policy_named
from voicelab.playback.remote import RemotePlayer
from voicelab.playback.settings import BROWSER
from voicelab.playback.unacknowledged import UnacknowledgedPlayer
from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.record.client_record import ClientRecord
from voicelab.serve.bridges.leg import CallBegins, Leg
from voicelab.serve.bridges.leg_socket import LegSocket
from voicelab.serve.bridges.session import CallSession
from voicelab.serve.bridges.speaker import Speaker
from voicelab.serve.bridges.voices import AgentVoice, CallerVoice
from voicelab.session.client import ClientSession
from voicelab.transport.connection import Connection, HangUpListener
from voicelab.units import ms_to_samples


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a call's client is connected to.

    Attributes:
        leg: the caller's side; its call has begun.
        socket: the connection to it.
        session: what is asked for.
        connection: the connection to the Realtime server.
        record: is told of everything.
        time: the clock of the call.
        observe: told of each event of the server.
        on_hang_up: told if the server ends the connection.
    """

    leg: Leg
    socket: LegSocket
    session: CallSession
    connection: Connection
    record: ClientRecord
    time: Timebase
    observe: Callable[[ServerEvent | UnknownServerEvent], None]
    on_hang_up: HangUpListener


class CallClient:
    """Talks to the Realtime server for the caller at the end of a leg.

    Args:
        around: what it is connected to.
        policy: the truncation policy, by name.
        begins: what the leg's provider plays like.
        number: the call's, which seeds the ids of its events.
    """

    def __init__(
        self, around: Surroundings, policy: str, *, begins: CallBegins, number: int
    ) -> None:
        leg, session, time = around.leg, around.session, around.time
        rate_hz = session.downlink.rate_hz
        voice = AgentVoice(session.downlink, leg.codec)
        speaker = Speaker(leg, around.socket, voice, rate_hz)
        self._time = time
        frame_samples = max(ms_to_samples(begins.frame_ms, rate_hz), 1)
        remote = RemotePlayer(speaker, rate_hz, frame_samples)
        self._remote = remote if begins.acknowledges else None
        self._voice = CallerVoice(leg.codec, session.uplink)
        self._app = ClientApp(
            ClientSession(IdSource(number, "bridge")),
            around.connection,
            self._remote or UnacknowledgedPlayer(speaker, BROWSER, rate_hz),
            Reaction(policy_named(policy)),
            settings=session.wire,
            time=time,
            uplink=session.uplink,
            downlink=session.downlink,
            recorder=around.record,
            hearer=_Nobody(),
            on_change=_nothing,
            on_hang_up=around.on_hang_up,
            functions={},
            observe=around.observe,
        )

    async def open(self) -> None:
        """Ask for the session, and wait until the server has confirmed it.

        Raises:
            EndpointError: it does not, or refuses it, or hangs up.
        """
        await self._app.open()

    def let_agent_begin(self) -> None:
        """Ask for a response that no turn of the caller comes before."""
        self._app.let_agent_begin()

    def hear(self, data: bytes) -> None:
        """Send the caller's next audio on, as soon as it fills a frame.

        Raises:
            ValueError: there is half a sample in it.
        """
        for frame in self._voice.frames(data):
            self._app.send_audio(frame)

    def mark_reached(self, name: str) -> None:
        """Take note that the far side played up to a mark."""
        now_ns = self._time.now_ns()
        if self._remote is not None and self._remote.acknowledged(name, now_ns):
            self._app.player_reported()

    def close(self) -> None:
        """Hang up."""
        self._app.close()


class _Nobody:
    """Who listens to the agent is at the far end of the leg."""

    def agent_heard(self, now_ns: int) -> None:
        """Pass it over."""

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        """Pass it over."""

    def agent_will_end(self, t_ns: int) -> None:
        """Pass it over."""


def _nothing() -> None:
    """Nobody reacts to anything: the caller is real."""
