from __future__ import annotations

import pytest

from tests.unit.metrics.test_pooled import conversation
from voicelab.errors import StatisticsError
from voicelab.metrics import Components, ConfigurationChange, compare_configurations
from voicelab.metrics.statistics import median


def change(
    measure: str, before: list[Components], after: list[Components]
) -> ConfigurationChange:
    report = compare_configurations(before, after)
    (row,) = (row for row in report if row.measure == measure)
    return row


def test_turns_are_paired_by_conversation_seed_and_number() -> None:
    # a: 1000 -> 900 and 800 -> 800; b: 500 -> 300: differences -100, 0, -200
    before = [conversation("a", 1000, 800), conversation("b", 500)]
    after = [conversation("b", 300), conversation("a", 900, 800)]  # in any order
    row = change("response_latency_ms", before, after)
    assert (row.n_pairs, row.conversations) == (3, 2)
    assert row.difference == -100.0
    assert row.baseline == pytest.approx(2300 / 3)
    assert row.candidate == pytest.approx(2000 / 3)
    # drawn are a and a (mean -50), a and b (-100), or b and b (-200)
    assert (row.low, row.high) == (-200.0, -50.0)
    # of four flips of the two signs, -a-b and a+b are as far from 0
    assert row.p_value == 0.5


def test_the_median_of_differences_is_not_the_difference_of_medians() -> None:
    before = [conversation("a", 1000, 800), conversation("b", 500)]
    after = [conversation("a", 900, 800), conversation("b", 300)]
    report = compare_configurations(before, after, statistic=median)
    row = report.rows[0]
    assert (row.difference, row.baseline, row.candidate) == (-100.0, 800.0, 800.0)


def test_a_configuration_compared_with_itself_has_not_changed() -> None:
    runs = [conversation("a", 1000, 800), conversation("b", 500)]
    row = change("response_latency_ms", runs, runs)
    assert (row.difference, row.low, row.high, row.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_turns_without_a_value_on_one_side_are_counted_as_failed() -> None:
    before = [conversation("a", 1000, 800), conversation("b", 500)]
    after = [conversation("a", 900, None), conversation("b", 300)]
    row = change("response_latency_ms", before, after)
    assert (row.n_pairs, row.failed_baseline, row.failed_candidate) == (2, 0, 1)
    answered = change("answered_rate", before, after)
    assert answered.baseline == 1.0
    assert answered.candidate == pytest.approx(2 / 3)


def test_runs_and_turns_that_are_there_once_are_unpaired() -> None:
    before = [conversation("a", 1000), conversation("b", 500), conversation("c", 1, 2)]
    after = [conversation("a", 900), conversation("b", 300, 200)]
    row = change("response_latency_ms", before, after)
    assert (row.n_pairs, row.unpaired_baseline, row.unpaired_candidate) == (2, 2, 1)


def test_more_cut_ins_show_as_a_share() -> None:
    before = [conversation("a", 1, 1), conversation("b", 1, 1)]
    after = [conversation("a", 1, 1, cut_ins=1), conversation("b", 1, 1, cut_ins=1)]
    row = change("cut_in_rate", before, after)
    assert (row.baseline, row.candidate, row.difference) == (0.0, 0.5, 0.5)
    assert (row.low, row.high) == (0.5, 0.5)
    assert change("cut_ins", before, after).difference == 1.0


def test_one_conversation_has_a_difference_and_no_interval() -> None:
    row = change(
        "response_latency_ms", [conversation("a", 1000)], [conversation("a", 900)]
    )
    assert (row.difference, row.low, row.p_value) == (-100.0, None, None)
    assert row.refused is not None
    assert "at least 2, here are 1" in row.refused


def test_a_measure_that_nobody_has_is_refused() -> None:
    runs = [conversation("a", 1000), conversation("b", 500)]
    row = change("uplink_ms", runs, runs)
    assert (row.n_pairs, row.difference) == (0, None)
    assert row.refused == "no pair has both values"


def test_seeds_of_one_conversation_are_one_cluster() -> None:
    before = [conversation("a", 1000, seed=1), conversation("a", 800, seed=2)]
    after = [conversation("a", 900, seed=1), conversation("a", 900, seed=2)]
    assert change("response_latency_ms", before, after).conversations == 1
    row = compare_configurations(before, after, clusters="run").rows[0]
    assert (row.conversations, row.difference) == (2, 0.0)


def test_the_same_run_twice_is_refused() -> None:
    runs = [conversation("a", 1000), conversation("a", 900)]
    with pytest.raises(StatisticsError, match="two runs of the candidate are a seed 1"):
        compare_configurations([conversation("a", 1)], runs)


@pytest.mark.parametrize("after", [[], [conversation("b", 1)]])
def test_nothing_to_pair_is_refused(after: list[Components]) -> None:
    with pytest.raises(StatisticsError, match="no run of the baseline has"):
        compare_configurations([conversation("a", 1)], after)
