from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.errors import EXIT_BAD_INPUT, StatisticsError
from voicelab.metrics.statistics import (
    Counted,
    FloatArray,
    Paired,
    Statistic,
    cluster_bootstrap,
    enough_for,
    mean,
    median,
    paired_difference,
    percentile,
    quantile,
    wilson_interval,
)

THREE = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]


def conversations(seed: int, clusters: int, turns: int) -> FloatArray:
    """Turns around a mean of 0 that share the level of their conversation."""
    generator = np.random.Generator(np.random.PCG64(seed))
    levels = generator.normal(size=(clusters, 1))
    turn = generator.normal(size=(clusters, turns))
    return np.asarray(levels + turn, dtype=np.float64)


@pytest.mark.parametrize(
    ("q", "n"),
    [(0.5, 1), (0.6, 3), (0.75, 4), (0.9, 10), (0.95, 20), (0.99, 100), (0.999, 1000)],
)
def test_one_value_is_expected_beyond_a_percentile(q: float, n: int) -> None:
    assert enough_for(q) == n
    assert enough_for(round(1 - q, 3)) == n
    assert percentile([7.0] * n, q) == 7.0
    with pytest.raises(StatisticsError, match=rf"needs at least {n} value"):
        percentile([7.0] * (n - 1), q)


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([3], 0.5, 3.0),
        ([4, 1], 0.5, 2.5),
        (range(1, 11), 0.9, 9.1),  # position 0.9 x 9 = 8.1 from the smallest
        (range(10, 0, -1), 0.1, 1.9),
        (range(1, 21), 0.95, 19.05),
        (range(1, 5), 0.75, 3.25),
    ],
)
def test_percentiles_interpolate_linearly(
    values: range, q: float, expected: float
) -> None:
    assert percentile(values, q) == pytest.approx(expected, abs=1e-12)
    array = np.array(values, dtype=np.float64)
    assert percentile(array, q) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("statistic", [mean, median, quantile(0.25)])
def test_equal_values_have_an_interval_without_width(statistic: Statistic) -> None:
    # 0.1 + 0.1 + 0.1 is not 0.3 in binary, and clusters of unequal size show it
    interval = cluster_bootstrap([[0.1] * 3, [0.1] * 4], statistic, seed=1)
    assert (interval.low, interval.estimate, interval.high) == (0.1, 0.1, 0.1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, None, "1", True])
def test_what_is_no_number_is_never_dropped(bad: float) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: percentile([1.0, bad], 0.5),
        lambda: cluster_bootstrap([[1.0, bad], [2.0]], mean, seed=0),
        lambda: paired_difference([1.0, bad], [1.0, 2.0], "ab", seed=0),
        lambda: paired_difference([1.0, 2.0], [1.0, bad], "ab", seed=0),
        lambda: Counted((1.0, bad), 0),
    ]
    for refused in refusals:
        with pytest.raises(StatisticsError, match=r"value 1 is .+, not a"):
            refused()


def test_failures_are_counted_apart() -> None:
    counted = Counted.of([0.4, None, 0.2, None, 0.3] + [0.1] * 5)
    assert counted == Counted((0.4, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1), 2)
    assert counted.total == 10
    assert counted.failure_rate(0.9) == wilson_interval(2, 10, 0.9)
    assert percentile(counted.values, 0.5) == 0.1
    with pytest.raises(StatisticsError, match="-1 is no count of failures"):
        Counted((), -1)


# 0/10: z^2 / (n + z^2). 15/148: Newcombe 1998, table I; 81/263 likewise.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(
    successes: int, n: int, low: float, high: float
) -> None:
    interval = wilson_interval(successes, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert (interval.estimate, interval.n) == (successes / n, n)
    assert interval.confidence == 0.95


@given(
    st.integers(1, 10**6).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n)),
    ),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_wilson_intervals_are_proportions_around_the_estimate(
    trials: tuple[int, int], confidence: float
) -> None:
    successes, n = trials
    interval = wilson_interval(successes, n, confidence)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1
    mirrored = wilson_interval(n - successes, n, confidence)
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=20), st.sampled_from([0.05, 0.5, 0.95]))
def test_percentiles_are_within_the_values(values: list[float], q: float) -> None:
    assert min(values) <= percentile(values, q) <= max(values)


def test_two_clusters_by_hand() -> None:
    """Means of 0, 2 and 4 have probabilities of 1/4, 1/2 and 1/4."""
    interval = cluster_bootstrap([[0.0, 0.0], [4.0, 4.0]], mean, seed=3)
    assert (interval.low, interval.estimate, interval.high) == (0.0, 2.0, 4.0)
    assert (interval.n, interval.confidence) == (4, 0.95)
    middle = cluster_bootstrap([[0.0], [4.0]], mean, confidence=0.3, seed=3)
    assert (middle.low, middle.high) == (2.0, 2.0)


def test_clusters_are_drawn_whole() -> None:
    """Within each conversation both values occur, so every resample has mean 1."""
    interval = cluster_bootstrap([[0.0, 2.0]] * 5, mean, seed=0)
    assert (interval.low, interval.high) == (1.0, 1.0)


@pytest.mark.parametrize("statistic", [mean, median])
def test_intervals_cover_the_truth_about_as_often_as_they_say(
    statistic: Statistic,
) -> None:
    covered = naive = 0
    for seed in range(150):
        rows = conversations(seed, clusters=30, turns=5)
        turns = rows.reshape(-1, 1)
        held = cluster_bootstrap(list(rows), statistic, resamples=200, seed=seed)
        alone = cluster_bootstrap(list(turns), statistic, resamples=200, seed=seed)
        covered += held.low <= 0 <= held.high
        naive += alone.low <= 0 <= alone.high
    assert 0.86 * 150 <= covered <= 150
    assert naive < 0.84 * 150  # what ignoring the conversations would have claimed


@pytest.mark.parametrize("statistic", [mean, median, quantile(0.8)])
def test_the_seed_decides(statistic: Statistic) -> None:
    rows = list(conversations(1, clusters=9, turns=4))
    # Few resamples: with many, the bounds of a quantile settle on one of the values.
    first, again, *others = (
        cluster_bootstrap(rows, statistic, resamples=40, seed=seed)
        for seed in (5, 5, 6, 7, 8)
    )
    assert first == again
    assert any(other != first for other in others)
    assert first.low < first.estimate < first.high


def test_chance_elsewhere_is_left_alone() -> None:
    before = repr(np.random.get_state())  # noqa: NPY002  the global state is the point
    cluster_bootstrap(THREE, mean, seed=0)
    assert repr(np.random.get_state()) == before  # noqa: NPY002


def test_only_all_values_together_must_be_enough_for_a_quantile() -> None:
    """A resample may have fewer than ten values, which is no reason to stop."""
    interval = cluster_bootstrap([[1.0], list(range(9))], quantile(0.9), seed=0)
    assert interval.n == 10
    with pytest.raises(StatisticsError, match="p95 needs at least 20 values, here are"):
        cluster_bootstrap([[1.0], list(range(9))], quantile(0.95), seed=0)


def test_any_function_of_an_array_is_a_statistic() -> None:
    interval = cluster_bootstrap(THREE, lambda values: float(values.max()), seed=0)
    assert (interval.estimate, interval.high) == (6.0, 6.0)


@pytest.mark.parametrize("clusters", [4, 20])  # enumerated, drawn
@pytest.mark.parametrize("statistic", [mean, median])
def test_the_same_twice_does_not_differ(clusters: int, statistic: Statistic) -> None:
    values = conversations(2, clusters, turns=3).ravel()
    labels = [index // 3 for index in range(len(values))]
    paired = paired_difference(values, values, labels, statistic=statistic, seed=1)
    assert (paired.difference, paired.p_value) == (0.0, 1.0)
    assert (paired.interval.low, paired.interval.high) == (0.0, 0.0)
    assert (paired.n_pairs, paired.n_clusters) == (3 * clusters, clusters)


@pytest.mark.parametrize(
    ("a", "clusters", "p_value"),
    [
        ([1, 2, 3], "abc", 2 / 8),  # only all up and all down are as far from zero
        ([1, 2, -3], "abc", 1.0),  # a sum of zero: nothing is nearer
        ([3, 2, -1], "abc", 4 / 8),  # sums 4, 6 and their negatives of 0, 2, 4, 6
        ([1, 2, 3, 4], "abab", 2 / 4),  # clusters 4 and 6: 10 and -10 of 4 flips
        ([0.1, 0.2, 0.3], "abc", 2 / 8),  # ties but for rounding
    ],
)
def test_exact_sign_flips_by_hand(
    a: list[float], clusters: str, p_value: float
) -> None:
    paired = paired_difference(a, [0.0] * len(a), clusters, seed=0)
    assert paired.difference == pytest.approx(sum(a) / len(a))
    assert paired.p_value == p_value


def test_twelve_clusters_are_enumerated_and_thirteen_drawn() -> None:
    def of(clusters: int) -> Paired:
        ones, none = [1.0] * clusters, [0.0] * clusters
        return paired_difference(ones, none, range(clusters), resamples=999, seed=0)

    assert of(12).p_value == 2 / 2**12
    drawn = of(13).p_value  # 1 / 1000 unless a drawn flip is all up or all down
    assert 1 / 1000 <= drawn <= 4 / 1000
    assert drawn * 1000 == pytest.approx(round(drawn * 1000))


def test_a_difference_is_a_less_b() -> None:
    paired = paired_difference([5, 1, 9], [2, 2, 2], "xyz", statistic=median, seed=0)
    swapped = paired_difference([2, 2, 2], [5, 1, 9], "xyz", statistic=median, seed=0)
    assert (paired.difference, swapped.difference) == (3.0, -3.0)
    assert paired.p_value == swapped.p_value
    assert paired.interval.estimate == paired.difference


def test_a_paired_result_repeats() -> None:
    values = conversations(4, clusters=15, turns=2)
    a, b = values.ravel(), conversations(5, clusters=15, turns=2).ravel()
    labels = [f"talk-{index // 2}" for index in range(30)]
    first = paired_difference(a, b, labels, seed=8)
    assert paired_difference(a, b, labels, seed=8) == first
    assert 0 < first.p_value <= 1


def test_p_values_are_small_about_as_often_as_they_say() -> None:
    labels = [index // 4 for index in range(32)]
    small = sum(
        paired_difference(
            conversations(seed, 8, 4).ravel(), [0.0] * 32, labels, resamples=40, seed=0
        ).p_value
        <= 0.1
        for seed in range(200)
    )
    assert 0.03 * 200 <= small <= 0.17 * 200


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: enough_for(1.0), "a quantile is between 0 and 1, not 1.0"),
        (lambda: percentile([1], 95), "a quantile is between 0 and 1, not 95"),
        (lambda: quantile(math.nan), "a quantile is between 0 and 1, not nan"),
        (
            lambda: percentile([], 0.5),
            (
                "p50 needs at least 1 value, here are 0; measure more, or take a "
                "quantile nearer the median"
            ),
        ),
        (
            lambda: percentile([True], 0.5),
            (
                "value 0 is True, not a finite number; count failed and silent turns "
                "apart, see Counted"
            ),
        ),
        (
            lambda: wilson_interval(0, 0),
            "a proportion needs at least 1 trial, here are 0",
        ),
        (lambda: wilson_interval(3, 2), "3 successes in 2 trials are impossible"),
        (lambda: wilson_interval(-1, 2), "-1 successes in 2 trials are impossible"),
        (
            lambda: wilson_interval(1, 2, 95),
            "a confidence is between 0 and 1, not 95",
        ),
        (
            lambda: cluster_bootstrap([[1.0, 2.0]], mean, seed=0),
            "clusters are drawn from at least 2, here are 1",
        ),
        (
            lambda: cluster_bootstrap([[1.0], []], mean, seed=0),
            "cluster 1 holds no value; leave it out and report it",
        ),
        (
            lambda: cluster_bootstrap(THREE, mean, resamples=39, seed=0),
            "a confidence of 0.95 needs at least 40 resamples, here are 39",
        ),
        (
            lambda: cluster_bootstrap(THREE, mean, confidence=0, seed=0),
            "a confidence is between 0 and 1, not 0",
        ),
        (
            lambda: cluster_bootstrap(THREE, mean, seed=-1),
            "a seed is 0 or more, not -1",
        ),
        (
            lambda: paired_difference([1], [1, 2], "ab", seed=0),
            (
                "a pair has two values and a cluster, here are 1 and 2 values and 2 "
                "clusters"
            ),
        ),
        (
            lambda: paired_difference([1, 2], [1, 2], "aa", seed=0),
            "clusters are drawn from at least 2, here are 1",
        ),
        (
            lambda: paired_difference(
                [1, 2], [1, 2], "ab", statistic=quantile(0.9), seed=0
            ),
            "signs cannot be flipped for p90; take mean or median",
        ),
    ],
)
def test_bad_input_gets_one_sentence(
    refused: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(StatisticsError) as caught:
        refused()
    assert str(caught.value) == sentence
    assert caught.value.exit_code == EXIT_BAD_INPUT
