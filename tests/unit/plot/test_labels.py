from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

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


def test_no_label_is_better_than_one_on_another() -> None:
    axes = Figure(figsize=(1, 1)).add_subplot()
    with style.context():
        assert not Labels(axes).beside((0, 0), "high\n" * 12, color="red")
    assert not axes.texts


@pytest.mark.parametrize("color", [look.color for look in style.SERIES])
def test_text_can_be_read_on_white(color: str) -> None:
    ink = to_rgb(style.readable(color))
    assert 1.05 / (style.luminance(ink) + 0.05) >= 4.5
