from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from tests.support.figures import boxes, named, words
from voicelab import plot
from voicelab.errors import InputError

SETTINGS = pd.DataFrame(
    {
        "detector": "silero",
        "threshold": [0.5, 0.5, 0.5, 0.8],
        "silence_duration_ms": [200, 500, 800, 500],
        "prefix_padding_ms": 300,
        "cut_in_rate": [0.3, 0.1, 0.0, 0.2],
        "cut_in_low": [0.2, 0.05, 0.0, 0.1],
        "cut_in_high": [0.4, 0.2, 0.1, 0.3],
        "endpointing_delay_p50_ms": [260.0, 560.0, 860.0, 600.0],
        "endpointing_delay_p95_ms": [290.0, 590.0, np.nan, 640.0],
        "turns": 40,
        "is_front": [True, True, True, False],
        "is_default": [False, True, False, False],
    }
)


class FakeCurve:
    """What an operating curve offers: a table, and its front by another delay."""

    table = SETTINGS.assign(codec="pcm", noise=None, snr_db=np.nan)

    def front(self, by: str) -> pd.DataFrame:
        assert by == "endpointing_delay_p95_ms"
        return self.table.iloc[[1]]


def test_all_settings_are_grey_and_the_front_is_joined() -> None:
    picture = plot.pareto(SETTINGS)
    (grey,), (front,) = named(picture, "settings"), named(picture, "front-front")
    assert list(grey.get_xdata()) == [260, 560, 860, 600]
    assert list(front.get_xdata()) == [260, 560, 860]
    assert list(front.get_ydata()) == [30, 10, 0]


def test_the_front_has_intervals() -> None:
    (bars,) = named(plot.pareto(SETTINGS), "interval-front")
    assert [segment[:, 1].tolist() for segment in bars.get_segments()] == [
        [20, 40],
        [5, 20],
        [0, 10],
    ]


def test_a_setting_of_semantic_vad_is_named_by_its_eagerness() -> None:
    eagerness = pd.Series([None, None, "high", None], dtype="string")
    table = SETTINGS.assign(eagerness=eagerness)
    table.loc[2, "detector"] = "semantic_vad"
    told = words(plot.pareto(table))
    assert "semantic_vad, high" in told
    assert "silero 0.5, 200 ms" in told


def test_budget_default_and_choice_are_marked() -> None:
    choice = {"silence_duration_ms": 800, "threshold": 0.5}
    picture = plot.pareto(SETTINGS, max_cut_in_rate=0.05, chosen=choice)
    (budget,) = named(picture, "budget")
    assert list(budget.get_ydata()) == [5, 5]
    marks = {name: named(picture, name)[0] for name in ("default", "chosen")}
    assert marks["default"].get_xdata()[0] == 560
    assert marks["chosen"].get_xdata()[0] == 860
    assert repr(picture) == (
        "<Pareto settings=4 front=3 default=560 ms, 10 % cut in on "
        "chosen=860 ms, 0 % cut in on>"
    )


def test_the_budget_is_written_on_its_line() -> None:
    picture = plot.pareto(SETTINGS, max_cut_in_rate=0.05)
    axes = picture.figure.axes[0]
    (told,) = [each for each in axes.texts if each.get_text() == "budget 5 %"]
    assert isinstance(told, Annotation)
    assert told.arrow_patch is None
    box = dict(boxes(picture))["budget 5 %"]
    level = axes.transData.transform((0, 5))[1]
    assert min(abs(box.y0 - level), abs(box.y1 - level)) < 8


def test_no_label_lies_on_an_interval() -> None:
    choice = {"silence_duration_ms": 800, "threshold": 0.5}
    picture = plot.pareto(SETTINGS, max_cut_in_rate=0.05, chosen=choice)
    axes = picture.figure.axes[0]
    places = dict(boxes(picture))
    (bars,) = named(picture, "interval-front")
    for segment in bars.get_segments():
        (x, foot), (_, head) = axes.transData.transform(segment)
        for label in axes.texts:
            box = places[label.get_text()]
            assert not (box.x0 < x < box.x1 and box.y0 < head and foot < box.y1)


def test_a_setting_without_a_delay_is_counted() -> None:
    picture = plot.pareto(SETTINGS, by="endpointing_delay_p95_ms")
    assert "1 setting without a delay" in words(picture)
    assert "endpointing delay, p95, ms" in words(picture)


def test_a_curve_tells_its_front_by_another_delay() -> None:
    picture = plot.pareto(FakeCurve(), by="endpointing_delay_p95_ms")
    (front,) = named(picture, "front-front")
    assert list(front.get_xdata()) == [590]


def test_each_condition_has_its_own_front() -> None:
    both = pd.concat([SETTINGS.assign(codec="pcm"), SETTINGS.assign(codec="pcmu")])
    picture = plot.pareto(both)
    assert named(picture, "front-pcm")
    assert named(picture, "front-pcmu")
    assert "pcmu" in words(picture)


def test_no_front_is_drawn_where_none_is_marked() -> None:
    assert "front=0" in repr(plot.pareto(SETTINGS.assign(is_front=False)))


@pytest.mark.parametrize(
    ("wrong", "settings", "said"),
    [
        (SETTINGS.iloc[:0], {}, "there is no row"),
        (SETTINGS.drop(columns="cut_in_low"), {}, "no column 'cut_in_low'"),
        (SETTINGS.drop(columns="is_front"), {}, "no column 'is_front'"),
        (SETTINGS, {"by": "delay"}, "no column 'delay'"),
        (SETTINGS.assign(cut_in_rate=np.nan), {}, "none of 4 settings has both"),
        (SETTINGS, {"chosen": {"threshold": 0.1}}, "no setting is {'threshold': 0.1}"),
        (SETTINGS, {"chosen": object()}, "no setting is like what was chosen"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    wrong: Any, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        plot.pareto(wrong, **settings)
    assert said in str(caught.value)
