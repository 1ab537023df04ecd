"""Cluster bootstrap intervals of many samples, each in a few milliseconds.

The same intervals as `voicelab.metrics.statistics.cluster_bootstrap` gives, draw for
draw: clusters are drawn once for each number of clusters, and a draw's quantile comes
from counts of the values in it. Delays fall on the grid of microphone frames, so there
are few distinct values however many turns there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd

import numpy as np
import numpy.typing as npt

from voicelab.metrics.statistics import (
    CONFIDENCE,
    FEWEST_CLUSTERS,
    RESAMPLES,
    generator_of,
)

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.float32]

SEED = 0
"""Of the draws: equal inputs have equal intervals."""

_BLOCK = gcd(RESAMPLES, 50)


def quantile_intervals(
    values: Floats, clusters: npt.NDArray[np.int64], quantiles: Sequence[float]
) -> list[tuple[float, float]] | None:
    """Return the bounds of each quantile.

    Args:
        values: finite, shape (n,).
        clusters: which cluster each is from, shape (n,); any numbers.
        quantiles: fractions between 0 and 1.

    Returns:
        None where fewer than two clusters have a value: nothing can be drawn.
    """
    named, cluster = np.unique(clusters, return_inverse=True)
    if len(named) < FEWEST_CLUSTERS:
        return None
    distinct, value = np.unique(values, return_inverse=True)
    counts = np.zeros((len(named), len(distinct)), np.float32)
    np.add.at(counts, (cluster, value), 1)
    # of each draw: how many values are at most each distinct one
    at_most = _in_draws(np.cumsum(counts, axis=1))
    return [_bounds(_quantiles(distinct, at_most, q)) for q in quantiles]


def rate_interval(
    hits: npt.NDArray[np.bool_], clusters: npt.NDArray[np.int64]
) -> tuple[float, float] | None:
    """Return the bounds of the share of hits; None for fewer than two clusters."""
    named, cluster = np.unique(clusters, return_inverse=True)
    if len(named) < FEWEST_CLUSTERS:
        return None
    of_each = [np.bincount(cluster, weights, len(named)) for weights in (hits, None)]
    drawn = _in_draws(np.stack(of_each, axis=1).astype(np.float32)).astype(np.float64)
    return _bounds(drawn[:, 0] / drawn[:, 1])


def _in_draws(counts: Counts) -> Counts:
    """Return the sums of clusters' counts, [clusters, n], in each draw, [draws, n].

    Whole numbers below 2**24 are exact in float32. In blocks, because a product of
    this size is otherwise spread over all cores, and costs twenty times as much where
    those are busy.
    """
    blocks = _draws(len(counts)).reshape(-1, _BLOCK, len(counts))
    sums: Counts = blocks @ counts
    return sums.reshape(-1, counts.shape[1])


@lru_cache(maxsize=16)
def _draws(clusters: int) -> Counts:
    """Return how often each cluster is in each draw, [resamples, clusters]."""
    picks = generator_of(SEED).integers(clusters, size=(RESAMPLES, clusters))
    rows = np.repeat(np.arange(RESAMPLES), clusters)
    draws = np.zeros((RESAMPLES, clusters), np.float32)
    np.add.at(draws, (rows, picks.ravel()), 1)
    return draws


def _quantiles(distinct: Floats, at_most: Counts, quantile: float) -> Floats:
    """Return a quantile of each draw, between order statistics (type 7)."""
    place = (at_most[:, -1].astype(np.float64) - 1) * quantile
    below = np.floor(place)
    low = distinct[(at_most <= below[:, None]).sum(axis=1)]
    above = np.minimum(below + 1, at_most[:, -1] - 1)
    high = distinct[(at_most <= above[:, None]).sum(axis=1)]
    between: Floats = low + (high - low) * (place - below)
    return between


def _bounds(draws: Floats) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)
