"""The fast intervals are those of the plain bootstrap, draw for draw."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.curves.intervals import SEED, quantile_intervals, rate_interval
from voicelab.metrics.statistics import cluster_bootstrap, mean, quantile


@pytest.mark.parametrize("seed", range(3))
def test_quantiles_equal_those_of_the_plain_bootstrap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clusters = rng.integers(0, 7, size=60) * 10
    values = 20.0 * rng.integers(10, 60, size=60).astype(np.float64)
    fast = quantile_intervals(values, clusters, [0.5, 0.95])
    groups = [values[clusters == name] for name in np.unique(clusters)]
    for q, found in zip([0.5, 0.95], fast or [], strict=True):
        plain = cluster_bootstrap(groups, quantile(q), seed=SEED)
        assert found == pytest.approx((plain.low, plain.high), abs=1e-9)


def test_rates_equal_those_of_the_plain_bootstrap() -> None:
    rng = np.random.default_rng(5)
    clusters = rng.integers(0, 6, size=50)
    hits = rng.random(50) < 0.2
    groups = [hits[clusters == name].astype(float) for name in np.unique(clusters)]
    plain = cluster_bootstrap(groups, mean, seed=SEED)
    found = rate_interval(hits, clusters)
    assert found == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_constant_values_have_an_interval_without_width() -> None:
    found = quantile_intervals(np.full(8, 40.0), np.arange(8) % 2, [0.5])
    assert found == [(40.0, 40.0)]
    assert rate_interval(np.zeros(8, bool), np.arange(8) % 2) == (0.0, 0.0)


def test_one_cluster_has_none() -> None:
    assert quantile_intervals(np.arange(5.0), np.zeros(5, int), [0.5]) is None
    assert rate_interval(np.ones(5, bool), np.zeros(5, int)) is None
    assert quantile_intervals(np.empty(0), np.empty(0, int), [0.5]) is None
