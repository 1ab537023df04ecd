"""The server behind a bridge that is driven."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicelab.errors import InputError
from voicelab.lab.agents import AgentSource
from voicelab.lab.drive.upstream import Wrap
from voicelab.scenario.model import Scenario
from voicelab.serve.admission import Admission
from voicelab.serve.options import ServeOptions
from voicelab.serve.rehearsal import rehearse
from voicelab.serve.server import RealtimeServer
from voicelab.serve.sessions import AgentSessions, MadeSession, SessionSource


@dataclass(frozen=True)
class _Wrapped:
    """Sessions with something around each."""

    inner: SessionSource
    wrap: Wrap

    def session(self, ordinal: int, admission: Admission) -> MadeSession:
        """Return a new session."""
        made = self.inner.session(ordinal, admission)
        return replace(made, hosted=self.wrap(made.hosted, made.config))


class EmbeddedUpstream:
    """A server in the process and on the loop of whoever drives.

    Args:
        scenario: the voice-activity detector, the faults and the seed of its sessions.
        options: where to listen and whom to let in.
    """

    def __init__(self, scenario: Scenario, options: ServeOptions) -> None:
        self._scenario = scenario
        self._options = options
        self._server: RealtimeServer | None = None

    @property
    def url(self) -> str:
        """Where clients open sessions; known once it listens."""
        return self._listening.url

    @property
    def http_url(self) -> str:
        """The base URL that clients make the other from."""
        return self._listening.http_url

    @property
    def _listening(self) -> RealtimeServer:
        assert self._server is not None, "it has not been started"
        return self._server

    async def start(self, agents: AgentSource, wrap: Wrap) -> None:
        """Listen.

        Raises:
            InputError: the address cannot be listened on.
        """
        scenario = self._scenario
        sessions = AgentSessions(
            agents=agents,
            vad=scenario.agent.vad,
            seed=scenario.seed,
            faults=scenario.faults,
        )
        rehearse(sessions.session(0, Admission(model="rehearsal")).hosted)
        self._server = RealtimeServer(_Wrapped(sessions, wrap), self._options)
        try:
            await self._server.start()
        except InputError as error:
            raise InputError(
                error.problem,
                fix="give another --serve-host or --serve-port, and point the bridge "
                "at it",
            ) from error

    async def stop(self) -> None:
        """End all sessions, and listen no more."""
        await self._listening.stop(drain_s=0)
