from __future__ import annotations

import msgspec
import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics import TurnLatency, percentile, summarise, summary_of


def row(outcome: str, latency_ms: int | None, *, cut_in: bool = False) -> TurnLatency:
    latency_ns = None if latency_ms is None else latency_ms * 1_000_000
    return TurnLatency(
        turn=0,
        outcome=outcome,
        cut_in=cut_in,
        t_end_ns=0,
        response_latency_ns=latency_ns,
    )


def test_outcomes_are_counted_and_none_is_lost() -> None:
    outcomes = ("answered", "cut_in", "interrupted", "merged", "unanswered")
    summary = summary_of([row(outcome, None) for outcome in outcomes], [])
    assert summary.turns == 5
    assert summary.answered == 2
    assert summary.unanswered == summary.interrupted == summary.merged == 1


def test_cut_ins_are_counted_whatever_came_of_them() -> None:
    rows = [row("answered", 900, cut_in=True), row("cut_in", -80, cut_in=True)]
    assert summary_of(rows, []).cut_ins == 2


@pytest.mark.parametrize(
    ("count", "p50", "p95"), [(2, None, None), (3, 200, None), (20, 1050, 1905)]
)
def test_percentiles_need_enough_values(
    count: int, p50: float | None, p95: float | None
) -> None:
    rows = [row("answered", 100 * (number + 1)) for number in range(count)]
    summary = summary_of([*rows, row("unanswered", None)], [])
    assert summary.response_latency_p50_ms == p50
    assert summary.response_latency_p95_ms == p95


def test_what_is_unknown_does_not_count() -> None:
    assert percentile([1.0, None, 3.0, None, 5.0], 50, 3) == 3.0
    assert percentile([None, None], 50, 1) is None


def test_nothing_happened() -> None:
    summary = summarise(LogBuilder().facts())
    counted = ("turns", "answered", "truncations", "refused", "phantom_words")
    assert all(getattr(summary, name) == 0 for name in counted)
    assert summary.response_latency_p50_ms is None
    assert summary.truncation_error_max_ms is None


def test_the_largest_error_keeps_its_sign() -> None:
    log = one_answer()
    log.audio("agent-1", "resp-0", 5000, 1000)
    log.interrupt("agent-0", 5200, received_ms=3000, played_ms=3000, claim_ms=500)
    log.interrupt("agent-1", 5300, received_ms=1000, played_ms=0, claim_ms=None)
    summary = summarise(log.facts())
    assert summary.truncations == 2
    assert summary.truncation_error_max_ms == 500 - 3000
    assert summary.phantom_words is None  # nobody told the words


def test_a_summary_is_plain_values() -> None:
    told = msgspec.to_builtins(summarise(one_answer().facts()))
    assert told["turns"] == 1
    assert msgspec.json.decode(msgspec.json.encode(told)) == told
