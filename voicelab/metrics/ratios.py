"""A share of sums over many conversations: phantom words ÷ words generated.

Conventions
    Numerator and denominator are summed over all clusters before they are divided.
    What is counted within a cluster hangs together (the words of one interrupted
    answer), so no interval for independent trials applies; whole clusters are drawn
    with replacement instead, numerator and denominator together (Davison and Hinkley
    1997, Bootstrap Methods and their Application, sections 2.4 and 3.8: the ratio of
    two means).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voicelab.errors import StatisticsError
from voicelab.metrics.statistics import (
    CONFIDENCE,
    FEWEST_CLUSTERS,
    RESAMPLES,
    Interval,
    check_draws,
    generator_of,
)


def ratio_interval(
    numerators: Sequence[float],
    denominators: Sequence[float],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int,
) -> Interval:
    """Return the ratio of two sums with its cluster bootstrap interval.

    A draw whose denominator is 0 has no ratio and is left out. Where only one cluster
    has anything to divide by, every draw would give its ratio again, as if that were
    sure: there is no interval.

    Args:
        numerators: one sum a cluster.
        denominators: likewise, none below 0.
        confidence: of the interval.
        resamples: how often clusters are drawn.
        seed: of the draws, 0 or more.

    Returns:
        The interval; its `n` is how many clusters there are.

    Raises:
        StatisticsError: the two differ in length, one is not a finite number, fewer
            than two clusters have anything to divide by, or a setting is out of
            range.
    """
    above, below = np.asarray(numerators, float), np.asarray(denominators, float)
    _check(above, below)
    check_draws(confidence, resamples, seed)
    picks = generator_of(seed).integers(len(below), size=(resamples, len(below)))
    sums = below[picks].sum(axis=1)
    draws = above[picks].sum(axis=1)[sums > 0] / sums[sums > 0]
    tail = (1 - confidence) / 2
    low, high = (float(bound) for bound in np.quantile(draws, [tail, 1 - tail]))
    estimate = float(above.sum() / below.sum())
    return Interval(low, high, estimate, len(below), confidence)


def _check(above: np.ndarray, below: np.ndarray) -> None:
    if len(above) != len(below):
        raise StatisticsError(
            f"a ratio has two sums a cluster, here are {len(above)} and {len(below)}"
        )
    if not (np.isfinite(above).all() and np.isfinite(below).all()):
        raise StatisticsError("a sum is not a finite number", fix="leave its run out")
    if len(below) and (below.min() < 0 or below.sum() <= 0):
        raise StatisticsError("there is nothing to divide by")
    filled = int(np.count_nonzero(below))
    if filled < FEWEST_CLUSTERS:
        raise StatisticsError(
            f"clusters are drawn from at least {FEWEST_CLUSTERS} with anything to "
            f"divide by, here are {filled}"
        )
