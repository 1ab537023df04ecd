from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import boxes, named, words
from voicelab import plot
from voicelab.errors import InputError

POINTS = pd.DataFrame(
    {
        "detector": "silero",
        "threshold": [0.7, 0.3, 0.5],
        "miss_rate": [0.2, 0.02, 0.05],
        "false_alarm_rate": [0.01, 0.1, 0.04],
    }
)


def test_points_are_joined_in_order_of_their_thresholds() -> None:
    (line,) = named(plot.det(POINTS), "curve-silero")
    assert list(line.get_xdata()) == [0.1, 0.04, 0.01]
    assert list(line.get_ydata()) == [0.02, 0.05, 0.2]


def test_axes_are_of_normal_deviates() -> None:
    axes = plot.det(POINTS).figure.axes[0]
    places = axes.transScale.transform([(share, share) for share in (0.02, 0.1, 0.5)])
    expected = [NormalDist().inv_cdf(share) for share in (0.02, 0.1, 0.5)]
    assert places[:, 0] == pytest.approx(expected)
    assert places[:, 1] == pytest.approx(expected)


def test_the_default_is_starred_and_the_chosen_ringed() -> None:
    picture = plot.det(POINTS, chosen=0.3)
    (star,), (ring,) = named(picture, "default-silero"), named(picture, "chosen-silero")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (0.04, 0.05)
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (0.1, 0.02)
    assert "default 0.5:\nmisses 5 %,\nfalse alarms 4 %" in words(picture)
    assert repr(picture) == (
        "<Det silero: points=3 default=0.5 miss=5 % false_alarm=4 % "
        "chosen=0.3 miss=2 % false_alarm=10 %>"
    )


def test_a_rate_of_zero_stands_at_the_edge_and_is_told() -> None:
    picture = plot.det(POINTS.assign(miss_rate=[0.2, 0.0, 0.05]))
    (line,) = named(picture, "curve-silero")
    assert line.get_ydata()[0] == picture.figure.axes[0].get_ylim()[0]
    assert "1 with a rate of 0 or 1, hollow, at the edge" in words(picture)


def test_detectors_and_conditions_are_curves() -> None:
    noisy = POINTS.assign(snr_db=10.0, noise="street")
    both = pd.concat([POINTS.assign(snr_db=np.nan, noise=None), noisy])
    digest = repr(plot.det(both, chosen={"street, 10 dB": 0.7}))
    assert "quiet: points=3 default=0.5" in digest
    assert (
        "street, 10 dB: points=3 default=0.5 miss=5 % false_alarm=4 % chosen=0.7"
        in (digest)
    )


def test_thresholds_and_curves_are_counted_apart() -> None:
    assert "n = 3 thresholds" in words(plot.det(POINTS)).splitlines()
    noisy = POINTS.assign(noise="street", snr_db=10.0)
    quiet = POINTS.assign(noise=None, snr_db=np.nan)
    both = pd.concat([quiet, noisy])
    assert "n = 3 thresholds \N{MULTIPLICATION SIGN} 2 curves" in words(plot.det(both))
    fewer = pd.concat([quiet, noisy[:2]])
    assert "n = 2 to 3 thresholds \N{MULTIPLICATION SIGN} 2 curves" in words(
        plot.det(fewer)
    )


def test_no_label_lies_on_a_curve() -> None:
    noisy = POINTS.assign(noise="street", snr_db=10.0, miss_rate=[0.4, 0.05, 0.1])
    quiet = POINTS.assign(noise=None, snr_db=np.nan)
    picture = plot.det(pd.concat([quiet, noisy]), chosen=0.3)
    axes = picture.figure.axes[0]
    places = dict(boxes(picture))
    for name in ("quiet", "street, 10 dB"):
        (line,) = named(picture, f"curve-{name}")
        ends = axes.transData.transform(line.get_xydata())
        steps = np.linspace(0, 2, 400)
        along = [np.interp(steps, range(3), part) for part in ends.T]
        for label in axes.texts:
            box = places[label.get_text()]
            assert not any(box.contains(x, y) for x, y in zip(*along, strict=True))


def test_thresholds_without_a_rate_are_left_out() -> None:
    without = POINTS.assign(miss_rate=[np.nan, 0.02, 0.05])
    assert "points=2" in repr(plot.det(without))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (POINTS.iloc[:0], "there is no row"),
        (POINTS.drop(columns="miss_rate"), "no column 'miss_rate'"),
        (POINTS.drop(columns="detector"), "no column 'detector'"),
        (POINTS.assign(miss_rate=np.nan), "none of 3 rows has a value of 'miss_rate'"),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.det(wrong)
    assert said in str(caught.value)
