from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from voicelab.calibration.sample import Sample, fit_distribution, goodness, ks_distance
from voicelab.responders.profile import Constant, Lognormal

# Remission times in weeks under 6-mercaptopurine (Freireich et al. 1963, Blood 21:699),
# the textbook example of the product-limit estimate, and its published values.
REMISSIONS = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def lognormal(count: int, median: float, sigma: float, seed: int = 5) -> np.ndarray:
    return median * np.exp(sigma * np.random.default_rng(seed).standard_normal(count))


def test_shares_are_the_published_ones_of_the_textbook_example() -> None:
    points, below = Sample(REMISSIONS, STILL_IN_REMISSION).shares()
    assert points.tolist() == list(SURVIVAL)
    assert (1 - below).round(3).tolist() == list(SURVIVAL.values())


def test_a_percentile_that_was_never_reached_is_not_known() -> None:
    sample = Sample(REMISSIONS, STILL_IN_REMISSION)
    assert sample.percentile(50) == 23
    assert sample.percentile(90) is None


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_nothing_cut_short_gives_plain_percentiles(count: int) -> None:
    values = lognormal(count, 700, 0.4)
    sample = Sample(values.tolist())
    for percent in (1, 10, 50, 90, 95, 99):
        expected = np.percentile(values, percent, method="inverted_cdf")
        assert sample.percentile(percent) == expected


def test_the_fit_is_the_moments_of_the_logarithms() -> None:
    values = lognormal(400, 700, 0.35)
    fitted = fit_distribution(Sample(values.tolist()))
    assert isinstance(fitted, Lognormal)
    logs = np.log(values)
    assert fitted.median == pytest.approx(math.exp(logs.mean()), rel=1e-3)
    assert fitted.sigma == pytest.approx(logs.std(ddof=1), rel=1e-3)


def test_a_fit_to_values_cut_short_has_the_greatest_likelihood() -> None:
    values, limits = lognormal(60, 900, 0.6), lognormal(60, 900, 0.5, seed=6)
    seen = values <= limits
    sample = Sample(values[seen].tolist(), limits[~seen].tolist())
    assert 15 < len(sample.cut_short) < 45
    fitted = fit_distribution(sample)
    assert isinstance(fitted, Lognormal)

    def likelihood(mean: float, sigma: float) -> float:
        normal = NormalDist(mean, sigma)
        told = sum(math.log(normal.pdf(math.log(v))) for v in sample.values)
        return told + sum(
            math.log(1 - normal.cdf(math.log(c))) for c in sample.cut_short
        )

    best = likelihood(math.log(fitted.median), fitted.sigma)
    for nudge in (0.995, 1.005):
        assert best > likelihood(math.log(fitted.median * nudge), fitted.sigma)
        assert best > likelihood(math.log(fitted.median), fitted.sigma * nudge)


@pytest.mark.parametrize("limit_ms", [600, 1000, 3000])
def test_a_fit_is_not_misled_by_impatient_callers(limit_ms: float) -> None:
    values = lognormal(20_000, 800, 0.7)
    waits = Sample(
        values[values <= limit_ms].tolist(), [limit_ms] * int((values > limit_ms).sum())
    )
    fitted = fit_distribution(waits)
    assert isinstance(fitted, Lognormal)
    assert fitted.median == pytest.approx(800, rel=0.03)
    assert fitted.sigma == pytest.approx(0.7, rel=0.03)
    assert ks_distance(waits, fitted) < 0.012


def test_what_does_not_vary_is_constant() -> None:
    assert fit_distribution(Sample([5.0] * 9)) == Constant(value=5)
    assert fit_distribution(Sample([4.99, 5, 5.01, 5.02])) == Constant(value=5.005)
    assert fit_distribution(Sample([7.5])) == Constant(value=7.5)
    assert fit_distribution(Sample([0.0, 0, 0, 0.2]), tiny=1) == Constant(value=0)
    assert fit_distribution(Sample([-3.0, -2, -1])) == Constant(value=0)


def test_the_distance_of_a_small_sample_worked_out_by_hand() -> None:
    """Values at the fitted quartiles: the steps are 1/3, the shares 1/4, 1/2, 3/4."""
    fitted = Lognormal(median=100, sigma=0.5)
    sample = Sample([fitted.at(0.25), fitted.at(0.5), fitted.at(0.75)])
    assert ks_distance(sample, fitted) == pytest.approx(1 / 4)
    assert ks_distance(Sample([fitted.at(0.5)]), fitted) == pytest.approx(1 / 2)
    assert ks_distance(Sample([0.0]), fitted) == 1


def test_the_distance_from_a_constant_is_the_share_that_differs() -> None:
    sample = Sample([100.0, 101, 99, 180])
    assert ks_distance(sample, Constant(value=100)) == pytest.approx(1 / 4)
    assert ks_distance(sample, Constant(value=100), tiny=90) == 0


def test_what_is_told_of_a_fit() -> None:
    values = lognormal(200, 500, 0.5)
    sample = Sample(values.tolist(), [600.0, 900.0])
    told = goodness(sample, fit_distribution(sample))
    assert (told.n, told.cut_short) == (200, 2)
    assert told.ks_distance < 0.08
    assert told.p50 == pytest.approx(sample.percentile(50), rel=1e-3)
    assert goodness(Sample([1.0], [2.0, 3.0]), Constant(value=1)).p90 is None
