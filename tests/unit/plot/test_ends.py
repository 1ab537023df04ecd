from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from voicelab.plot import style
from voicelab.plot.ends import name_ends, write_at_ends


@pytest.fixture
def axes() -> Axes:
    """Axes of 4 by 2 inches, with 1 inch around them, from 0 to 10 each way."""
    axes = Figure(figsize=(6, 4), dpi=100).add_axes((1 / 6, 1 / 4, 4 / 6, 2 / 4))
    axes.set(xlim=(0, 10), ylim=(0, 10))
    return axes


def written(axes: Axes, gid: str = "name") -> list[Annotation]:
    return [
        text
        for text in axes.texts
        if isinstance(text, Annotation) and text.get_gid() == gid
    ]


def test_a_text_stands_beside_the_end_of_its_line(axes: Axes) -> None:
    write_at_ends(axes, ["a\nb"], [np.array([8.0, 5.0])], "name")
    (text,) = written(axes)
    assert text.xy == pytest.approx((0.8, 0.5))
    assert text.xyann == pytest.approx((1 + 0.15 / 4, 0.5))
    assert text.get_text() == "a\nb"


def test_an_end_outside_is_led_to_at_the_edge(axes: Axes) -> None:
    write_at_ends(axes, ["a"], [np.array([12.0, -3.0])], "name")
    assert written(axes)[0].xy == (1, 0)


def test_texts_keep_the_order_of_the_ends_and_apart(axes: Axes) -> None:
    ends = [np.array([10.0, y]) for y in (5.0, 5.1, 4.9)]
    write_at_ends(axes, ["middle", "upper", "lower"], ends, "name")
    middle, upper, lower = (text.xyann[1] for text in written(axes))
    assert lower < middle < upper
    assert min(upper - middle, middle - lower) * 2 > 8 / 72  # inches; 8 pt high


def test_leaders_look_like_the_lines(axes: Axes) -> None:
    ends = [np.array([10.0, y]) for y in (2.0, 8.0)]
    write_at_ends(axes, ["a", "b"], ends, "name")
    for text, look in zip(written(axes), style.SERIES, strict=False):
        assert text.arrowprops is not None
        assert text.arrowprops["linestyle"] == look.line
        assert text.arrowprops["color"] == look.color


def test_a_name_too_long_for_the_margin_is_cut(axes: Axes) -> None:
    line = np.array([[0.0, 0.0], [10.0, 3.0]])
    name_ends(axes, {"a": line, "long " * 9: line}, 1.0, "line")
    short, cut = written(axes, "line")
    assert short.get_text() == "a"
    assert "…" in cut.get_text()
    assert short.xy == pytest.approx((1, 0.3))
