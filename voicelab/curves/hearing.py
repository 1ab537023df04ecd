"""What a detector hears of a recorded caller, and what they really say.

The caller's audio takes the way that it takes in a run, through the same code: mouth,
noise, the channel's stages and packets, the codec, frame by frame, and then the
detector's front end. The drive is fixed, so nothing depends on the agent.

The recording is followed by its own background for as long as the longest silence
needs, so that every turn can end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import vad_frames
from voicelab.curves.conversations import Conversation
from voicelab.curves.grid import Condition
from voicelab.lab.channel import ChannelEffects
from voicelab.lab.materials import CODECS, Materials, gather
from voicelab.lab.microphone import Microphone
from voicelab.lab.mouth import Mouth
from voicelab.lab.turns import CallerTurn
from voicelab.metrics.caller import CallerTurn as SaidTurn
from voicelab.metrics.caller import HeldWord
from voicelab.metrics.overlap import speech_spans
from voicelab.metrics.spans import Span, joined
from voicelab.scenario.model import Scenario
from voicelab.scenario.override import override
from voicelab.speech.cache import cached_score_file
from voicelab.speech.scorers import make_scorer
from voicelab.speech.vad import Frames, Scores
from voicelab.units import (
    MS_PER_S,
    NS_PER_MS,
    ms_to_ns,
    ns_to_samples,
    samples_to_ns,
)

_CODEC_NAMES = {audio_format: name for name, audio_format in CODECS.items()}

_LEAST_REST_S = 3
"""Equal rests make equal audio, whose scores are in the cache."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of the caller, or a backchannel: the truth.

    Instants are nanoseconds from the recording's first sample.

    Attributes:
        kind: `turn` or `backchannel`.
        start_ns: speech onset.
        end_ns: speech offset.
        end_arrives_ns: when the microphone frame with its last sample is complete.
    """

    kind: str
    start_ns: int
    end_ns: int
    end_arrives_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A conversation in one condition, as it reaches detectors.

    Attributes:
        conversation: its name.
        speaker: the caller's voice.
        codec: the coding that it came through.
        noise: the noise by name; None for none but the recording's own.
        snr_db: the level of speech over that noise.
        frame_ms: the length of a microphone frame.
        recording_ns: how long the recording is; a rest follows it.
        spoken: what the caller says, in order.
        speech: where they speak: the inter-pausal units of what they say, joined.
        words: the words that they say, in order.
    """

    conversation: str
    speaker: str
    codec: str
    noise: str | None
    snr_db: float | None
    frame_ms: int
    recording_ns: int
    spoken: tuple[Spoken, ...]
    speech: tuple[Span, ...]
    words: tuple[HeldWord, ...] = ()


def hear(
    conversation: Conversation, condition: Condition, silence_ms: int
) -> tuple[Heard, Frames]:
    """Play a conversation to the detector's ear.

    Args:
        conversation: which.
        condition: what differs from its scenario's channel.
        silence_ms: the longest silence that is to be heard out.

    Returns:
        What there is to know of it, and all of the audio, the rest behind the
        recording included: int16 [n, 512] at 16 kHz.

    Raises:
        InputError: a file of the scenario cannot be used.
    """
    scenario = conversation.scenario
    if condition.changes:
        scenario = override(scenario, channel=condition.changes)
    materials = gather(scenario)
    recording_ns = ms_to_ns(materials.recording_ms)
    rest_s = max(_LEAST_REST_S, -(-silence_ms // MS_PER_S) + 1)
    wire = _on_the_wire(scenario, materials, recording_ns + ms_to_ns(rest_s * MS_PER_S))
    noise = scenario.channel.noise
    frame_ms = scenario.client.frame_ms
    heard = Heard(
        conversation.name,
        conversation.speaker,
        _CODEC_NAMES[materials.uplink],
        None if noise is None else noise.audio,
        None if noise is None else noise.snr_db,
        frame_ms,
        recording_ns,
        tuple(_spoken(turn, frame_ms) for turn in materials.turns),
        tuple(joined(span for turn in materials.turns for span in _speech(turn))),
        tuple(word for turn in materials.turns for word in _words(turn)),
    )
    return heard, vad_frames(wire, materials.uplink.rate_hz)


def score(frames: Frames, detector: str) -> Scores:
    """Return a detector's scores of all frames; they are kept by content."""
    return cached_score_file(make_scorer(detector), frames)


def _on_the_wire(scenario: Scenario, materials: Materials, until_ns: int) -> Samples:
    """Return what the server decodes, in microphone frames up to an instant."""
    mouth = Mouth(materials.background)
    if materials.recording is not None:
        mouth.place(materials.recording, 0)
    stages = ChannelEffects(scenario, materials).to_server
    microphone = Microphone(mouth, stages, noise=materials.noise)
    wire = materials.uplink
    count = scenario.client.frame_ms * wire.rate_hz // MS_PER_S
    frames = -(-until_ns // (scenario.client.frame_ms * NS_PER_MS))
    sent = (microphone.frame(k * count, count) for k in range(frames))
    return np.concatenate([wire.decode(wire.encode(samples)) for samples in sent])


def _spoken(turn: CallerTurn, frame_ms: int) -> Spoken:
    start_ns, end_ns = _extent(turn)
    count = frame_ms * turn.rate_hz // MS_PER_S
    # the sample under way just before the end is the last that holds speech
    last = ns_to_samples(end_ns - 1, turn.rate_hz)
    arrives_ns = (last // count + 1) * frame_ms * NS_PER_MS
    return Spoken(turn.kind, start_ns, end_ns, arrives_ns)


def _speech(turn: CallerTurn) -> list[Span]:
    start_ns, end_ns = _extent(turn)
    return speech_spans(
        SaidTurn(turn.index, turn.kind, turn.text, _words(turn), start_ns, end_ns)
    )


def _words(turn: CallerTurn) -> tuple[HeldWord, ...]:
    start_ns, _ = _extent(turn)
    return tuple(
        HeldWord(
            word.text,
            start_ns + ms_to_ns(word.start_ms),
            start_ns + ms_to_ns(word.end_ms),
        )
        for word in turn.words
    )


def _extent(turn: CallerTurn) -> Span:
    """Return when a caller at the recording's own times speaks a turn."""
    start_ns = ms_to_ns(turn.recorded_ms)
    return start_ns, start_ns + samples_to_ns(turn.speech_samples, turn.rate_hz)
