"""Limits on single runs."""

from __future__ import annotations

import pytest

from tests.support.budgets import a_run
from voicelab.budgets.expectations import expected, matching, whole
from voicelab.budgets.verdict import Verdict
from voicelab.scenario.model import Bounds


def judged(measure: str, bounds: Bounds, **values: float | None) -> Verdict:
    (row,) = expected(a_run(measures=values), "hotel", {measure: bounds}, "scenario")
    return row


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        (Bounds(max=2), "passed"),
        (Bounds(max=1.9), "failed"),
        (Bounds(min=2), "passed"),
        (Bounds(min=3), "failed"),
        (Bounds(min=1, max=2), "passed"),
        (Bounds(min=3, max=4), "failed"),
    ],
)
def test_ends_are_included(bounds: Bounds, outcome: str) -> None:
    assert judged("cut_ins", bounds, cut_ins=2).outcome == outcome


def test_a_failure_says_what_was_measured_and_what_is_allowed() -> None:
    row = judged("cut_ins", Bounds(max=1), cut_ins=2)
    assert row.sentence == "hotel: cut_ins is 2, allowed is at most 1 (scenario)."
    assert (row.measured, row.limit, row.run_id) == (2, "at most 1", "hotel-1-s")


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        ("response_latency_p95_ms", "it takes 20 values, and the run has 3 turns"),
        ("response_latency_p50_ms", "it takes 3 values, and the run has 3 turns"),
        ("overlap_ms", "the run's log does not tell"),
        ("cut_in", "there is no such measure (did you mean cut_ins?)"),
        ("zzz", "there is no such measure"),
    ],
)
def test_what_is_unknown_fails_and_says_why(measure: str, why: str) -> None:
    row = judged(measure, Bounds(max=1e9))
    assert row.outcome == "failed"
    assert row.reason == f"{measure} is not known: {why}"
    assert row.measured is None


def test_without_a_turn_nothing_is_known_of_turns() -> None:
    row = judged("cut_ins", Bounds(max=0), turns=0)
    assert row.reason == "cut_ins is not known: no turn of the caller was recorded"


def test_a_run_that_broke_off_fails() -> None:
    assert whole(a_run(), "hotel").outcome == "passed"
    row = whole(a_run(partial="the server hung up"), "hotel")
    assert row.outcome == "failed"
    assert "broke off (the server hung up)" in row.reason


def test_patterns_choose_runs_by_name() -> None:
    runs = [a_run("hotel", cut_ins=0), a_run("hotel-cafe", cut_ins=2), a_run("Hotel")]
    names = {run.run_id: run.name for run in runs}
    rows = list(matching(runs, names, {"hotel*": {"cut_ins": Bounds(max=1)}}))
    assert [(row.subject, row.outcome) for row in rows] == [
        ("hotel", "passed"),
        ("hotel-cafe", "failed"),
    ]
    assert {row.source for row in rows} == {"budget"}


def test_a_pattern_without_a_run_fails() -> None:
    (row,) = matching([a_run()], {}, {"dentist*": {"cut_ins": Bounds(max=1)}})
    assert (row.subject, row.outcome) == ("dentist*", "failed")
    assert "there is none" in row.reason
