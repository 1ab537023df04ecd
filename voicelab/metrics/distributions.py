"""How values are distributed: cumulative shares and counts in bins.

Conventions
    Values may have any unit, and are finite. A measurement without a value (`Counted`)
    still counts as a measurement: a cumulative curve ends below 1 where some have none.

Measures
    `cumulative_shares` is the empirical distribution function: the share of all
    measurements whose value is at most x.

    `cumulative_band` draws whole clusters with replacement, as `cluster_bootstrap`
    does (Efron 1979), and takes the percentile interval of the share at each x. It is
    a band of intervals, each at its own x, not one that holds the whole curve.

    `histogram` counts values in [k w, (k + 1) w), k an integer: 0 is an edge of a bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicelab.errors import StatisticsError
from voicelab.metrics.statistics import (
    CONFIDENCE,
    FEWEST_CLUSTERS,
    RESAMPLES,
    Counted,
    FloatArray,
    Values,
    check_draws,
    generator_of,
)

_MOST_BINS = 100_000
_MOST_POINTS = 200
"""So many places of a curve are enough for a band around it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """A cumulative distribution.

    Attributes:
        x: the distinct values, ascending, in their unit; shape (m,).
        share: the share of all measurements at or below each; shape (m,).
        n: how many measurements have a value.
        total: how many measurements there are.
    """

    x: FloatArray
    share: FloatArray
    n: int
    total: int

    def at(self, x: float) -> float:
        """Return the share of all measurements whose value is at most `x`."""
        below = int(np.searchsorted(self.x, x, side="right"))
        return float(self.share[below - 1]) if below else 0.0


@dataclass(frozen=True, slots=True)
class Band:
    """An interval around a cumulative distribution at some values.

    Attributes:
        x: the values, ascending; shape (m,).
        low: the lower bound of the share at each; shape (m,).
        high: the upper bound, likewise.
        clusters: how many clusters were drawn from.
        confidence: how often such an interval holds the truth, nominally.
    """

    x: FloatArray
    low: FloatArray
    high: FloatArray
    clusters: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts of values in bins of equal width.

    Attributes:
        edges: in the unit of the values; shape (m + 1,).
        counts: how many values lie in each bin; shape (m,).
    """

    edges: FloatArray
    counts: NDArray[np.int64]


def cumulative_shares(measured: Counted) -> Shares:
    """Return the cumulative distribution of what was measured.

    Raises:
        StatisticsError: no measurement has a value.
    """
    if not measured.values:
        raise StatisticsError("a distribution needs at least 1 value, here are 0")
    x, counts = np.unique(np.asarray(measured.values), return_counts=True)
    share = np.cumsum(counts) / measured.total
    return Shares(x, share, len(measured.values), measured.total)


def cumulative_band(
    clusters: Sequence[Counted],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int,
) -> Band:
    """Return the bootstrap band of the cumulative distribution of all clusters.

    Args:
        clusters: what was measured in each cluster, failures among it.
        confidence: of the interval at each value.
        resamples: how often clusters are drawn.
        seed: of the draws; the same seed gives the same band.

    Raises:
        StatisticsError: there are fewer than two clusters, no values, or a setting is
            out of range.
    """
    check_draws(confidence, resamples, seed)
    if len(clusters) < FEWEST_CLUSTERS:
        raise StatisticsError(
            f"clusters are drawn from at least {FEWEST_CLUSTERS}, "
            f"here are {len(clusters)}"
        )
    values = [value for cluster in clusters for value in cluster.values]
    x = _places(cumulative_shares(Counted(tuple(values), 0)).x)
    below = np.array([np.searchsorted(sorted(c.values), x, "right") for c in clusters])
    totals = np.array([cluster.total for cluster in clusters])
    even = np.full(len(clusters), 1 / len(clusters))
    picks = generator_of(seed).multinomial(len(clusters), even, size=resamples)
    drawn = picks @ totals
    shares = (picks @ below)[drawn > 0] / drawn[drawn > 0, None]
    tail = (1 - confidence) / 2
    low, high = np.quantile(shares, [tail, 1 - tail], axis=0)
    return Band(x, low, high, len(clusters), confidence)


def _places(x: FloatArray) -> FloatArray:
    """Return at most some hundred of the values, first and last among them."""
    if len(x) <= _MOST_POINTS:
        return x
    chosen = np.linspace(0, len(x) - 1, _MOST_POINTS).round().astype(int)
    places: FloatArray = x[chosen]
    return places


def histogram(values: Values, width: float) -> Bins:
    """Return how many values lie in each bin, from the lowest to the highest.

    Args:
        values: in any unit.
        width: of a bin, in that unit.

    Raises:
        StatisticsError: there are no values, the width is not above 0, or the bins
            would be more than a hundred thousand.
    """
    if not width > 0:
        raise StatisticsError(f"a bin is wider than 0, not {width}")
    if not len(values):
        raise StatisticsError("a histogram needs at least 1 value, here are 0")
    index = np.floor(np.asarray(values, dtype=np.float64) / width)
    low, high = float(index.min()), float(index.max())
    if high - low >= _MOST_BINS:
        raise StatisticsError(
            f"bins of {width:g} from {low * width:g} to {high * width:g} are too many",
            fix="give a greater width",
        )
    counts = np.bincount((index - low).astype(np.int64))
    edges = np.asarray((low + np.arange(len(counts) + 1)) * width, dtype=np.float64)
    return Bins(edges, counts.astype(np.int64))
