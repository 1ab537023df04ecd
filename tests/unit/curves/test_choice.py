"""The front, and the best setting under a budget, among a few settings."""

from __future__ import annotations

import pytest

from tests.support.curves import row
from voicelab.curves.choice import DELAYS, Budget, best, front, matching
from voicelab.errors import CurveError

P50, P95 = DELAYS


def test_the_front_is_what_nothing_beats() -> None:
    rows = [
        row(0.30, 300),
        row(0.10, 500),
        row(0.10, 600),  # beaten by the one before: as rude and slower
        row(0.20, 400),
        row(0.25, 400),  # beaten: ruder and as slow
        row(0.02, 900),
        row(0.02, None),  # without a delay
    ]
    assert front(rows, P50) == {0, 1, 3, 5}


def test_equals_are_on_it_together() -> None:
    assert front([row(0.1, 500), row(0.1, 500), row(0.2, 500)], P50) == {0, 1}


def test_one_setting_is_a_front_and_none_is_none() -> None:
    assert front([row(0.5, 500)], P50) == {0}
    assert front([], P50) == set()


def test_the_front_by_the_other_delay() -> None:
    rows = [row(0.1, 500, 900), row(0.1, 600, 800)]
    assert front(rows, P50) == {0}
    assert front(rows, P95) == {1}


def test_the_best_is_the_fastest_within_the_budget() -> None:
    rows = [
        row(0.05, 300, 340, threshold=0.3),
        row(0.02, 500, 540, threshold=0.4),
        row(0.00, 700, 740, threshold=0.6),
    ]
    found = best(rows, Budget(0.02), P95)
    assert (found.threshold, found.silence_duration_ms) == (0.4, 500)
    assert not found.is_sure
    assert found.rows == (rows[1],)


def test_each_eagerness_is_a_setting_of_its_own() -> None:
    common = {"detector": "semantic_vad", "silence_duration_ms": 4000}
    rows = [
        row(0.05, 440, 900, eagerness="high", **common),
        row(0.01, 540, 1900, eagerness="auto", **common),
    ]
    found = best(rows, Budget(0.02), P95)
    assert (found.detector, found.eagerness) == ("semantic_vad", "auto")
    with pytest.raises(CurveError, match="with semantic_vad at eagerness auto"):
        best(rows, Budget(0.0), P95)


def test_the_best_as_a_table_tells_the_budget_beside_the_row() -> None:
    rows = [row(0.05, 300, 340, threshold=0.3), row(0.02, 500, 540, threshold=0.4)]
    (shown,) = best(rows, Budget(0.02), P95).table.to_dict("records")
    assert list(shown)[:3] == ["max_cut_in_rate", "is_sure", "detector"]
    assert (shown["max_cut_in_rate"], shown["is_sure"]) == (0.02, False)
    assert (shown["threshold"], shown["cut_in_rate"]) == (0.4, 0.02)


def test_it_is_sure_only_if_both_upper_bounds_are_within() -> None:
    sure = row(0.01, 500, 540, cut_in_high=0.02)
    assert best([sure], Budget(0.02), P95).is_sure
    clustered = row(0.01, 500, 540, cut_in_high=0.02, cut_in_cluster_high=0.03)
    assert not best([clustered], Budget(0.02), P95).is_sure


def test_a_setting_is_as_good_as_in_its_worst_condition() -> None:
    rows = [
        row(0.01, 300, 340, threshold=0.3, snr_db=20.0),
        row(0.09, 350, 390, threshold=0.3, snr_db=5.0),  # too rude in noise
        row(0.02, 500, 540, threshold=0.4, snr_db=20.0),
        row(0.02, 600, 640, threshold=0.4, snr_db=5.0),
    ]
    found = best(rows, Budget(0.02), P95)
    assert found.threshold == 0.4
    assert [each.snr_db for each in found.rows] == [5.0, 20.0]


def test_turns_that_are_missed_can_be_limited() -> None:
    rows = [
        row(0.01, 500, 540, threshold=0.9, missed_turns=8, merged_turns=2),
        row(0.01, 600, 640, threshold=0.5, merged_turns=5),
    ]
    assert best(rows, Budget(0.02), P95).threshold == 0.9
    assert best(rows, Budget(0.02, 0.05), P95).threshold == 0.5
    with pytest.raises(CurveError, match=r"misses or merges 1\.0% of the turns"):
        best(rows, Budget(0.02, 0.01), P95)


def test_none_keeps_to_the_budget() -> None:
    rows = [row(0.05, 300, 340, threshold=0.3), row(0.03, 500, 540, threshold=0.7)]
    with pytest.raises(CurveError) as caught:
        best(rows, Budget(0.02), P95)
    assert str(caught.value) == (
        "none of 2 settings keeps cut-ins at 2.0% or below; the lowest is 3.0%, with "
        "silero, threshold 0.7 and 500 ms of silence; try longer silences, or allow "
        "more cut-ins"
    )


def test_those_that_cannot_be_timed_are_counted() -> None:
    rows = [row(0.05, 300, 340), row(0.0, 500, None, threshold=0.7)]
    with pytest.raises(CurveError, match=r"1 setting \(1 more have too few turns for"):
        best(rows, Budget(0.02), P95)


def test_too_few_turns_for_the_percentile() -> None:
    with pytest.raises(CurveError, match="take the median"):
        best([row(0.0, 500, None)], Budget(0.02), P95)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_budget_is_a_rate(rate: float) -> None:
    with pytest.raises(CurveError, match="is no rate; give 0 to 1"):
        Budget(rate)
    with pytest.raises(CurveError, match="max_missed_rate"):
        Budget(0.02, rate)


def test_another_delay_is_refused() -> None:
    for compare in (lambda: front([], "latency"), lambda: best([], Budget(0), "x")):
        with pytest.raises(CurveError, match="not compared by"):
            compare()


def test_rows_are_chosen_by_their_columns() -> None:
    rows = [row(0.1, 500, snr_db=5.0), row(0.1, 500, snr_db=None)]
    assert matching(rows, {"snr_db": 5.0, "codec": "pcm"}) == rows[:1]
    assert matching(rows, {"snr_db": None}) == rows[1:]
    with pytest.raises(CurveError, match="no column 'snr'; name one such as detector"):
        matching(rows, {"snr": 5})
    with pytest.raises(CurveError, match=r"no row has 7 as its snr_db; there is"):
        matching(rows, {"snr_db": 7})
