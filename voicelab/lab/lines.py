"""How the lab's client reaches a server: a line, in memory or over the network."""

from __future__ import annotations

from typing import Protocol

from voicelab.clock import Timebase
from voicelab.faults import with_faults
from voicelab.lab.agents import knowing_agent
from voicelab.lab.end_of_turn import end_of_turn_of
from voicelab.lab.materials import Materials
from voicelab.lab.spoken import SpokenTurns
from voicelab.protocol.ids import IdSource
from voicelab.record.recorder import Recorder
from voicelab.scenario.model import Link, Scenario
from voicelab.session.server import ServerSession
from voicelab.speech.vad import VadScorer
from voicelab.transport.connection import Connection
from voicelab.transport.host import SessionHost
from voicelab.transport.link import BurstSettings, LinkSettings, Network
from voicelab.transport.memory import memory_pair
from voicelab.units import MS_PER_S


class Line(Protocol):
    """Connects one conversation with a server.

    Attributes:
        network: what is emulated between the client and the server.
    """

    network: Network

    async def connect(
        self, time: Timebase, recorder: Recorder, spoken: SpokenTurns
    ) -> Connection:
        """Return the client's end.

        Args:
            time: the clock of the conversation.
            recorder: sees what the server does, if the server is ours.
            spoken: what the caller will have said, for a server that knows.

        Raises:
            EndpointError: there is no server, or it does not let us in.
        """
        ...

    async def hang_up(self) -> None:
        """End what is left of the connection; the client has hung up."""
        ...


def emulated_network(scenario: Scenario) -> Network:
    """Return the network that a scenario puts between client and server."""
    up, down = scenario.channel.uplink, scenario.channel.downlink
    return Network(_settings(up), _settings(down), seed=scenario.seed)


def _settings(link: Link) -> LinkSettings:
    bursts = link.bursts
    return LinkSettings(
        link.delay_ms,
        link.jitter_ms,
        link.loss_rate,
        None
        if bursts is None
        else BurstSettings(bursts.every_s * MS_PER_S, bursts.lasts_ms),
    )


class MemoryLine:
    """A line to an embedded server that is part of the run.

    Args:
        scenario: what to do.
        materials: what to do it with.
        scorer: voice-activity scores for the server.
    """

    def __init__(
        self, scenario: Scenario, materials: Materials, scorer: VadScorer
    ) -> None:
        self.network = emulated_network(scenario)
        self._seed = scenario.seed
        self._faults = scenario.faults
        self._materials = materials
        self._scorer = scorer
        self._host: SessionHost | None = None

    async def connect(
        self, time: Timebase, recorder: Recorder, spoken: SpokenTurns
    ) -> Connection:
        """Start the server; return the client's end."""
        client_end, server_end = memory_pair(time, self.network)
        session = with_faults(self._session(spoken), self._faults, self._seed)
        self._host = SessionHost(session, server_end, time, recorder)
        self._host.start()
        return client_end

    async def hang_up(self) -> None:
        """Stop the server."""
        if self._host is not None:
            self._host.close()
            self._host = None

    def _session(self, spoken: SpokenTurns) -> ServerSession:
        agent = knowing_agent(self._materials, self._seed, spoken)
        return ServerSession(
            scorer=self._scorer,
            responder=agent.responder,
            transcriber=agent.transcriber,
            detection_delay=agent.detection_delay,
            end_of_turn=end_of_turn_of(agent),
            early=agent.early,
            ids=IdSource(self._seed, "server"),
        )
