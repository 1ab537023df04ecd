"""Turns from stretches of speech, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import speech_like
from voicelab.labelling.turns import (
    FoundTurn,
    Stretch,
    find_stretches,
    find_turns,
    overlap_ms,
    with_backchannels,
)
from voicelab.speech import make_scorer

Spans = list[tuple[float, float]]


def stretches(spans: Spans) -> list[Stretch]:
    return [Stretch(*span) for span in spans]


def turns(spans: Spans) -> list[FoundTurn]:
    return [FoundTurn((Stretch(*span),)) for span in spans]


def extents(found: list[FoundTurn]) -> Spans:
    return [(turn.start_ms, turn.end_ms) for turn in found]


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        ([], [], []),
        ([(0, 1_000), (1_700, 2_000)], None, [(0, 2_000)]),  # 700 ms: a pause
        ([(0, 1_000), (1_701, 2_000)], None, [(0, 1_000), (1_701, 2_000)]),
        # with the other party known to be silent, longer ones are pauses as well
        ([(0, 1_000), (4_000, 5_000)], [], [(0, 5_000)]),
        ([(0, 1_000), (4_001, 5_000)], [], [(0, 1_000), (4_001, 5_000)]),
        # somebody answers in between
        ([(0, 1_000), (2_500, 3_000)], [(1_500, 1_800)], [(0, 1_000), (2_500, 3_000)]),
        ([(0, 1_000), (2_500, 3_000)], [(900, 1_010)], [(0, 1_000), (2_500, 3_000)]),
        # before and behind it is not in between
        ([(0, 1_000), (2_500, 3_000)], [(0, 1_000), (2_500, 9_000)], [(0, 3_000)]),
        # in a short pause a token does not end the turn
        ([(0, 1_000), (1_600, 3_000)], [(1_100, 1_500)], [(0, 3_000)]),
    ],
)
def test_stretches_make_turns(own: Spans, others: Spans | None, found: Spans) -> None:
    known = None if others is None else stretches(others)
    assert extents(find_turns(stretches(own), known)) == found


def test_pauses_lie_between_stretches() -> None:
    (turn,) = find_turns(stretches([(0, 500), (900, 1_000), (1_300, 2_000)]))
    assert turn.pauses == stretches([(500, 900), (1_000, 1_300)])
    assert turn.kind == "turn"


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ((2_000, 2_500), "backchannel"),
        ((2_000, 3_000), "backchannel"),
        ((2_000, 3_001), "turn"),  # too long for a token
        ((8_500, 9_000), "backchannel"),
        ((8_600, 9_001), "turn"),  # the other stops: it was an interruption
        ((0, 500), "turn"),  # it came first
        ((12_000, 12_400), "turn"),
    ],
)
def test_a_token_during_the_others_turn_is_a_backchannel(
    own: tuple[float, float], kind: str
) -> None:
    (turn,) = with_backchannels(turns([own]), turns([(1_000, 10_000)]))
    assert turn.kind == kind
    assert extents([turn]) == [own]


def test_overlap_by_hand() -> None:
    one = stretches([(0, 1_000), (2_000, 3_000), (5_000, 6_000)])
    other = stretches([(500, 700), (900, 2_200), (2_900, 5_500)])
    assert overlap_ms(one, other) == 200 + 100 + 200 + 100 + 500
    assert overlap_ms(other, one) == 1_100
    assert overlap_ms(one, []) == overlap_ms([], one) == 0


def test_speech_until_the_end_ends_with_the_recording() -> None:
    samples = speech_like(1.6)
    (*_, last) = find_stretches(samples, make_scorer("energy"))
    assert last.end_ms == len(samples) // 512 * 32


def test_in_silence_there_is_none() -> None:
    assert find_stretches(np.zeros(16_000, np.int16), make_scorer("silero")) == []
