"""Makes the session of each client that is let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from voicelab.clock import unix_s
from voicelab.faults import Fault, with_faults
from voicelab.lab.agents import AgentSource, AssistantAgents, ScenarioAgents
from voicelab.lab.materials import gather
from voicelab.protocol.ids import IdSource
from voicelab.responders.profile import load_profile
from voicelab.scenario.model import DEFAULT_PROFILE, DEFAULT_VAD, Scenario
from voicelab.serve.admission import Admission
from voicelab.serve.rehearsal import rehearse
from voicelab.session.config import SessionConfig
from voicelab.session.hosted import HostedSession
from voicelab.session.server import SESSION_LIFETIME_S, ServerOptions, ServerSession
from voicelab.speech.scorers import make_scorer


@dataclass(frozen=True, slots=True)
class MadeSession:
    """A session, and what it holds that others want to know.

    Attributes:
        hosted: the session, with its faults around it if it has any.
        config: its configuration, which follows what the client sets.
    """

    hosted: HostedSession
    config: SessionConfig


class SessionSource(Protocol):
    """Makes sessions."""

    def session(self, ordinal: int, admission: Admission) -> MadeSession:
        """Return a new session.

        Args:
            ordinal: how many sessions there were before.
            admission: what the client gets.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class AgentSessions:
    """Makes sessions with an agent.

    Attributes:
        agents: where the agents come from.
        vad: the name of the voice-activity scorer.
        seed: the seed of the first session.
        same_seed: whether it is that of all others, too; else they count on from it.
        lifetime_s: when a session expires.
        faults: what goes wrong on purpose in each session.
    """

    agents: AgentSource
    vad: str = DEFAULT_VAD
    seed: int = 0
    same_seed: bool = False
    lifetime_s: int = SESSION_LIFETIME_S
    faults: tuple[Fault, ...] = ()

    def session(self, ordinal: int, admission: Admission) -> MadeSession:
        """Return a new session."""
        seed = self.seed if self.same_seed else self.seed + ordinal
        agent = self.agents.agent_for(seed)
        session = ServerSession(
            scorer=make_scorer(self.vad),
            responder=agent.responder,
            ids=IdSource(seed, "server"),
            transcriber=agent.transcriber,
            detection_delay=agent.detection_delay,
            options=ServerOptions(
                model=admission.model,
                opened_unix_s=unix_s(),
                lifetime_s=self.lifetime_s,
                session=admission.session,
            ),
        )
        return MadeSession(with_faults(session, self.faults, seed), session.config)


def assistant_sessions(
    *,
    profile: str = DEFAULT_PROFILE,
    seed: int = 0,
    lifetime_s: int = SESSION_LIFETIME_S,
    faults: Sequence[Fault] = (),
) -> AgentSessions:
    """Return sessions with an assistant for anybody.

    Args:
        profile: how fast it speaks: the name or the file of a latency profile.
        seed: decides what it says when.
        lifetime_s: when a session expires.
        faults: what goes wrong on purpose.

    Raises:
        InputError: the profile cannot be used, or the bundled data is missing.
    """
    agents = AssistantAgents(load_profile(profile))
    sessions = AgentSessions(
        agents=agents, seed=seed, lifetime_s=lifetime_s, faults=tuple(faults)
    )
    return _rehearsed(sessions)


def scenario_sessions(
    scenario: Scenario,
    *,
    lifetime_s: int = SESSION_LIFETIME_S,
    faults: Sequence[Fault] = (),
) -> AgentSessions:
    """Return sessions with the agent of a scenario, each as its virtual run has it.

    Args:
        scenario: what it answers, how fast, with which VAD and which seed.
        lifetime_s: when a session expires.
        faults: what goes wrong on purpose, besides the scenario's own.

    Raises:
        InputError: a file of the scenario cannot be used.
    """
    sessions = AgentSessions(
        agents=ScenarioAgents(gather(scenario), scenario.seed),
        vad=scenario.agent.vad,
        seed=scenario.seed,
        same_seed=True,
        lifetime_s=lifetime_s,
        faults=(*scenario.faults, *faults),
    )
    return _rehearsed(sessions)


def _rehearsed(sessions: AgentSessions) -> AgentSessions:
    """Return the sessions, after one of them was played to nobody."""
    rehearse(sessions.session(0, Admission(model="rehearsal")).hosted)
    return sessions
