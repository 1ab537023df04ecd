"""Turns from voice activity, channel by channel.

A stretch is speech without a silence of 200 ms or more: an inter-pausal unit (Skantze
2021). A party's stretches belong to one turn if the silence between them is at most
`TURN_SILENCE_MS`, or at most `HELD_PAUSE_MS` and the other party says nothing in it.
Who the other party is must be known for that: on a track of both, or of one alone, the
first rule is the only one.

A turn of at most `TOKEN_MS` during the other's turn, after which the other goes on for
`GOES_ON_MS` or longer, is taken for a backchannel. That is a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ, vad_frames
from voicelab.lab.turns import TURN_SILENCE_MS
from voicelab.scenario.label_model import TurnKind
from voicelab.session.decisions import ScoreTrack
from voicelab.session.turn_detection import FRAME_MS, TurnSettings
from voicelab.speech.cache import cached_score_file
from voicelab.speech.vad import VadScorer

IPU_SILENCE_MS = 200
"""Silence that parts two stretches, as a detector counts it: in frames of 32 ms."""

HELD_PAUSE_MS = 3_000
"""The longest pause of somebody whom nobody answers."""

TOKEN_MS = 1_000
GOES_ON_MS = 1_000

_CLICK_MS = 3 * FRAME_MS
"""What is shorter is a click."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a pause.

    Attributes:
        start_ms: its onset.
        end_ms: its offset.
    """

    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class FoundTurn:
    """One party's holding of the floor, as voice activity tells.

    Attributes:
        stretches: the speech in it, in order.
        kind: `turn` or `backchannel`.
    """

    stretches: tuple[Stretch, ...]
    kind: TurnKind = "turn"

    @property
    def start_ms(self) -> float:
        """The onset of the first stretch."""
        return self.stretches[0].start_ms

    @property
    def end_ms(self) -> float:
        """The offset of the last stretch."""
        return self.stretches[-1].end_ms

    @property
    def pauses(self) -> list[Stretch]:
        """The silences between the stretches."""
        return [Stretch(a.end_ms, b.start_ms) for a, b in pairwise(self.stretches)]


def find_stretches(samples: Samples, scorer: VadScorer) -> list[Stretch]:
    """Return the speech in int16 mono at 16 kHz, in order.

    Args:
        samples: one channel.
        scorer: tells speech from silence; its scores are cached.
    """
    scores = cached_score_file(scorer, vad_frames(samples, VAD_RATE_HZ))
    settings = TurnSettings(
        prefix_padding_ms=0, silence_duration_ms=IPU_SILENCE_MS - FRAME_MS
    )
    found = ScoreTrack(scores).decide(settings)
    ends_ms = found.last_voiced_ms.tolist()
    onsets_ms = found.onset_ms.tolist()
    ends_ms += [len(scores) * FRAME_MS] * (len(onsets_ms) - len(ends_ms))
    return [
        Stretch(float(onset_ms), float(end_ms))
        for onset_ms, end_ms in zip(onsets_ms, ends_ms, strict=True)
        if end_ms - onset_ms >= _CLICK_MS
    ]


def find_turns(
    own: Sequence[Stretch], others: Sequence[Stretch] | None = None
) -> list[FoundTurn]:
    """Return the turns that one party's stretches make.

    Args:
        own: the party's stretches.
        others: those of the other party, if they can be told apart.
    """
    joined: list[list[Stretch]] = []
    for stretch in own:
        if joined and _is_one_turn(joined[-1][-1], stretch, others):
            joined[-1].append(stretch)
        else:
            joined.append([stretch])
    return [FoundTurn(tuple(stretches)) for stretches in joined]


def with_backchannels(
    own: Sequence[FoundTurn], others: Sequence[FoundTurn]
) -> list[FoundTurn]:
    """Return a party's turns with those that bid for no floor marked as such."""
    return [
        FoundTurn(turn.stretches, "backchannel")
        if any(_is_token_during(turn, other) for other in others)
        else turn
        for turn in own
    ]


def overlap_ms(one: Sequence[Stretch], other: Sequence[Stretch]) -> float:
    """Return how long both speak at once."""
    total_ms, index = 0.0, 0
    for stretch in one:
        while index < len(other) and other[index].end_ms <= stretch.start_ms:
            index += 1
        for each in other[index:]:
            if each.start_ms >= stretch.end_ms:
                break
            total_ms += min(each.end_ms, stretch.end_ms)
            total_ms -= max(each.start_ms, stretch.start_ms)
    return total_ms


def _is_one_turn(
    before: Stretch, after: Stretch, others: Sequence[Stretch] | None
) -> bool:
    gap_ms = after.start_ms - before.end_ms
    if gap_ms <= TURN_SILENCE_MS:
        return True
    if others is None or gap_ms > HELD_PAUSE_MS:
        return False
    return not overlap_ms([Stretch(before.end_ms, after.start_ms)], others)


def _is_token_during(turn: FoundTurn, other: FoundTurn) -> bool:
    return (
        turn.end_ms - turn.start_ms <= TOKEN_MS
        and other.start_ms < turn.start_ms
        and other.end_ms - turn.end_ms >= GOES_ON_MS
    )
