"""What a recogniser is given at a time, and where its words lie, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from voicelab.speech.stt import RecognisedWord
from voicelab.speech.stt.voiced import Span, Voiced
from voicelab.speech.stt.windows import LEAD_SAMPLES, Window, windows

SECOND = 16_000
BEFORE, BEHIND = 3_200, 4_800  # 200 and 300 ms
LEAD_MS = 300.0


def voiced(*spans: tuple[float, float], size_s: float = 60.0) -> Voiced:
    """Return spans, given in seconds, with scores that doubt second 12.5 to 13."""
    scores = np.full(round(size_s * SECOND) // 512, 0.9, np.float32)
    scores[391:406] = 0.4
    return Voiced(scores, tuple(Span(*samples(span)) for span in spans))


def samples(seconds: Sequence[float]) -> list[int]:
    return [round(second * SECOND) for second in seconds]


def test_without_speech_there_is_no_window() -> None:
    assert list(windows(voiced(), 60 * SECOND, 10 * SECOND)) == []


def test_speech_keeps_a_margin_that_stays_in_the_audio() -> None:
    (window,) = windows(voiced((0.1, 2.0)), 2 * SECOND + 100, 10 * SECOND)
    assert window.pieces == (Span(0, 2 * SECOND + 100),)
    assert window.voiced == (Span(1_600, 2 * SECOND),)


def test_of_a_long_silence_only_the_margins_are_heard() -> None:
    (window,) = windows(voiced((1, 2), (9, 10)), 20 * SECOND, 10 * SECOND)
    assert window.pieces == (
        Span(SECOND - BEFORE, 2 * SECOND + BEHIND),
        Span(9 * SECOND - BEFORE, 10 * SECOND + BEHIND),
    )
    heard = window.samples(np.ones(20 * SECOND, np.int16))
    assert len(heard) == 2 * LEAD_SAMPLES + 2 * (SECOND + BEFORE + BEHIND)
    assert not heard[:LEAD_SAMPLES].any()
    assert not heard[-LEAD_SAMPLES:].any()
    assert heard[LEAD_SAMPLES:-LEAD_SAMPLES].all()


def test_a_short_silence_is_heard_once() -> None:
    (window,) = windows(voiced((1, 2), (2.25, 3)), 20 * SECOND, 10 * SECOND)
    first, second = window.pieces
    assert first.end_samples == second.start_samples == round(2.25 * SECOND)


def test_a_window_ends_before_it_holds_too_much() -> None:
    found = list(windows(voiced((1, 3), (4, 6), (7, 8)), 20 * SECOND, 5 * SECOND))
    assert [len(window.pieces) for window in found] == [2, 1]


def test_too_long_a_stretch_is_cut_where_it_is_least_like_speech() -> None:
    found = list(windows(voiced((5, 25)), 60 * SECOND, 10 * SECOND))
    cut = 391 * 512 + 256
    pieces = [window.pieces[0] for window in found]
    assert [piece.start_samples for piece in pieces][:2] == [5 * SECOND - BEFORE, cut]
    assert pieces[0].end_samples == cut
    assert pieces[-1].end_samples == 25 * SECOND + BEHIND
    assert all(p.end_samples - p.start_samples <= 10 * SECOND for p in pieces)
    assert [p.end_samples for p in pieces[:-1]] == [p.start_samples for p in pieces[1:]]


WINDOW = Window(
    pieces=(Span(12_800, 36_800), Span(140_800, 164_800)),  # 800-2300, 8800-10300 ms
    voiced=(Span(16_000, 32_000), Span(144_000, 160_000)),  # 1000-2000, 9000-10000 ms
)


@pytest.mark.parametrize(
    ("heard_ms", "placed_ms"),
    [
        ((500, 700), (1_000, 1_200)),
        ((900, 1_300), (1_400, 1_800)),
        ((0, 700), (1_000, 1_200)),  # stretched into the silence in front
        ((1_300, 1_700), (1_800, 2_000)),  # and behind
        ((1_700, 2_200), (9_000, 9_200)),  # stretched over a silence between
        ((2_100, 2_400), (9_100, 9_400)),
        ((2_900, 3_600), (9_900, 10_000)),
        ((1_560, 1_700), (2_060, 2_200)),  # wholly in a silence: nobody knows better
        ((700, 700), (1_200, 1_210)),  # no word takes no time
    ],
)
def test_a_word_is_placed_in_the_audio(
    heard_ms: tuple[float, float], placed_ms: tuple[float, float]
) -> None:
    (word,) = WINDOW.placed([RecognisedWord("yes", *heard_ms)])
    assert (word.start_ms, word.end_ms) == placed_ms


def test_words_stay_in_order() -> None:
    words = [RecognisedWord("a", 700, 750), RecognisedWord("b", 690, 695)]
    first, second = WINDOW.placed(words)
    assert second.start_ms >= first.start_ms
    assert second.end_ms > second.start_ms
