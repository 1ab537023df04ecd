from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.errors import StatisticsError
from voicelab.metrics.distributions import (
    cumulative_band,
    cumulative_shares,
    histogram,
)
from voicelab.metrics.statistics import Counted

FINITE = st.floats(-1e4, 1e4, allow_nan=False)


def test_shares_count_all_that_was_measured() -> None:
    shares = cumulative_shares(Counted((30.0, 10.0, 10.0), failed=1))
    assert shares.x.tolist() == [10, 30]
    assert shares.share.tolist() == [0.5, 0.75]
    assert (shares.n, shares.total) == (3, 4)
    assert [shares.at(x) for x in (9.9, 10, 29, 30, 99)] == [0, 0.5, 0.5, 0.75, 0.75]


def test_nothing_measured_has_no_distribution() -> None:
    with pytest.raises(StatisticsError, match="at least 1 value"):
        cumulative_shares(Counted((), failed=3))


def test_the_band_of_two_clusters_is_that_of_their_four_draws() -> None:
    # drawn are AA, AB, BA, BB: at 10 the share is 1, 1/2, 1/2, 0; at 20 always 1
    band = cumulative_band([Counted((10.0,), 0), Counted((20.0,), 0)], seed=1)
    assert band.x.tolist() == [10, 20]
    assert band.low.tolist() == [0, 1]
    assert band.high.tolist() == [1, 1]
    assert band.clusters == 2


def test_equal_clusters_leave_no_doubt() -> None:
    band = cumulative_band([Counted((5.0, 7.0), 0)] * 3, seed=1)
    assert band.low.tolist() == band.high.tolist() == [0.5, 1]


def test_a_cluster_that_only_failed_is_drawn_too() -> None:
    band = cumulative_band([Counted((5.0,), 0), Counted((), 1)], seed=1)
    assert (band.low.tolist(), band.high.tolist()) == ([0], [1])


def test_a_long_curve_has_a_band_at_some_places_its_ends_among_them() -> None:
    clusters = [Counted(tuple(np.arange(1000.0) + part), 0) for part in (0, 0.5)]
    band = cumulative_band(clusters, seed=1)
    assert len(band.x) <= 200
    assert (band.x[0], band.x[-1]) == (0, 999.5)


def test_a_band_needs_a_seed_of_0_or_more() -> None:
    clusters = [Counted((1.0,), 0), Counted((2.0,), 0)]
    with pytest.raises(StatisticsError, match="a seed is 0 or more"):
        cumulative_band(clusters, seed=-1)


def test_one_cluster_has_no_band() -> None:
    with pytest.raises(StatisticsError, match="at least 2, here are 1"):
        cumulative_band([Counted((5.0, 7.0), 0)], seed=1)


def test_bins_begin_at_multiples_of_their_width() -> None:
    bins = histogram([-1.0, 0.0, 99.9, 100.0, 250.0], 100)
    assert bins.edges.tolist() == [-100, 0, 100, 200, 300]
    assert bins.counts.tolist() == [1, 2, 1, 1]


@given(st.lists(FINITE, min_size=1, max_size=50))
def test_every_value_lies_in_its_bin(values: list[float]) -> None:
    bins = histogram(values, 100)
    assert bins.counts.sum() == len(values)
    index = math.floor(values[0] / 100) - round(bins.edges[0] / 100)
    assert bins.counts[index] > 0


@pytest.mark.parametrize(
    ("values", "width", "said"),
    [
        ([], 100, "at least 1 value"),
        ([1.0], 0, "wider than 0"),
        ([0.0, 1e9], 1, "are too many; give a greater width"),
    ],
)
def test_what_has_no_histogram(values: list[float], width: float, said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        histogram(values, width)
