from __future__ import annotations

import math

import pytest

from voicelab.errors import StatisticsError
from voicelab.metrics import ratio_interval


def test_sums_are_divided_not_rates_averaged() -> None:
    interval = ratio_interval([1, 0], [1, 9], seed=1)
    assert interval.estimate == 1 / 10  # not (1/1 + 0/9) / 2
    # two clusters are drawn as 2 x the first, one of each, or 2 x the second
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_the_same_share_everywhere_has_no_width() -> None:
    interval = ratio_interval([1, 2, 3], [10, 20, 30], seed=1)
    assert interval.low == pytest.approx(0.1, abs=1e-15)
    assert interval.high == pytest.approx(0.1, abs=1e-15)


def test_draws_without_anything_to_divide_by_are_left_out() -> None:
    interval = ratio_interval([1, 1, 0], [1, 2, 0], seed=1)
    assert interval.estimate == 2 / 3
    assert (interval.low, interval.high) == (0.5, 1.0)  # never 0 / 0


@pytest.mark.parametrize(
    ("confidence", "resamples", "seed", "message"),
    [
        (1.0, 2000, 1, "a confidence is between 0 and 1, not 1.0"),
        (0.95, 10, 1, "needs at least 40 resamples, here are 10"),
        (0.95, 2000, -1, "a seed is 0 or more, not -1"),
    ],
)
def test_bad_settings_are_refused(
    confidence: float, resamples: int, seed: int, message: str
) -> None:
    with pytest.raises(StatisticsError, match=message):
        ratio_interval(
            [1, 2], [3, 4], confidence=confidence, resamples=resamples, seed=seed
        )


@pytest.mark.parametrize(
    ("above", "below", "message"),
    [
        ([1], [1, 2], "two sums a cluster, here are 1 and 2"),
        ([1], [2], "at least 2 with anything to divide by, here are 1"),
        ([1, 0, 0], [2, 0, 0], "at least 2 with anything to divide by, here are 1"),
        ([], [], "at least 2 with anything to divide by, here are 0"),
        ([0, 0], [0, 0], "nothing to divide by"),
        ([1, 1], [3, -1], "nothing to divide by"),
        ([1, math.nan], [1, 1], "not a finite number"),
    ],
)
def test_bad_sums_are_refused(
    above: list[float], below: list[float], message: str
) -> None:
    with pytest.raises(StatisticsError, match=message):
        ratio_interval(above, below, seed=1)
