from __future__ import annotations

import msgspec
import pytest

from tests.support.logs import LogBuilder, one_answer
from tests.support.results import barge_in
from voicelab.metrics import (
    FALSE_CAUSES,
    BargeIn,
    TurnLatency,
    percentile,
    summarise,
    summary_of,
)


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
    unknown = ("barge_ins", "false_barge_ins", "overlap_ms", "talk_over_rate")
    assert all(getattr(summary, name) is None for name in unknown)


def test_barge_ins_are_counted_by_what_became_of_them() -> None:
    outcomes = {
        ("stopped", "turn"): 3,
        ("missed", "turn"): 2,
        ("ended", "turn"): 1,
        ("yielded", "turn"): 4,
        ("ignored", "backchannel"): 5,
        ("false", "backchannel"): 1,
        ("false", "noise"): 2,
        ("false", "echo"): 3,
        ("false", "unknown"): 4,
    }
    met = [
        BargeIn(t_ns=0, outcome=outcome, cause=cause)
        for (outcome, cause), count in outcomes.items()
        for _ in range(count)
    ]
    told = msgspec.to_builtins(summary_of([], [], met))
    assert {name: told[name] for name in told if "barge_in" in name} == {
        "barge_ins": 6,
        "stopped_barge_ins": 3,
        "missed_barge_ins": 2,
        "ended_barge_ins": 1,
        "false_barge_ins": 10,
    }
    assert [told[f"false_by_{cause}"] for cause in FALSE_CAUSES] == [1, 2, 3, 4]
    assert told["ignored_backchannels"] == 5


def test_what_the_caller_heard_is_summed_up() -> None:
    summary = summarise(barge_in().facts())
    assert (summary.barge_ins, summary.stopped_barge_ins) == (1, 1)
    assert (summary.ignored_backchannels, summary.false_barge_ins) == (1, 0)
    assert summary.overlap_ms == 3242 - 3090  # the backchannel does not count
    assert summary.talk_over_rate == 152 / (800 + 910 + 200)
    assert summary.underruns == 0
    assert summary.billed_phantom_tokens is None  # responses that tell no usage


def test_the_record_of_a_real_call_tells_what_it_can() -> None:
    log = LogBuilder(server=False)
    log.audio("agent-0", "resp-0", 1000, 3000)
    log.add(2000, "client", "interruption", "agent-0")
    summary = summarise(log.facts())
    assert (summary.truncations, summary.truncation_error_max_ms) == (1, None)
    assert (summary.barge_ins, summary.underruns) == (None, None)


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
