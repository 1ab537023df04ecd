"""Speech against text, by hand where nothing is uncertain."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from voicelab.errors import ModalityError
from voicelab.modality import CHANNELS, assume, break_even, trade_off

CERTAIN = assume(
    listening_wpm=150,
    reading_wpm=300,
    skimming_wpm=600,
    speaking_wpm=120,
    typing_wpm=60,
    mobile_typing_wpm=30,
    question_words=10,
    voice_latency_s=1,
    text_latency_s=2,
    barge_ins_per_100_words=0,
    stop_latency_s=0.5,
    barge_in_words=4,
    repeated_words=5,
)

SILENT = {"voice_input": "none", "text_input": "none"}


def seconds(table: pd.DataFrame, words: int) -> dict[str, float]:
    rows = table[table["words"] == words]
    return dict(zip(rows["channel"], rows["seconds_p50"], strict=True))


def test_where_nothing_is_uncertain_it_is_arithmetic() -> None:
    # asking: 10 words take 5 s to say and 10 s to type; 100 words take 40, 20 and
    # 10 s
    table = trade_off([100, 1], CERTAIN)
    assert seconds(table, 100) == pytest.approx(
        {"listening": 5 + 1 + 40, "reading": 10 + 2 + 20, "skimming": 10 + 2 + 10}
    )
    assert seconds(table, 1) == pytest.approx(
        {"listening": 6.4, "reading": 12.2, "skimming": 12.1}
    )
    assert (table["seconds_low"] == table["seconds_high"]).all()
    assert (table["heard_words"] == table["words"]).all()


@pytest.mark.parametrize(
    ("voice_input", "text_input", "listening", "reading"),
    [
        ("typing", "speaking", 51, 27),
        ("none", "mobile_typing", 41, 42),
        ("speaking", "none", 46, 22),
    ],
)
def test_the_question_may_be_put_in_other_ways(
    voice_input: Any, text_input: Any, listening: float, reading: float
) -> None:
    table = trade_off([100], CERTAIN, voice_input=voice_input, text_input=text_input)
    found = seconds(table, 100)
    assert (found["listening"], found["reading"]) == (listening, reading)
    assert list(table["input"]) == [voice_input, text_input, text_input]


def test_a_faster_agent_is_heard_in_less_time() -> None:
    table = trade_off([100], assume(CERTAIN, speed=1.25))
    assert seconds(table, 100)["listening"] == pytest.approx(5 + 1 + 32)


def test_barge_ins_cost_the_stop_the_words_the_wait_and_what_is_said_again() -> None:
    # each 0.5 + 2 + 1 + 2 s, twice in 100 words
    often = assume(CERTAIN, barge_ins_per_100_words=2)
    table = trade_off([100], often)
    assert seconds(table, 100)["listening"] == pytest.approx(46 + 2 * 5.5)
    heard = dict(zip(table["channel"], table["heard_words"], strict=True))
    assert heard["reading"] == 100
    assert heard["listening"] == pytest.approx((1 - math.exp(-2)) / 0.02)


def test_what_is_heard_may_come_from_runs() -> None:
    # half of the answers are interrupted after two words: 1 + 1 + 0.5 + 0.5
    curve = pd.DataFrame({"heard_words": [0, 2], "survival_rate": [1.0, 0.5]})
    table = trade_off([4], CERTAIN, survival=curve)
    assert list(table["heard_words"]) == [3, 4, 4]
    plain = trade_off([4], CERTAIN)
    assert list(table["seconds_p50"]) == list(plain["seconds_p50"])


def test_text_wins_where_the_lines_cross() -> None:
    # text begins 6 s later; a word takes 0.4 s to hear, 0.2 to read, 0.1 to skim
    table = break_even(CERTAIN)
    assert list(table["channel"]) == ["reading", "skimming"]
    assert list(table["words_p50"]) == pytest.approx([30, 20])
    at = trade_off([30, 20], CERTAIN)
    assert seconds(at, 30)["listening"] == pytest.approx(seconds(at, 30)["reading"])
    assert seconds(at, 20)["listening"] == pytest.approx(seconds(at, 20)["skimming"])


@pytest.mark.parametrize(
    ("changes", "options", "words", "always_rate", "never_rate"),
    [
        # nobody asks, and text is there first: it leads from the first word
        ({"text_latency_s": 1}, SILENT, 0, 1, 0),
        # who reads slower than they listen never catches up
        ({"reading_wpm": 100}, {}, math.inf, 0, 1),
        # as fast, and later: never; as fast, and earlier: always
        ({"reading_wpm": 150}, {}, math.inf, 0, 1),
        ({"reading_wpm": 150}, {"text_input": "none"}, 0, 1, 0),
    ],
)
def test_text_may_win_always_or_never(
    changes: dict[str, float],
    options: dict[str, Any],
    words: float,
    always_rate: float,
    never_rate: float,
) -> None:
    changes = {"voice_latency_s": 3, **changes}
    row = break_even(assume(CERTAIN, **changes), **options).iloc[0]
    assert row["words_low"] == row["words_p50"] == row["words_high"] == words
    assert (row["always_rate"], row["never_rate"]) == (always_rate, never_rate)


def test_one_uncertain_number_passes_through() -> None:
    # a symmetric triangle of width 2: median 1, and 5 % lie below sqrt(0.1)
    table = trade_off([100], assume(CERTAIN, voice_latency_s=(0, 1, 2)), draws=20_000)
    row = table.iloc[0]
    assert row["seconds_p50"] == pytest.approx(46, abs=0.02)
    assert row["seconds_low"] == pytest.approx(45 + math.sqrt(0.1), abs=0.03)
    assert row["seconds_high"] == pytest.approx(47 - math.sqrt(0.1), abs=0.03)
    others = table.iloc[1:]
    assert (others["seconds_low"] == others["seconds_high"]).all()


def test_bounds_never_leave_the_ranges() -> None:
    table = trade_off([400], assume(CERTAIN, reading_wpm=(250, 300)), confidence=0.999)
    row = table[table["channel"] == "reading"].iloc[0]
    assert 12 + 80 <= row["seconds_low"] < row["seconds_high"] <= 12 + 96


def test_a_skewed_range_has_its_median() -> None:
    # low = likely: 1 - sqrt(1/2) of the width lies below the median
    table = trade_off([100], assume(CERTAIN, text_latency_s=(2, 2, 4)), draws=20_000)
    reading = table.iloc[1]["seconds_p50"]
    assert reading == pytest.approx(32 + 2 * (1 - math.sqrt(0.5)), abs=0.02)


def test_the_seed_decides_and_nothing_else() -> None:
    first = trade_off(seed=3, draws=200)
    pd.testing.assert_frame_equal(first, trade_off(seed=3, draws=200))
    assert not first.equals(trade_off(seed=4, draws=200))
    # a longer list of lengths draws nothing anew
    one = trade_off([50], seed=3, draws=200)
    rows = first[first["words"] == 50].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, one)


def test_a_row_for_each_length_and_channel() -> None:
    table = trade_off([10, 20], draws=200)
    assert list(table["words"]) == [10] * 3 + [20] * 3
    assert list(table["channel"]) == [*CHANNELS] * 2
    assert (table["seconds_low"] < table["seconds_p50"]).all()
    assert (table["seconds_p50"] < table["seconds_high"]).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"words": [0]}, "an answer of 0 words"),
        ({"draws": 10}, "10 draws are too few"),
        ({"seed": -1}, "seed -1 is negative"),
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"text_input": "singing"}, "no input 'singing'.*speaking, typing"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ModalityError, match=says):
        trade_off(**options)
