"""How sure a number is: percentiles, intervals and paired differences.

Conventions
    A quantile `q` and a `confidence` are fractions of one, both ends excluded; `p95` is
    `q = 0.95`. Values may have any unit; results have the same one, proportions and
    p-values have none. A cluster is what was drawn independently: a conversation,
    whose turns resemble each other. Values are finite numbers: a turn that failed or
    stayed silent has none and is counted apart (`Counted`), never left out unseen.

Measures
    `percentile` interpolates linearly between order statistics (type 7 of Hyndman and
    Fan 1996, "Sample quantiles in statistical packages"). It is refused where fewer
    than one value is expected beyond it: n ≥ 1 / min(q, 1 - q), so p90 needs 10, p95
    needs 20, p99 needs 100, and p5 as many as p95. The median is the exception: it
    needs one, because it says nothing about a tail.

    `wilson_interval` is the score interval of a proportion (Wilson 1927, "Probable
    inference, the law of succession, and statistical inference"), uncorrected.

    `cluster_bootstrap` draws whole clusters with replacement and takes the percentile
    interval (Efron 1979; Davison and Hinkley 1997, section 3.8). It is too narrow for
    few clusters, noticeably below about ten, and for quantiles far out.

    `paired_difference` is the mean or median of `a - b` over pairs; a median of
    differences is not the difference of medians. Its two-sided p-value flips the signs
    of whole clusters (Fisher 1935, The Design of Experiments, section 21). Up to
    `EXACT_CLUSTERS` clusters all 2^k flips are enumerated, so p is at least 2^(1-k);
    above, flips are drawn and p = (1 + hits) / (1 + draws) (Phipson and Smyth 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, sqrt
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from voicelab.errors import StatisticsError

FloatArray: TypeAlias = NDArray[np.float64]
Values: TypeAlias = Sequence[float] | FloatArray

CONFIDENCE = 0.95
RESAMPLES = 2000
EXACT_CLUSTERS = 12
FEWEST_CLUSTERS = 2
"""One cluster, drawn again and again, is always itself."""
_MEDIAN = 0.5
# Sums of the same numbers in another order differ by rounding; those are ties.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the interval around it.

    Attributes:
        low: the lower bound, in the unit of the estimate.
        high: the upper bound, likewise.
        estimate: the statistic of all values.
        n: how many values, or trials, the estimate is made of.
        confidence: how often such an interval holds the truth, nominally.
    """

    low: float
    high: float
    estimate: float
    n: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Paired:
    """What changed between two measurements of the same things.

    Attributes:
        difference: the mean or median of `a - b`.
        interval: its cluster bootstrap interval.
        n_pairs: how many pairs.
        n_clusters: how many clusters they come from.
        p_value: two-sided, of the sign flips of clusters.
    """

    difference: float
    interval: Interval
    n_pairs: int
    n_clusters: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Counted:
    """Measured values, and how many measurements have none.

    Attributes:
        values: what was measured, finite.
        failed: how many turns failed or stayed silent.

    Raises:
        StatisticsError: a value is not a finite number, or `failed` is negative.
    """

    values: tuple[float, ...]
    failed: int

    def __post_init__(self) -> None:
        _numbers(self.values)
        if self.failed < 0:
            raise StatisticsError(
                f"{self.failed} is no count of failures", fix="give 0 or more"
            )

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Counted:
        """Count every `None` as failed and keep the other values, in order."""
        every = list(values)
        kept = tuple(value for value in every if value is not None)
        return cls(kept, len(every) - len(kept))

    @property
    def total(self) -> int:
        """How many measurements were tried."""
        return len(self.values) + self.failed

    def failure_rate(self, confidence: float = CONFIDENCE) -> Interval:
        """Return the share that failed, with its Wilson interval."""
        return wilson_interval(self.failed, self.total, confidence)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number made of a sample, and how large the sample must be.

    Attributes:
        name: what it is called in messages.
        of: maps a non-empty array of shape (n,) to the number.
        at_least: the smallest n for which it is reported.
    """

    name: str
    of: Callable[[FloatArray], float]
    at_least: int = 1

    def __call__(self, values: FloatArray) -> float:
        """Return the statistic, whatever the size; resamples vary in theirs."""
        return float(self.of(values))

    def check(self, n: int) -> None:
        """Raise `StatisticsError` if `n` values are too few."""
        if n < self.at_least:
            needed = f"{self.at_least} value{'s' if self.at_least > 1 else ''}"
            raise StatisticsError(
                f"{self.name} needs at least {needed}, here are {n}",
                fix="measure more, or take a quantile nearer the median",
            )


# Around the first value, so that the mean of equal values is that value exactly.
mean = Statistic(
    "the mean", lambda values: float(values[0] + np.mean(values - values[0]))
)
median = Statistic("the median", lambda values: float(np.median(values)))


def quantile(q: float) -> Statistic:
    """Return the statistic of quantile `q`, for `cluster_bootstrap`.

    Raises:
        StatisticsError: `q` is not between 0 and 1.
    """
    needed = enough_for(q)
    return Statistic(
        f"p{q * 100:g}", lambda values: float(np.quantile(values, q)), needed
    )


def enough_for(q: float) -> int:
    """Return how many values quantile `q` needs; see the head of this module.

    Raises:
        StatisticsError: `q` is not between 0 and 1.
    """
    _check_fraction(q, "a quantile")
    if q == _MEDIAN:
        return 1
    exact = Fraction(repr(float(q)))  # as written: 1 / (1 - 0.9) exceeds 10 in binary
    return ceil(1 / min(exact, 1 - exact))


def percentile(values: Values, q: float) -> float:
    """Return quantile `q` of the values, in their unit.

    Raises:
        StatisticsError: there are fewer than `enough_for(q)` values, one is not a
            finite number, or `q` is not between 0 and 1.
    """
    statistic, sample = quantile(q), _numbers(values)
    statistic.check(len(sample))
    return statistic(sample)


def wilson_interval(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the share of successes in `n` trials, with its Wilson interval.

    Raises:
        StatisticsError: there is no trial, the successes are not between 0 and `n`, or
            `confidence` is not between 0 and 1.
    """
    _check_fraction(confidence, "a confidence")
    if n < 1:
        raise StatisticsError(f"a proportion needs at least 1 trial, here are {n}")
    if not 0 <= successes <= n:
        raise StatisticsError(f"{successes} successes in {n} trials are impossible")
    z2 = NormalDist().inv_cdf((1 - confidence) / 2) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low, high = min(centre - half, share), max(centre + half, share)
    return Interval(max(low, 0.0), min(high, 1.0), share, n, confidence)


def cluster_bootstrap(
    values_by_cluster: Sequence[Values],
    statistic: Callable[[FloatArray], float],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int,
) -> Interval:
    """Return a statistic of all values with its cluster bootstrap interval.

    Args:
        values_by_cluster: the values of each cluster, one unit throughout.
        statistic: `mean`, `median`, `quantile(q)`, or any function of a 1-D array.
        confidence: of the interval.
        resamples: how often clusters are drawn.
        seed: of the draws, 0 or more; the same seed gives the same interval.

    Raises:
        StatisticsError: there are fewer than two clusters, one is empty or holds no
            finite number, there are too few values for the statistic, too few
            resamples for the confidence, or a setting is out of range.
    """
    groups = _clusters(values_by_cluster)
    check_draws(confidence, resamples, seed)
    return _bootstrap(groups, statistic, confidence, resamples, generator_of(seed))


def paired_difference(
    a: Values,
    b: Values,
    clusters: Sequence[Hashable],
    *,
    statistic: Statistic = mean,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int,
) -> Paired:
    """Return the mean or median of `a - b`, its interval and its p-value.

    Args:
        a: one value per pair.
        b: the value it is compared with, in the same unit.
        clusters: the conversation, or other cluster, of each pair.
        statistic: `mean` or `median`.
        confidence: of the interval.
        resamples: how often clusters, and signs not enumerated, are drawn.
        seed: of the draws, 0 or more; the same seed gives the same result.

    Raises:
        StatisticsError: the three differ in length, the statistic is another one, or
            what `cluster_bootstrap` refuses.
    """
    if statistic not in (mean, median):
        raise StatisticsError(
            f"signs cannot be flipped for {statistic.name}", fix="take mean or median"
        )
    check_draws(confidence, resamples, seed)
    groups = _clusters(_differences(a, b, clusters))
    generator = generator_of(seed)
    interval = _bootstrap(groups, statistic, confidence, resamples, generator)
    p_value = _sign_flip_p(groups, statistic, resamples, generator)
    return Paired(interval.estimate, interval, interval.n, len(groups), p_value)


def _bootstrap(
    groups: list[FloatArray],
    statistic: Callable[[FloatArray], float],
    confidence: float,
    resamples: int,
    generator: np.random.Generator,
) -> Interval:
    sample = np.concatenate(groups)
    if isinstance(statistic, Statistic):
        statistic.check(len(sample))
    picks = generator.integers(len(groups), size=(resamples, len(groups)))
    draws = [statistic(np.concatenate([groups[i] for i in pick])) for pick in picks]
    tail = (1 - confidence) / 2
    low, high = (float(bound) for bound in np.quantile(draws, [tail, 1 - tail]))
    return Interval(low, high, float(statistic(sample)), len(sample), confidence)


def _sign_flip_p(
    groups: list[FloatArray],
    statistic: Statistic,
    resamples: int,
    generator: np.random.Generator,
) -> float:
    """Return the share of flips with a statistic as far from zero as the real one."""
    sample = np.concatenate(groups)
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    exact = len(groups) <= EXACT_CLUSTERS
    signs = (
        np.array(list(product((1, -1), repeat=len(groups))))
        if exact
        else generator.choice((1, -1), size=(resamples, len(groups)))
    )
    flipped = np.array([abs(statistic(sample * sign[owner])) for sign in signs])
    slack = _ROUNDING * float(np.max(np.abs(sample)))
    hits = int(np.count_nonzero(flipped >= abs(statistic(sample)) - slack))
    return hits / len(signs) if exact else (1 + hits) / (1 + len(signs))


def _differences(
    a: Values, b: Values, clusters: Sequence[Hashable]
) -> list[FloatArray]:
    """Return `a - b` by cluster, in the order in which clusters first appear."""
    if not len(a) == len(b) == len(clusters):
        raise StatisticsError(
            f"a pair has two values and a cluster, here are {len(a)} and {len(b)} "
            f"values and {len(clusters)} clusters"
        )
    rows: dict[Hashable, list[int]] = {}
    for row, cluster in enumerate(clusters):
        rows.setdefault(cluster, []).append(row)
    difference = _numbers(a) - _numbers(b)
    return [difference[those] for those in rows.values()]


def _clusters(values_by_cluster: Sequence[Values]) -> list[FloatArray]:
    groups = [_numbers(values) for values in values_by_cluster]
    if len(groups) < FEWEST_CLUSTERS:
        raise StatisticsError(
            f"clusters are drawn from at least {FEWEST_CLUSTERS}, "
            f"here are {len(groups)}"
        )
    for index, group in enumerate(groups):
        if not len(group):
            raise StatisticsError(
                f"cluster {index} holds no value", fix="leave it out and report it"
            )
    return groups


def _numbers(values: Values) -> FloatArray:
    """Return the values as an array of shape (n,), all finite."""
    for index, value in enumerate(values):
        if not _is_number(value):
            raise StatisticsError(
                f"value {index} is {value!r}, not a finite number",
                fix="count failed and silent turns apart, see Counted",
            )
    return np.asarray(values, dtype=np.float64)


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float | np.integer | np.floating)
    return number and not isinstance(value, bool) and bool(np.isfinite(value))  # type: ignore[call-overload]


def _check_fraction(value: float, what: str) -> None:
    if not 0 < value < 1:
        raise StatisticsError(f"{what} is between 0 and 1, not {value}")


def check_draws(confidence: float, resamples: int, seed: int) -> None:
    """Raise `StatisticsError` if an interval cannot be drawn with these settings."""
    _check_fraction(confidence, "a confidence")
    if seed < 0:
        raise StatisticsError(f"a seed is 0 or more, not {seed}")
    needed = enough_for((1 - confidence) / 2)
    if resamples < needed:
        raise StatisticsError(
            f"a confidence of {confidence} needs at least {needed} resamples, "
            f"here are {resamples}"
        )


def generator_of(seed: int) -> np.random.Generator:
    """Return what draws by a seed, the same in every version of NumPy."""
    return np.random.Generator(np.random.PCG64(seed))
