"""Measured values, some of them broken off, and the distribution behind them.

A response that the caller breaks off before its first audio still tells something:
its wait was longer than that. Leaving such values out would make a slow agent look
fast, so they are kept as lower bounds ("cut short", right-censored).

* The share of values below a point is the product-limit estimate (Kaplan and Meier
  1958, JASA 53:457); where nothing was cut short it is the plain share.
* The lognormal is the one of greatest likelihood. Without values cut short that is
  the mean and the standard deviation (n - 1) of the logarithms; with them it is found
  by the EM algorithm (Dempster, Laird and Rubin 1977, JRSS B 39:1; the normal with
  right-censored values is one of their examples).
* The goodness of fit is the Kolmogorov-Smirnov distance between the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from voicelab.responders.profile import Constant, Distribution, Goodness, Lognormal

Floats = npt.NDArray[np.float64]

TINY_SIGMA = 0.02
"""A spread of two per cent is not told from none: the value counts as constant."""

MAX_SIGMA = 3.0
"""The greatest spread that a profile may have."""

DECIMALS = 4
"""Significant digits of what is written; no trace supports more."""

_PERCENTS = (10, 50, 90, 95)
_SMALLEST = 1e-6
_FAR_OUT = 30.0
_EM_STEPS = 1000
_EM_TOLERANCE = 1e-9
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """Values of one quantity.

    Attributes:
        values: what was measured.
        cut_short: what was broken off: each would have been greater than this.
    """

    values: Sequence[float]
    cut_short: Sequence[float] = ()

    def __len__(self) -> int:
        return len(self.values)

    def percentile(self, percent: float) -> float | None:
        """Return the smallest value below or at which so many per cent lie.

        None where values cut short leave it open.
        """
        points, shares = self.shares()
        index = int(np.searchsorted(shares, percent / 100 - 1e-12))
        return float(points[index]) if index < len(points) else None

    def shares(self) -> tuple[Floats, Floats]:
        """Return the distinct values, sorted, and the share at or below each."""
        values = np.sort(np.asarray(self.values, dtype=np.float64))
        cut = np.sort(np.asarray(self.cut_short, dtype=np.float64))
        points, counts = np.unique(values, return_counts=True)
        # broken off at a value counts as broken off after it
        at_risk = len(values) - np.searchsorted(values, points)
        at_risk += len(cut) - np.searchsorted(cut, points)
        survival = np.cumprod(1 - counts / at_risk)
        return points, np.asarray(1 - survival, dtype=np.float64)


def fit_distribution(sample: Sample, *, tiny: float = 0.0) -> Distribution:
    """Return the distribution behind a sample that is not empty.

    Args:
        sample: the values; those below `tiny` count as `tiny` in a lognormal.
        tiny: a spread, in the unit of the values, that is not told from none: a
            sample whose middle 80 % lie within it is constant.
    """
    low, middle, high = (sample.percentile(percent) for percent in (10, 50, 90))
    if low is not None and middle is not None and high is not None:
        same = high - low <= tiny or middle <= 0
        if same:
            return Constant(value=_rounded(max(middle, 0.0)))
    floor = max(tiny, _SMALLEST)
    mean, sigma = _log_moments(
        np.log(np.maximum(np.asarray(sample.values, dtype=np.float64), floor)),
        np.log(np.maximum(np.asarray(sample.cut_short, dtype=np.float64), floor)),
    )
    if sigma <= TINY_SIGMA:
        return Constant(value=_rounded(math.exp(mean)))
    return Lognormal(
        median=_rounded(math.exp(mean)), sigma=_rounded(min(sigma, MAX_SIGMA))
    )


def goodness(sample: Sample, fitted: Distribution, *, tiny: float = 0.0) -> Goodness:
    """Return how well a distribution holds a sample that is not empty.

    Args:
        sample: the values.
        fitted: the distribution.
        tiny: as in `fit_distribution`.
    """
    named = {f"p{percent}": sample.percentile(percent) for percent in _PERCENTS}
    known = {key: _rounded(x) for key, x in named.items() if x is not None}
    return Goodness(
        n=len(sample),
        cut_short=len(sample.cut_short),
        ks_distance=round(ks_distance(sample, fitted, tiny=tiny), DECIMALS),
        **known,
    )


def ks_distance(sample: Sample, fitted: Distribution, *, tiny: float = 0.0) -> float:
    """Return the greatest difference between measured and fitted shares.

    Looked for at the measured values, just before each and at it, which is where a
    step function is farthest from a continuous one. What is too near to a constant
    to be told from it (`tiny`, or twice `TINY_SIGMA`) counts as equal to it.
    """
    points, shares = sample.shares()
    before = np.concatenate([[0.0], shares[:-1]])
    if isinstance(fitted, Constant):
        reach = max(fitted.value * 2 * TINY_SIGMA, tiny)
        equal = np.abs(points - fitted.value) <= reach
        return float(1 - np.sum((shares - before)[equal]))
    expected = np.array([_share_below(fitted, point) for point in points])
    return float(np.maximum(np.abs(shares - expected), np.abs(before - expected)).max())


def _share_below(fitted: Lognormal, value: float) -> float:
    if value <= 0:
        return 0.0
    return _NORMAL.cdf(math.log(value / fitted.median) / fitted.sigma)


def _log_moments(values: Floats, cut_short: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of the normal behind logarithms."""
    mean = float(values.mean())
    sigma = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    if not len(cut_short) or sigma == 0.0:
        return mean, sigma
    for _ in range(_EM_STEPS):
        before = mean, sigma
        mean, sigma = _em_step(values, cut_short, mean, sigma)
        if abs(mean - before[0]) + abs(sigma - before[1]) < _EM_TOLERANCE:
            break
    return mean, sigma


def _em_step(
    values: Floats, cut_short: Floats, mean: float, sigma: float
) -> tuple[float, float]:
    """Return better moments: each value cut short stands for what is expected of it.

    Of a normal beyond c = mean + z sigma, the mean is mean + sigma h(z) and the mean
    square sigma² (1 + z h(z)) + 2 mean sigma h(z) + mean², with the hazard h.
    """
    z = (cut_short - mean) / sigma
    hazard = np.array([_hazard(each) for each in z])
    first = mean + sigma * hazard
    square = sigma**2 * (1 + z * hazard) + 2 * mean * sigma * hazard + mean**2
    count = len(values) + len(cut_short)
    new_mean = float((values.sum() + first.sum()) / count)
    spread = float(((values**2).sum() + square.sum()) / count - new_mean**2)
    return new_mean, math.sqrt(max(spread, 0.0))


def _hazard(z: float) -> float:
    """Return the standard normal's density at z over what lies beyond it."""
    beyond = _NORMAL.cdf(-z)
    if z > _FAR_OUT:  # both are hardly above 0 there; h(z) = z + 1/z - ...
        return z + 1 / z
    return _NORMAL.pdf(z) / beyond


def _rounded(value: float) -> float:
    return float(f"{value:.{DECIMALS}g}")
