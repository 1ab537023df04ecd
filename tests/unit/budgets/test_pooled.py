"""Shares and percentiles over all runs, worked out by hand."""

from __future__ import annotations

import pytest

import voicelab as vl
from tests.support.budgets import a_run
from voicelab.budgets.measured import Measured, measured
from voicelab.budgets.pooled import SHARES, PooledBounds, pooled
from voicelab.budgets.verdict import Verdict
from voicelab.metrics import pooled_shares


def judged(runs: list[Measured], measure: str, limit: PooledBounds) -> Verdict:
    (row,) = pooled(runs, {measure: limit})
    return row


def turns(n: int, cut_ins: int) -> list[Measured]:
    return [a_run(turns=n - 1, cut_ins=cut_ins), a_run(turns=1, cut_ins=0, seed=2)]


def test_a_share_beyond_its_limit() -> None:
    row = judged(turns(10, 3), "cut_in_rate", PooledBounds(max=0.2))
    assert row.measured == pytest.approx(0.3)
    assert row.outcome == "failed"
    assert "0.3 (3 of 10), allowed is at most 0.2" in row.reason


def test_few_turns_prove_nothing() -> None:
    """Wilson's upper end of 0 in n is z² / (n + z²), z² = 3.8415."""
    limit = PooledBounds(max=0.02)
    row = judged(turns(60, 0), "cut_in_rate", limit)
    assert row.outcome == "failed"
    assert "0 of 60, which may be 0 to 0.0602" in row.reason  # 3.8415 / 63.8415
    assert "none in 189 would show it" in row.reason  # 3.8415 * 0.98 / 0.02 = 188.2
    assert judged(turns(188, 0), "cut_in_rate", limit).outcome == "failed"
    assert judged(turns(189, 0), "cut_in_rate", limit).outcome == "passed"


def test_the_share_itself_may_judge() -> None:
    limit = PooledBounds(max=0.02, judged_by="estimate")
    assert judged(turns(60, 1), "cut_in_rate", limit).outcome == "passed"
    assert judged(turns(40, 1), "cut_in_rate", limit).outcome == "failed"


def test_a_least_share() -> None:
    """Of 10 in 10 the lower end is 10 / (10 + 3.8415) = 0.722."""
    runs = [a_run(missed_barge_ins=10, stopped_barge_ins=0, barge_ins=12)]
    for least, outcome in ((0.72, "passed"), (0.73, "failed")):
        row = judged(runs, "missed_barge_in_rate", PooledBounds(min=least))
        assert row.outcome == outcome


def test_a_share_of_nothing_fails() -> None:
    runs = [a_run(refused=0, truncations=3)]  # of which nothing was claimed
    row = judged(runs, "refused_rate", PooledBounds(max=1))
    assert row.reason == "refused_rate is not known: there are no claims sent"


def test_shares_are_those_of_the_report_over_many_runs() -> None:
    run = vl.run("interrupter", client={"truncation": "wall_since_first_delta"})
    told = {row.measure: row for row in pooled_shares([run])}
    for measure in SHARES:
        row = judged([measured(run)], measure, PooledBounds(max=1))
        assert row.measured == told[measure].rate
    assert told["refused_rate"].denominator
    assert told["missed_barge_in_rate"].denominator


def test_a_run_that_does_not_tell_makes_the_share_unknown() -> None:
    runs = [*turns(200, 0), a_run(seed=3)]
    row = judged(runs, "cut_in_rate", PooledBounds(max=0.5))
    assert row.reason == "cut_in_rate is not known: a run does not tell"


def test_percentiles_are_of_all_turns() -> None:
    first = a_run(samples={"response_latency": tuple(map(float, range(1, 11)))})
    second = a_run(samples={"response_latency": (*map(float, range(11, 22)), None)})
    for most, outcome in ((20, "passed"), (19.9, "failed")):
        limit = PooledBounds(max=most)
        row = judged([first, second], "response_latency_p95_ms", limit)
        assert row.measured == pytest.approx(20)  # the 20th of 1, 2, … 21
        assert row.outcome == outcome
    assert "(of 21 values, 1 more have none)" in row.reason


def test_a_percentile_of_too_few_fails() -> None:
    run = a_run(samples={"stop_latency": (100.0, None)})
    row = judged([run], "stop_latency_p95_ms", PooledBounds(max=1e6))
    assert row.outcome == "failed"
    assert "p95 needs at least 20 values, here are 1, 1 more have none" in row.reason
