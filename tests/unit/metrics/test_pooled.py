from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.logs import one_answer
from tests.support.results import make_run
from voicelab.errors import StatisticsError
from voicelab.metrics import (
    Components,
    Overlap,
    PooledShare,
    PooledValues,
    TurnLatency,
    gather,
    pooled_shares,
    pooled_values,
)
from voicelab.units import ms_to_ns


def turn(index: int, latency_ms: float | None, *, cut_in: bool = False) -> TurnLatency:
    span_ns = None if latency_ms is None else ms_to_ns(latency_ms)
    return TurnLatency(
        turn=index,
        outcome="unanswered" if latency_ms is None else "answered",
        cut_in=cut_in,
        t_end_ns=0,
        response_latency_ns=span_ns,
    )


def conversation(
    name: str, *latencies_ms: float | None, seed: int = 1, cut_ins: int = 0
) -> Components:
    """Return a run with these latencies, the first turns cut in."""
    turns = tuple(
        turn(index, latency_ms, cut_in=index < cut_ins)
        for index, latency_ms in enumerate(latencies_ms)
    )
    return Components(name=name, seed=seed, latency=turns)


def latency(*runs: Components, **settings: str) -> PooledValues:
    return pooled_values(runs, reports=["latency"], **settings).rows[0]  # type: ignore[arg-type]


def share(measure: str, *runs: Components) -> PooledShare:
    (row,) = (row for row in pooled_shares(runs) if row.measure == measure)
    return row


def test_values_are_pooled_before_they_are_measured() -> None:
    # one value of 1000 in a, three of 100 in b: the median of all four is 100, that of
    # the two medians would be 550
    row = latency(conversation("a", 1000), conversation("b", 100, 100, 100))
    assert (row.measure, row.n, row.conversations) == ("response_latency_ms", 4, 2)
    assert row.p50 == 100.0
    # drawn are a and a, a and b, or b and b
    assert (row.p50_low, row.p50_high) == (100.0, 1000.0)


def test_failed_turns_are_counted_never_dropped() -> None:
    row = latency(conversation("a", 1000, None), conversation("b", None, 900))
    assert (row.n, row.failed) == (2, 2)
    assert row.p50 == 950.0


def test_a_percentile_of_too_few_is_refused_and_says_why() -> None:
    row = latency(conversation("a", 1000), conversation("b", 900))
    assert row.p95 is None
    assert row.p95_refused is not None
    assert row.p95_refused.startswith("p95 needs at least 20 values, here are 2")
    assert (row.p50_refused, row.interval_refused) == (None, None)


def test_twenty_values_have_a_95th_percentile() -> None:
    half = [float(value) for value in range(100, 200, 10)]
    row = latency(conversation("a", *half), conversation("b", *half))
    # 20 values, 100 100 110 110 … 190 190: position 0.95 x 19 = 18.05, both 190
    assert row.p95 == pytest.approx(190.0)
    assert row.p95_refused is None


def test_one_conversation_has_no_interval_whatever_its_seeds() -> None:
    runs = [conversation("a", 1000, seed=1), conversation("a", 900, seed=2)]
    row = latency(*runs)
    assert (row.p50, row.conversations, row.p50_low) == (950.0, 1, None)
    assert row.interval_refused is not None
    assert "at least 2, here are 1" in row.interval_refused
    each = latency(*runs, clusters="run")
    assert (each.conversations, each.p50_low, each.p50_high) == (2, 900.0, 1000.0)


def test_the_same_value_everywhere_has_no_width() -> None:
    row = latency(conversation("a", 0.1, 0.1, 0.1), conversation("b", 0.1))
    assert row.p50 == row.p50_low == row.p50_high == pytest.approx(0.1)


def test_a_group_without_any_value_is_refused_not_guessed() -> None:
    row = latency(conversation("a", None), conversation("b", None))
    assert (row.n, row.failed, row.conversations) == (0, 2, 0)
    assert row.p50 is None
    assert row.p50_refused is not None
    assert "needs at least 1 value, here are 0" in row.p50_refused


def test_rates_have_their_numbers_beside_them() -> None:
    row = share(
        "cut_in_rate", conversation("a", 1, 1, 1, cut_ins=1), conversation("b", 1)
    )
    assert (row.numerator, row.denominator, row.rate) == (1, 4, 0.25)
    # Wilson 1927 for 1 of 4 at 95 %: 0.0456 to 0.6994
    assert (row.low, row.high) == pytest.approx((0.0456, 0.6994), abs=1e-4)
    assert row.interval == "wilson"


def test_outcomes_are_shares_of_all_turns() -> None:
    runs = conversation("a", 1, None), conversation("b", 1, 1)
    assert share("answered_rate", *runs).rate == 0.75
    assert share("unanswered_rate", *runs).rate == 0.25


def test_times_are_added_before_they_are_divided() -> None:
    def spoke(name: str, overlap_ms: float, caller_ms: float) -> Components:
        both = Overlap(
            caller_speech_ms=caller_ms,
            agent_speech_ms=1000.0,
            overlap_ms=overlap_ms,
            backchannel_overlap_ms=0.0,
        )
        return Components(name=name, overlap=both)

    row = share("talk_over_rate", spoke("a", 100, 1000), spoke("b", 0, 9000))
    assert row.rate == 100 / 10_000  # not (0.1 + 0) / 2
    assert (row.low, row.high) == (0.0, 0.1)
    assert row.interval == "bootstrap"
    none = share("talk_over_rate", spoke("a", 0, 1000), spoke("b", 0, 1000))
    assert (none.rate, none.low, none.high) == (0.0, None, None)
    assert none.refused is not None
    assert none.refused.startswith("none was seen")
    every = share("talk_over_rate", spoke("a", 9, 9), spoke("b", 3, 3))
    assert (every.rate, every.low, every.high) == (1.0, None, None)
    assert every.refused is not None
    assert every.refused.startswith("nothing else was seen")


def test_one_conversation_with_any_of_it_says_nothing_of_others() -> None:
    both = Overlap(
        caller_speech_ms=1000.0,
        agent_speech_ms=1000.0,
        overlap_ms=300.0,
        backchannel_overlap_ms=0.0,
    )
    runs = [Components(name="a", overlap=both), Components(name="b")]
    row = share("talk_over_rate", *runs)
    # of b nothing is known: drawn again and again a would be sure of itself
    assert (row.rate, row.conversations) == (0.3, 1)
    assert (row.low, row.high) == (None, None)
    assert row.refused is not None
    assert "here are 1" in row.refused


@pytest.mark.parametrize("settings", [{"confidence": 1}, {"seed": -1}])
@pytest.mark.parametrize("pooled", [pooled_shares, pooled_values])
def test_bad_settings_are_no_matter_of_a_row(
    pooled: Callable[..., object], settings: dict[str, int]
) -> None:
    with pytest.raises(StatisticsError):
        pooled([conversation("a", 1), conversation("b", 1)], **settings)


def test_nothing_to_divide_by_has_no_rate() -> None:
    row = share("refused_rate", conversation("a", 1), conversation("b", 1))
    assert (row.rate, row.denominator) == (None, 0)
    assert row.refused == "a proportion needs at least 1 trial, here are 0"


def test_runs_are_gathered_one_at_a_time() -> None:
    (held,) = gather(make_run(one_answer(), name="a", seed=3) for _ in range(1))
    assert (held.name, held.seed, held.detected) == ("a", 3, 1)
    assert [row.response_latency_ms for row in held.latency] == [1090.0]
    assert gather([held]) == [held]


def test_a_report_is_a_table() -> None:
    report = pooled_values([conversation("a", 1000), conversation("b", 900)])
    assert len(report) == len(report.table) == len(list(report))
    assert list(report.table.columns)[:5] == [
        "report",
        "measure",
        "n",
        "failed",
        "conversations",
    ]
    assert "response_latency_ms" in report._repr_html_()


def test_the_same_seed_gives_the_same_report() -> None:
    runs = [
        conversation("a", 1000, 800),
        conversation("b", 900),
        conversation("c", 700),
    ]
    assert pooled_values(runs, seed=3).rows == pooled_values(runs, seed=3).rows


def test_no_run_and_no_such_report_are_refused() -> None:
    with pytest.raises(StatisticsError, match="there is no run to report on"):
        pooled_values([])
    with pytest.raises(StatisticsError, match="no report 'speed'; choose from latency"):
        pooled_shares([conversation("a", 1)], reports=["speed"])
