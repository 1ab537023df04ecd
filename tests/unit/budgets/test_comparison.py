"""Worse or noise: cases with a known answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.support.budgets import a_run, against
from voicelab.budgets import Measured, Tolerance
from voicelab.budgets.verdict import Verdict

P50 = "response_latency_p50_ms"


def seeds(values: Sequence[float], name: str = "hotel") -> list[Measured]:
    return [
        a_run(name, seed, measures={P50: value}) for seed, value in enumerate(values)
    ]


def verdict(
    before: Sequence[float],
    now: Sequence[float],
    tolerances: Mapping[str, Tolerance] | None = None,
) -> Verdict:
    rows = against(seeds(before), seeds(now), tolerances)
    (row,) = [row for row in rows if row.measure == P50]
    return row


def test_one_pair_is_judged_by_the_tolerance_alone() -> None:
    """Of 1000 ms 5 % are 50 ms."""
    assert verdict([1000], [1050]).outcome == "passed"
    row = verdict([1000], [1051])
    assert row.outcome == "failed"
    assert "noise cannot be judged" in row.reason
    assert (row.measured, row.before) == (1051, 1000)


def test_both_tolerances_must_be_exceeded() -> None:
    assert verdict([100], [119]).outcome == "passed"  # 19 %, but not 20 ms
    assert verdict([100], [121]).outcome == "failed"
    wide = {P50: Tolerance(relative=0.5, absolute=10)}
    assert verdict([100], [149], tolerances=wide).outcome == "passed"
    assert verdict([100], [151], tolerances=wide).outcome == "failed"


def test_better_is_never_a_failure() -> None:
    assert verdict([1000] * 8, [100] * 8).outcome == "passed"


def test_a_change_in_every_run_fails() -> None:
    row = verdict([1000, 1100, 1200], [1200, 1310, 1390])
    assert row.outcome == "failed"  # 200, 210, 190 ms; 55 are allowed
    assert "p = 0.25, n = 3" in row.reason  # two of eight flips are as far from 0


def test_a_change_in_some_runs_may_be_noise() -> None:
    before, now = [1000] * 8, [1800, 400, 1700, 500, 1900, 600, 1600, 500]
    row = verdict(before, now)
    assert row.outcome == "noted"  # 125 ms worse on average
    assert "may be noise" in row.reason


def test_from_eight_runs_on_the_p_value_counts() -> None:
    """Flips of k equal differences: only all of one sign are as far from 0: 2^(1-k)."""
    row = verdict([1000] * 8, [1100] * 8)
    assert (row.outcome, "p = 0.0078" in row.reason) == ("failed", True)
    # where two are 0, their flips change nothing: eight of the 256 are as far from 0
    row = verdict([1000] * 8, [1100] * 6 + [1000, 1000])
    assert (row.outcome, "p = 0.031" in row.reason) == ("noted", True)


@pytest.mark.parametrize(
    ("measure", "before", "now", "outcome"),
    [
        ("answered", 5, 4, "failed"),
        ("answered", 4, 5, "passed"),
        ("cut_ins", 1, 2, "failed"),
        ("cut_ins", 2, 1, "passed"),
        ("truncation_error_max_ms", 40, -140, "failed"),
        ("truncation_error_max_ms", -140, 40, "passed"),
        ("truncation_error_max_ms", 40, -80, "passed"),
        ("phantom_words", 0, 1, "passed"),
        ("phantom_words", 0, 2, "failed"),
    ],
)
def test_each_measure_has_its_worse_side(
    measure: str, before: float, now: float, outcome: str
) -> None:
    rows = against(
        [a_run(measures={measure: before})], [a_run(measures={measure: now})]
    )
    assert [row.outcome for row in rows if row.measure == measure] == [outcome]


def test_what_is_not_known_any_more_fails() -> None:
    (row,) = against([a_run(cut_ins=1)], [a_run()])
    assert (row.measure, row.outcome) == ("cut_ins unknown", "failed")
    assert row.reason.startswith("cut_ins unknown is 1, it was 0; ")


def test_now_and_then_unknown_is_no_failure() -> None:
    """As before, in every other run, only in others."""
    before = [a_run(seed=s, cut_ins=1 if s % 2 else None) for s in range(8)]
    now = [a_run(seed=s, cut_ins=None if s % 2 else 1) for s in range(8)]
    rows = against(before, now)
    assert [(row.measure, row.outcome) for row in rows] == [
        ("cut_ins", "noted"),
        ("cut_ins unknown", "passed"),
    ]
    rows = against([a_run(seed=s, cut_ins=1) for s in range(8)], now)
    assert [row.outcome for row in rows] == ["passed", "noted"]  # 4 of 8: p = 0.125
    never = [a_run(seed=s) for s in range(8)]
    rows = against([a_run(seed=s, cut_ins=1) for s in range(8)], never)
    assert [(row.measure, row.outcome) for row in rows] == [
        ("cut_ins unknown", "failed")
    ]


def test_what_was_not_known_before_is_noted() -> None:
    (row,) = against([a_run()], [a_run(cut_ins=1)])
    assert (row.outcome, row.reason) == ("noted", "cut_ins was not known before")


def test_what_was_never_known_is_not_compared() -> None:
    assert against([a_run()], [a_run()]) == []


def test_a_missing_run_fails_and_a_new_one_is_noted() -> None:
    rows = against([a_run("hotel"), a_run("dentist")], [a_run("hotel"), a_run("bank")])
    assert [(row.subject, row.outcome) for row in rows] == [
        ("dentist seed 1", "failed"),
        ("bank seed 1", "noted"),
    ]


def test_other_seeds_are_told() -> None:
    rows = against([a_run(seed=1, cut_ins=0)], [a_run(seed=2, cut_ins=0)])
    assert [(row.measure, row.outcome) for row in rows] == [
        ("seed", "noted"),
        ("cut_ins", "passed"),
    ]


def test_scenarios_are_judged_apart_and_together() -> None:
    """What is noise in each of eight conversations is plain in all."""
    before: list[Measured] = []
    now: list[Measured] = []
    for name in "abcdefgh":
        before += seeds([1000, 1000], name)
        now += seeds([1300, 990], name)
    rows = [row for row in against(before, now) if row.measure == P50]
    assert [row.outcome for row in rows] == ["noted"] * 8 + ["failed"]
    assert rows[-1].subject == "all runs"
    assert "worse by 145 to 145, p = 0.0078, n = 8" in rows[-1].reason
