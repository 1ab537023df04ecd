"""The caller's turns, cut from the recording and ready to be spoken again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.audio.vad_front_end import VAD_RATE_HZ, vad_frames
from voicelab.errors import LabelError
from voicelab.lab.relations import Opening, Relation, ReplyGap, relations
from voicelab.scenario.label_model import Labels, Word
from voicelab.session.turn_detection import (
    FRAME_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
)
from voicelab.speech.vad import VadScorer
from voicelab.units import ms_to_ns, ns_to_samples

PRE_ROLL_MS = 80.0
"""Recording kept from before the labelled onset, so that no sound is cut off."""

POST_ROLL_MS = 160.0
"""Recording kept from after the labelled end: a voice dies away."""

TURN_SILENCE_MS = 700
"""Silence that separates two turns where no labels say where they end: longer
than most pauses within a turn, shorter than most gaps between parties."""


_SILENT_FRAMES = -(-TURN_SILENCE_MS // FRAME_MS) + 1
"""Silence after a recording that may end in speech: enough to end the turn."""


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """One turn of the caller.

    Attributes:
        index: its number in the conversation, from 0.
        kind: `turn`, or `backchannel`.
        text: the words, if labels tell them.
        words: the words with milliseconds from the turn's onset.
        clip: the audio, with a little of what lies around the turn.
        rate_hz: the rate of `clip` and of the sample counts.
        onset_samples: where in the clip speech begins.
        speech_samples: how long speech lasts.
        recorded_ms: onset in the recording.
        relation: how it stands to the agent.
    """

    index: int
    kind: str
    text: str
    words: tuple[Word, ...]
    clip: Samples
    rate_hz: int
    onset_samples: int
    speech_samples: int
    recorded_ms: float
    relation: Relation

    def at_rate(self, rate_hz: int) -> CallerTurn:
        """Return the turn with its audio at another rate."""
        if rate_hz == self.rate_hz:
            return self
        return CallerTurn(
            self.index,
            self.kind,
            self.text,
            self.words,
            resample(self.clip, self.rate_hz, rate_hz),
            rate_hz,
            self.onset_samples * rate_hz // self.rate_hz,
            self.speech_samples * rate_hz // self.rate_hz,
            self.recorded_ms,
            self.relation,
        )


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where a turn lies in the recording."""

    start_ms: float
    end_ms: float
    kind: str = "turn"
    text: str = ""
    words: tuple[Word, ...] = ()


def turns_from_labels(
    samples: Samples, rate_hz: int, labels: Labels
) -> list[CallerTurn]:
    """Cut the labelled caller turns out of the recording.

    Raises:
        LabelError: the labels name no turn of the caller.
    """
    extents = [
        _Extent(turn.start_ms, turn.end_ms, turn.kind, turn.text, turn.words)
        for turn in labels.caller_turns()
    ]
    if not extents:
        raise LabelError(
            "the labels hold no turn of the caller",
            path="turns",
            fix="label at least one turn with speaker: caller, or leave labels out",
        )
    return _cut(samples, rate_hz, extents, relations(labels))


def turns_by_vad(
    samples: Samples, rate_hz: int, scorer: VadScorer, *, reply_gap_ms: float
) -> list[CallerTurn]:
    """Find the turns where no labels tell them.

    How a turn stood to the agent is not known then: each is taken as a reply,
    `reply_gap_ms` after the agent.
    """
    extents = find_speech(samples, rate_hz, scorer)
    related: list[Relation] = [ReplyGap(reply_gap_ms) for _ in extents]
    if extents:
        related[0] = Opening(extents[0].start_ms)
    return _cut(samples, rate_hz, extents, related)


def find_speech(samples: Samples, rate_hz: int, scorer: VadScorer) -> list[_Extent]:
    """Return the stretches of speech between silences of `TURN_SILENCE_MS`."""
    at_vad_rate = resample(samples, rate_hz, VAD_RATE_HZ)
    settings = TurnSettings(prefix_padding_ms=0, silence_duration_ms=TURN_SILENCE_MS)
    detector = TurnDetector(settings)
    extents: list[_Extent] = []
    onset_ms: float | None = None
    scores = scorer.score_file(vad_frames(at_vad_rate, VAD_RATE_HZ)).tolist()
    for score in chain(scores, repeat(0.0, _SILENT_FRAMES)):
        change = detector.feed(score)
        if isinstance(change, TurnEnd):
            if onset_ms is not None:
                extents.append(_Extent(onset_ms, change.last_voiced_ms))
            onset_ms = None
        elif change is not None:
            onset_ms = change.onset_ms
    return extents


def _cut(
    samples: Samples,
    rate_hz: int,
    extents: Sequence[_Extent],
    related: Sequence[Relation],
) -> list[CallerTurn]:
    def at(ms: float) -> int:
        return min(max(ns_to_samples(ms_to_ns(ms), rate_hz), 0), len(samples))

    turns = []
    for index, (extent, relation) in enumerate(zip(extents, related, strict=True)):
        after_ms = extents[index - 1].end_ms if index else 0.0
        is_last = index + 1 == len(extents)
        before_ms = extent.end_ms + POST_ROLL_MS
        if not is_last:
            before_ms = min(before_ms, extents[index + 1].start_ms)
        start = at(max(extent.start_ms - PRE_ROLL_MS, after_ms))
        onset, offset = at(extent.start_ms), at(extent.end_ms)
        turns.append(
            CallerTurn(
                index,
                extent.kind,
                extent.text,
                _from_onset(extent),
                samples[start : at(before_ms)],
                rate_hz,
                onset - start,
                offset - onset,
                extent.start_ms,
                relation,
            )
        )
    return turns


def _from_onset(extent: _Extent) -> tuple[Word, ...]:
    return tuple(
        Word(word.text, word.start_ms - extent.start_ms, word.end_ms - extent.start_ms)
        for word in extent.words
    )
