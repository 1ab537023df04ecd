from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from voicelab.plot import style
from voicelab.plot.labels import Labels, box_of, shorten, size_in, spread, wrap

PLACES = st.lists(
    st.tuples(st.floats(0, 10, allow_nan=False), st.floats(0.1, 0.8)), max_size=8
)


def test_texts_that_do_not_touch_stay_where_they_are() -> None:
    assert spread([1.0, 5.0], [1.0, 1.0], 0, 10, gap=0) == [1, 5]


def test_texts_at_one_place_make_way_for_each_other() -> None:
    assert spread([5.0, 5.0], [1.0, 3.0], 0, 10, gap=0) == [4, 6]
    assert spread([0.0, 0.0], [2.0, 2.0], 0, 10, gap=1) == [1, 4]
    assert spread([10.0], [2.0], 0, 10, gap=1) == [9]


@given(PLACES)
def test_nothing_overlaps_and_the_order_is_kept(
    wanted: list[tuple[float, float]],
) -> None:
    centres, sizes = [w[0] for w in wanted], [w[1] for w in wanted]
    placed = spread(centres, sizes, 0, 10, gap=0.1)
    order = sorted(range(len(placed)), key=lambda i: centres[i])
    for left, right in pairwise(order):
        apart = placed[right] - placed[left]
        assert apart >= (sizes[left] + sizes[right]) / 2 + 0.1 - 1e-9
    for centre, size in zip(placed, sizes, strict=True):
        assert centre - size / 2 >= -1e-9
        assert centre + size / 2 <= 10 + 1e-9


@pytest.mark.parametrize("text", ["a-very-long-name-of-a-scenario-17", "short", ""])
@pytest.mark.parametrize("width_in", [0.3, 0.6, 9.0])
def test_what_is_too_long_keeps_both_its_ends(text: str, width_in: float) -> None:
    figure = Figure()
    with style.context():
        short = shorten(figure, text, width_in)
        assert size_in(figure, short)[0] <= width_in
    if short != text:
        head, tail = short.split("…")
        assert text.startswith(head)
        assert text.endswith(tail)


def test_parts_are_put_on_lines_of_a_width() -> None:
    figure = Figure()
    with style.context():
        wide = size_in(figure, "one · two")[0] + 0.01
        assert wrap(figure, ["one", "two", "three"], wide, 2) == "one · two\nthree"
        assert wrap(figure, ["one", "two", "three"], 9, 2) == "one · two · three"
        narrow = wrap(figure, ["one", "two", "three"], wide, 1)
    assert "\n" not in narrow
    assert "…" in narrow


def test_labels_stay_inside_and_off_one_another() -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    with style.context():
        labels = Labels(axes)
        for _ in range(6):
            assert labels.beside((0.6, 0.7), "at one point", color="red")
    figure = axes.get_figure(root=True)
    assert figure is not None
    boxes = [box_of(text, figure) for text in axes.texts]
    for index, box in enumerate(boxes):
        assert axes.bbox.x0 <= box.x0
        assert box.x1 <= axes.bbox.x1 + 1
        assert not any(box.overlaps(other) for other in boxes[:index])


def test_a_label_covers_no_line_if_there_is_room() -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    line = np.array([(0.0, 0.5), (1.0, 0.5)])
    with style.context():
        Labels(axes, lines=[line]).beside((0.5, 0.5), "above or below", color="red")
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = box_of(axes.texts[0], figure)
    level = axes.transData.transform((0.5, 0.5))[1]
    assert not box.y0 <= level <= box.y1


def test_a_leader_starts_at_the_text_and_ends_at_the_marker() -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    wall = np.array([(0.4, 0.5), (0.6, 0.5), (0.6, 0.4), (0.4, 0.4), (0.4, 0.5)])
    with style.context():
        labels = Labels(
            axes, lines=[wall + np.array([0, step / 30]) for step in range(-3, 6)]
        )
        labels.beside((0.5, 0.5), "a longer line\nshort", color="red", radius_pt=5)
    (text,) = axes.texts
    assert isinstance(text, Annotation)
    assert text.arrow_patch is not None
    assert text.arrow_patch.shrinkA <= 1
    assert text.arrow_patch.shrinkB == 6


def test_a_text_that_may_be_left_out_covers_nothing() -> None:
    axes = Figure(figsize=(2, 2)).add_subplot()
    everywhere = np.random.default_rng(1).random((4000, 2))
    with style.context():
        labels = Labels(axes, everywhere)
        assert not labels.beside(
            (0.5, 0.5), "if there is room", color="red", must=False
        )
        assert labels.beside((0.5, 0.5), "in any case", color="red")
    assert [text.get_text() for text in axes.texts] == ["in any case"]


def test_a_text_keeps_away_from_markers() -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    with style.context():
        labels = Labels(axes)
        labels.keep_free((0.52, 0.5), 6)
        labels.beside((0.5, 0.5), "left of it", color="red", radius_pt=6)
    figure = axes.get_figure(root=True)
    assert figure is not None
    point = axes.transData.transform((0.5, 0.5))
    assert box_of(axes.texts[0], figure).x1 < point[0] - 6


def test_a_text_along_a_line_stands_where_it_is_free() -> None:
    axes = Figure(figsize=(4, 3)).add_subplot()
    pole = np.array([(0.95, 0.0), (0.95, 1.0)])
    with style.context():
        labels = Labels(axes, lines=[pole])
        assert labels.along(((0, 0.5), (1, 0.5)), "budget", color="red")
        assert not labels.along(((0, 0.5), (1, 0.5)), "high\n" * 40, color="red")
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = box_of(axes.texts[0], figure)
    x, y = axes.transData.transform((0.95, 0.5))
    assert box.x1 < x
    assert 0 < box.y0 - y < 8


def test_no_label_is_better_than_one_on_another() -> None:
    axes = Figure(figsize=(1, 1)).add_subplot()
    with style.context():
        assert not Labels(axes).beside((0, 0), "high\n" * 12, color="red")
    assert not axes.texts


@pytest.mark.parametrize("color", [look.color for look in style.SERIES])
def test_text_can_be_read_on_white(color: str) -> None:
    ink = to_rgb(style.readable(color))
    assert 1.05 / (style.luminance(ink) + 0.05) >= 4.5
