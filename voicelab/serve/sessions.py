"""Makes the session of each client that is let in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from voicelab.clock import unix_s
from voicelab.errors import InputError
from voicelab.faults import Fault, with_faults
from voicelab.lab.agents import AgentSource, AssistantAgents, ScenarioAgents
from voicelab.lab.end_of_turn import end_of_turn_of, warm_up
from voicelab.lab.live_agents import CascadeAgents, EchoAgents
from voicelab.lab.materials import gather
from voicelab.lab.stages import gather_stages
from voicelab.protocol.ids import IdSource
from voicelab.responders.profile import load_profile
from voicelab.scenario.model import (
    DEFAULT_PROFILE,
    DEFAULT_VAD,
    Agent,
    Cascade,
    Scenario,
)
from voicelab.serve.admission import Admission
from voicelab.serve.rehearsal import rehearse
from voicelab.serve.threads import Threads, ThreadWork
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
        work: does what its models have to do, once it is attached; None if it has
            none.
    """

    hosted: HostedSession
    config: SessionConfig
    work: ThreadWork | None = None


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
        threads: where models compute.
        about: who answers, for people and logs: `responder`, and what there is to say
            of it, by name. No secret is in it.
    """

    agents: AgentSource
    vad: str = DEFAULT_VAD
    seed: int = 0
    same_seed: bool = False
    lifetime_s: int = SESSION_LIFETIME_S
    faults: tuple[Fault, ...] = ()
    threads: Threads = field(default_factory=Threads)
    about: Mapping[str, str] = field(default_factory=dict)

    def session(self, ordinal: int, admission: Admission) -> MadeSession:
        """Return a new session."""
        seed = self.seed if self.same_seed else self.seed + ordinal
        work = ThreadWork(self.threads)
        agent = self.agents.agent_for(seed, work)
        session = ServerSession(
            scorer=make_scorer(self.vad),
            responder=agent.responder,
            ids=IdSource(seed, "server"),
            transcriber=agent.transcriber,
            detection_delay=agent.detection_delay,
            end_of_turn=end_of_turn_of(agent, work),
            early=agent.early,
            options=ServerOptions(
                model=admission.model,
                opened_unix_s=unix_s(),
                lifetime_s=self.lifetime_s,
                session=admission.session,
            ),
        )
        hosted = with_faults(session, self.faults, seed)
        return MadeSession(hosted, session.config, work)


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
    sessions = AgentSessions(
        agents=AssistantAgents(load_profile(profile)),
        seed=seed,
        lifetime_s=lifetime_s,
        faults=tuple(faults),
        about={"responder": "assistant", "profile": profile},
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
    materials = gather(scenario)
    if materials.stages is not None:
        materials.stages.warm_up()
    sessions = AgentSessions(
        agents=ScenarioAgents(materials, scenario.seed),
        vad=scenario.agent.vad,
        seed=scenario.seed,
        same_seed=True,
        lifetime_s=lifetime_s,
        faults=(*scenario.faults, *faults),
        about={"scenario": scenario.name, **_about(scenario.agent)},
    )
    return _rehearsed(sessions)


def cascade_sessions(
    stages: Cascade,
    *,
    vad: str = DEFAULT_VAD,
    seed: int = 0,
    lifetime_s: int = SESSION_LIFETIME_S,
    faults: Sequence[Fault] = (),
) -> AgentSessions:
    """Return sessions with an agent that hears, answers and speaks by itself.

    Args:
        stages: how; they need ears, a chat and a voice that are not the recording's.
        vad: the name of the voice-activity scorer.
        seed: decides what is drawn.
        lifetime_s: when a session expires.
        faults: what goes wrong on purpose.

    Raises:
        MissingPartError: a package that a stage needs is not installed.
        InputError: a stage is missing, or a file cannot be used.
    """
    agent = Agent(responder="cascade", cascade=stages)
    for key, stage in (("stt", stages.stt), ("tts", stages.tts)):
        if stage in {"labels", "recorded"}:
            raise InputError(
                f"{key} {stage} needs a recording to go by",
                fix="name a recogniser and a voice, or give a scenario",
            )
    if agent.says_recorded:
        raise InputError("this agent has no replies", fix="give chat rules, or echo")
    gathered = gather_stages(agent, keeps=False)
    assert gathered is not None
    gathered.warm_up()
    sessions = AgentSessions(
        agents=CascadeAgents(gathered, load_profile(DEFAULT_PROFILE)),
        vad=vad,
        seed=seed,
        lifetime_s=lifetime_s,
        faults=tuple(faults),
        about=_about(agent),
    )
    return _rehearsed(sessions)


def echo_sessions(
    *,
    profile: str = DEFAULT_PROFILE,
    seed: int = 0,
    lifetime_s: int = SESSION_LIFETIME_S,
    faults: Sequence[Fault] = (),
) -> AgentSessions:
    """Return sessions with an agent that plays everybody's own words back.

    Args:
        profile: how fast: the name or the file of a latency profile.
        seed: decides what is drawn.
        lifetime_s: when a session expires.
        faults: what goes wrong on purpose.

    Raises:
        InputError: the profile cannot be used.
    """
    sessions = AgentSessions(
        agents=EchoAgents(load_profile(profile)),
        seed=seed,
        lifetime_s=lifetime_s,
        faults=tuple(faults),
        about={"responder": "echo", "profile": profile},
    )
    return _rehearsed(sessions)


def _about(agent: Agent) -> dict[str, str]:
    """Return who answers: of a chat endpoint its model and host, nothing else."""
    stages = agent.stages
    if stages is None:
        return {"responder": agent.responder, "profile": agent.profile}
    about: dict[str, str] = {"responder": agent.responder, "stt": stages.stt}
    endpoint = stages.endpoint
    if stages.chat == "endpoint" and endpoint is not None:
        about |= {"chat_model": endpoint.model, "chat_host": endpoint.host}
    elif stages.chat == "rules":
        about["rules"] = stages.rules
    else:
        about["chat"] = str(stages.chat)
    return about | {"voice": stages.tts}


def _rehearsed(sessions: AgentSessions) -> AgentSessions:
    """Return the sessions, after one of them was played to nobody."""
    warm_up()
    rehearse(sessions.session(0, Admission(model="rehearsal")).hosted)
    return sessions
