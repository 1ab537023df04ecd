"""What speaks, and what listens, in one session of a server.

An `AgentSource` belongs to a server and makes an `Agent` for each session. What is
large, audio above all, belongs to the source and is shared by its sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.lab.materials import Materials, gather
from voicelab.lab.phrases import LINES, OPENINGS, Source, cut
from voicelab.lab.recognition import ClipIndex
from voicelab.lab.so_far import HeardSoFar, SaidSoFar
from voicelab.lab.spoken import HeardOrder, HeardTurns, RecordedOrder, SpokenTurns
from voicelab.lab.turns import CallerTurn
from voicelab.responders.assistant import Assistant
from voicelab.responders.cascade import ReplyChat
from voicelab.responders.echo import EchoResponder
from voicelab.responders.profile import LatencyProfile, LatencySampler
from voicelab.responders.script import ScriptedReply, Speech
from voicelab.responders.scripted import (
    Chooser,
    Render,
    ScriptedResponder,
    Speaker,
    in_order,
)
from voicelab.responders.shared_speech import SharedSpeech
from voicelab.scenario.library import find_scenario, scenario_names
from voicelab.scenario.load import load_scenario
from voicelab.scenario.override import override
from voicelab.session.delayed_turns import DelayDraw, no_delay
from voicelab.session.reply import (
    CallerAudio,
    EarlyHearing,
    ReplyRequest,
    Responder,
    Transcriber,
    TranscriptStream,
)
from voicelab.session.semantic import PartialText
from voicelab.session.transcription import AfterDelay
from voicelab.session.work import INLINE, Work


@dataclass(frozen=True, slots=True)
class Agent:
    """The parts of one session that are not the server's own.

    Attributes:
        responder: speaks.
        transcriber: hears the caller's words; None if nobody does.
        detection_delay: how late turn changes take effect.
        end_of_turn_delay: how long judging a pause takes, in virtual time.
        partial_text: tells the caller's words while a turn goes on; None if nobody
            knows them.
        early: hears turns at their pauses; None if nobody does.
    """

    responder: Responder
    transcriber: Transcriber | None = None
    detection_delay: DelayDraw = no_delay
    end_of_turn_delay: DelayDraw = no_delay
    partial_text: PartialText | None = None
    early: EarlyHearing | None = None


class AgentSource(Protocol):
    """Makes the agents of a server's sessions."""

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent; equal seeds behave alike.

        Args:
            seed: of all that is drawn.
            work: does what its models have to do.
        """
        ...


def knowing_agent(
    materials: Materials, seed: int, spoken: SpokenTurns, work: Work = INLINE
) -> Agent:
    """Return the agent of a run in which it is known what the caller says."""
    order = None
    if materials.reply_after is not None:
        order = RecordedOrder(spoken, materials.reply_after)
    sampler = materials.profile.sampler(seed)
    transcriber = AfterDelay(spoken.words_of)
    agent = _agent(materials, sampler, order, transcriber, materials.render)
    agent = replace(agent, partial_text=SaidSoFar(spoken))
    return _staged(agent, materials, order, spoken.words_of, seed, work)


class ScenarioAgents:
    """The agent of a scenario, for callers who are only heard.

    A caller who plays the scenario's recording gets what they get in a virtual run
    of it, from the same replies, at the same speeds and with the same transcripts.
    Who says something else gets the replies in order, and no transcripts.

    Args:
        materials: what the scenario is made of.
        seed: the scenario's. It holds for each session, so that each is the same
            run again.
    """

    def __init__(self, materials: Materials, seed: int) -> None:
        self._materials = materials
        self._seed = seed
        self._turns = [_without_audio(turn) for turn in materials.turns]
        self._index = _index(materials.turns)
        self._render = SharedSpeech()
        self._render.prepare(_speeches(materials.replies), materials.downlink.rate_hz)

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent, the same for any seed."""
        del seed
        materials = self._materials
        heard = HeardTurns(self._index, self._turns)
        order = None
        if materials.reply_after is not None:
            count = len(materials.replies)
            order = HeardOrder(heard, materials.reply_after, count)
        sampler = materials.profile.sampler(self._seed)
        agent = _agent(materials, sampler, order, _Ears(heard), self._render)
        agent = replace(agent, partial_text=HeardSoFar(self._index, self._turns))
        materials = replace(materials, render=self._render)
        words_of = _words_of(heard)
        return _staged(agent, materials, order, words_of, self._seed, work)


class AssistantAgents:
    """An assistant for anybody, with the bundled agents' voices.

    A caller who plays one of the bundled recordings is recognised, and gets the
    reply that follows there.

    Args:
        profile: how fast it speaks.

    Raises:
        InputError: the bundled data is missing.
    """

    def __init__(self, profile: LatencyProfile) -> None:
        self._profile = profile
        self._render = SharedSpeech()
        self._turns: list[CallerTurn] = []
        self._answers: list[ScriptedReply | None] = []
        by_name = {name: _recorded(name) for name in scenario_names()}
        clips = [turn for materials in by_name.values() for turn in materials.turns]
        self._index = _index(clips)
        for materials in by_name.values():
            self._learn(materials)
        self._openings = _phrases(OPENINGS, by_name)
        self._lines = _phrases(LINES, by_name)
        ready = [*self._openings, *self._lines, *filter(None, self._answers)]
        self._render.prepare(_speeches(ready), AudioFormat.PCM.rate_hz)

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent; the seed decides what it says when."""
        del work  # it has no models
        heard = HeardTurns(self._index, self._turns)
        sampler = self._profile.sampler(seed)
        assistant = Assistant(
            self._openings,
            self._lines,
            Speaker(sampler, self._render),
            seed=seed,
            recall=_Recall(heard, self._answers),
        )
        return Agent(
            assistant,
            _Ears(heard),
            sampler.detection_delay_ns,
            sampler.end_of_turn_delay_ns,
            HeardSoFar(self._index, self._turns),
        )

    def _learn(self, materials: Materials) -> None:
        """Add a conversation to those that are recognised."""
        for turn, reply in zip(
            materials.turns, materials.reply_after or (), strict=True
        ):
            number = len(self._turns)
            self._turns.append(replace(_without_audio(turn), index=number))
            self._answers.append(None if reply is None else materials.replies[reply])


def _speeches(replies: Iterable[ScriptedReply]) -> Iterator[Speech]:
    return (reply.speech for reply in replies if reply.speech is not None)


class _Ears(AfterDelay):
    """Tells the words of audio that is recognised."""

    def __init__(self, heard: HeardTurns) -> None:
        super().__init__(_words_of(heard))
        self._heard = heard

    def transcribe(self, audio: CallerAudio, now_ns: int) -> TranscriptStream:
        """Begin a transcript; commits are recognised in the order they come."""
        self._heard.hear(audio)
        return super().transcribe(audio, now_ns)


class _Recall:
    """Returns the reply to a caller turn that is recognised."""

    def __init__(
        self, heard: HeardTurns, answers: Sequence[ScriptedReply | None]
    ) -> None:
        self._heard = heard
        self._answers = answers

    def __call__(self, request: ReplyRequest) -> ScriptedReply | None:
        turn = self._heard.newest(request).turn
        return None if turn is None else self._answers[turn]


def _words_of(heard: HeardTurns) -> Callable[[CallerAudio], str | None]:
    return lambda audio: heard.hear(audio).words


def _staged(
    agent: Agent,
    materials: Materials,
    choose: Chooser | None,
    hear: Callable[[CallerAudio], str | None],
    seed: int,
    work: Work,
) -> Agent:
    """Return an agent with the responder that goes through stages, if there are any."""
    if materials.echoes:
        sampler = materials.profile.sampler(seed)
        return replace(agent, responder=EchoResponder(sampler, hear))
    if materials.stages is None:
        return agent
    replies = ReplyChat(
        materials.replies,
        choose or in_order(len(materials.replies)),
        plays=materials.stages.plays,
    )
    made = materials.stages.make(replies, hear, materials.render, seed, work)
    return replace(
        agent,
        responder=made.responder,
        transcriber=made.transcriber,
        partial_text=made.partial_text or agent.partial_text,
        early=made.early,
    )


def _agent(
    materials: Materials,
    sampler: LatencySampler,
    choose: Chooser | None,
    transcriber: Transcriber,
    render: Render = Speech.at,
) -> Agent:
    responder = ScriptedResponder(materials.replies, sampler, choose, render)
    return Agent(
        responder,
        transcriber,
        sampler.detection_delay_ns,
        sampler.end_of_turn_delay_ns,
    )


def _recorded(name: str) -> Materials:
    """Return a bundled conversation with the agent as it was recorded."""
    scenario = load_scenario(find_scenario(name))
    return gather(override(scenario, agent={"responder": "recorded", "replies": []}))


def _phrases(
    sources: Sequence[Source], by_name: dict[str, Materials]
) -> list[ScriptedReply]:
    return [cut(by_name[name].replies, phrase) for name, phrase in sources]


def _index(turns: Sequence[CallerTurn]) -> ClipIndex:
    return ClipIndex([(turn.clip, turn.rate_hz) for turn in turns])


def _without_audio(turn: CallerTurn) -> CallerTurn:
    """Let go of a turn's clip, and of the recording that it is part of."""
    return replace(turn, clip=np.zeros(0, np.int16))
