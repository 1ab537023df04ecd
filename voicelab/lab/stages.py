"""The stages of a cascade: found before a run, put together for each session."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from voicelab.audio.pcm import Samples
from voicelab.audio.wav import read_audio
from voicelab.lab.fatal import fatal_of
from voicelab.paths import data_dir
from voicelab.responders.cascade import (
    CascadeProfile,
    CascadeResponder,
    Chat,
    Clause,
    Ears,
    EchoChat,
    HearingTranscriber,
    KnownEars,
    Mouth,
    RecogniserEars,
    RecordedMouth,
    SharedHearing,
    Stages,
    VoiceMouth,
    find_cascade_profile,
    load_cascade_profile,
)
from voicelab.responders.cascade.rules import RuleChat, Rules, find_rules, load_rules
from voicelab.responders.scripted import Render
from voicelab.scenario.model import Agent, Cascade
from voicelab.session.reply import (
    CallerAudio,
    EarlyHearing,
    Responder,
    Transcriber,
)
from voicelab.session.semantic import PartialText
from voicelab.session.work import INLINE, Work
from voicelab.speech.end_of_turn import TurnAudio

_WARM_HZ = 16_000


@dataclass(frozen=True)
class StagedAgent:
    """The parts of a session's agent that come from its stages.

    Attributes:
        responder: speaks.
        transcriber: hears, with the same ears.
        partial_text: tells the words of a turn that goes on, if they are worked out.
        early: begins to work them out when the caller pauses; None if they are known.
    """

    responder: Responder
    transcriber: Transcriber
    partial_text: PartialText | None
    early: EarlyHearing | None


@dataclass(frozen=True)
class StageMaterials:
    """What the stages of a cascade need, shared by all sessions.

    Attributes:
        options: which stages.
        profile: what they take where that is not measured.
        ears: recognise; None if the words are known.
        chat: answers; None for the agent's own replies.
        mouth: speaks; None for the replies' own audio.
        files: what was read.
        functions: what the functions that the rules call return, as JSON, by name.
    """

    options: Cascade
    profile: CascadeProfile
    ears: RecogniserEars | None
    chat: Chat | None
    mouth: Mouth | None
    files: tuple[Path, ...]
    functions: dict[str, str]

    @property
    def plays(self) -> bool:
        """Whether the replies are heard as they were recorded."""
        return self.mouth is None

    def make(
        self,
        replies: Chat,
        hear: Callable[[CallerAudio], str | None],
        render: Render,
        seed: int,
        work: Work,
    ) -> StagedAgent:
        """Put the stages together for one session.

        Args:
            replies: the agent's own replies.
            hear: tells the words of the audio to ears that know them.
            render: returns a reply's audio at a rate and speed.
            seed: of all that is drawn.
            work: does what the models have to do. Stages that stand in for real
                ones take what they are charged, whoever works for the others.
        """
        sampler = self.profile.sampler(seed)
        fatal = fatal_of(work)
        ears: Ears = self.ears or KnownEars(hear)
        hearing = SharedHearing(ears, _for(ears, work), sampler.stt_final_ns, fatal)
        chat = self.chat or replies
        if self.options.chat == "endpoint" and work.charges:
            chat = _remembered(chat)
        mouth = self.mouth or RecordedMouth(render)
        stages = Stages(
            hearing=hearing,
            chat=chat,
            chat_work=_for(chat, work),
            mouth=mouth,
            mouth_work=_for(mouth, work),
            sampler=sampler,
            fallback=self.options.fallback if self.mouth is not None else "",
            fatal=fatal,
        )
        works_out = self.ears is not None
        so_far = None if self.ears is None else RecognisedSoFar(self.ears, hearing)
        return StagedAgent(
            CascadeResponder(stages),
            HearingTranscriber(hearing),
            so_far,
            hearing if works_out else None,
        )

    def warm_up(self) -> None:
        """Load the models, so that the first caller need not wait for that.

        Raises:
            InputError: a model is damaged, or the key of the chat is not there.
        """
        from voicelab.responders.chat.client import (  # noqa: PLC0415 -- slow
            EndpointChat,
        )

        if self.ears is not None:
            self.ears.warm_up(_speech())
        mouth = _mouth(self.options.tts, keeps=False)  # what is kept loads no model
        if mouth is not None:
            mouth.say(Clause("Hello."), _WARM_HZ, 1.0)
        if isinstance(self.chat, EndpointChat):
            self.chat.check_key()

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of the stages; no secret is in it."""
        ears = "labels" if self.ears is None else self.ears.identity
        chat = "replies" if self.chat is None else self.chat.identity
        mouth = "recorded" if self.mouth is None else self.mouth.identity
        profile = msgspec.to_builtins(self.profile)
        return {"stt": ears, "chat": chat, "tts": mouth, "profile": profile}


def _speech() -> Samples:
    """Return a second of speech: for less no recogniser asks its model."""
    file = data_dir() / "conversations" / "dentist.reply-4.wav"
    return read_audio(file, channel=0, rate_hz=_WARM_HZ).samples[:_WARM_HZ]


class RecognisedSoFar:
    """Tells the words of a turn that goes on by recognising what there is of it.

    Args:
        ears: do.
        hearing: may have begun to.
    """

    def __init__(self, ears: RecogniserEars, hearing: SharedHearing) -> None:
        self._ears = ears
        self._hearing = hearing

    def text(self, start_ms: int, until_ms: int, audio: TurnAudio) -> str | None:
        """Return the words."""
        words = self._hearing.words_so_far(start_ms, until_ms)
        return self._ears.recognise(audio.samples()) if words is None else words()


def gather_stages(agent: Agent, *, keeps: bool = True) -> StageMaterials | None:
    """Find what an agent's stages need; None if it goes through none.

    Args:
        agent: the agent.
        keeps: whether what was recognised and spoken is kept on disk, to be found
            again. What a stranger says to a server is not.

    Raises:
        MissingPartError: a package that a stage needs is not installed.
        InputError: a file is missing or wrong.
    """
    options = agent.stages
    if options is None:
        return None
    files = [find_cascade_profile(options.profile)]
    rules: Rules | None = None
    if options.chat == "rules":
        files.append(find_rules(options.rules))
        rules = load_rules(options.rules)
    return StageMaterials(
        options=options,
        profile=load_cascade_profile(options.profile),
        ears=_ears(options.stt, keeps=keeps),
        chat=_chat(options, rules),
        mouth=_mouth(options.tts, keeps=keeps or options.chat == "rules"),
        files=tuple(files),
        functions={} if rules is None else _functions(rules),
    )


def _ears(name: str, *, keeps: bool) -> RecogniserEars | None:
    if name == "labels":
        return None
    from voicelab.speech.stt import make_recogniser  # noqa: PLC0415 -- slow

    return RecogniserEars(make_recogniser(name, cached=keeps))


def _mouth(name: str, *, keeps: bool) -> Mouth | None:
    if name == "recorded":
        return None
    from voicelab.speech.tts import make_voice  # noqa: PLC0415 -- slow

    return VoiceMouth(make_voice(name, cached=keeps))


def _chat(options: Cascade, rules: Rules | None) -> Chat | None:
    if rules is not None:
        return RuleChat(rules)
    if options.chat == "echo":
        return EchoChat()
    if options.endpoint is not None:
        from voicelab.responders.chat.client import (  # noqa: PLC0415 -- slow
            EndpointChat,
        )

        return EndpointChat(options.endpoint)
    return None


def _remembered(chat: Chat) -> Chat:
    """Return a chat that answers as it did before; virtual runs are to be equal."""
    from voicelab.responders.chat.client import (  # noqa: PLC0415 -- slow
        EndpointChat,
        RememberedChat,
    )

    return RememberedChat(chat) if isinstance(chat, EndpointChat) else chat


def _functions(rules: Rules) -> dict[str, str]:
    calls = (rule.function_call for rule in rules.rules)
    return {call.name: json.dumps(call.output) for call in calls if call is not None}


def _for(stage: Ears | Chat | Mouth, work: Work) -> Work:
    return INLINE if stage.is_stand_in else work
