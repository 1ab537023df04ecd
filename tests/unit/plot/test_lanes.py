from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.plot.lanes import Lane, snippet, stack

_CHARACTER_IN, _LINE_IN = 0.072, 0.15


def test_lanes_follow_one_another_without_touching() -> None:
    first, second = stack([("a", 1.0), ("b", 0.2)]).values()
    assert first.top_in == 0
    assert first.bottom_in < second.top_in == 1.0
    assert second.bottom_in < 1.2


def test_a_share_counts_from_the_foot() -> None:
    lane = Lane("a", 2.0, 1.0)
    assert (lane.at(0), lane.at(1), lane.middle_in) == (3.0, 2.0, 2.5)
    upper = lane.part(0.75, 1)
    assert (upper.top_in, upper.bottom_in) == (2.0, 2.25)


@pytest.mark.parametrize(
    ("characters", "lines", "text"),
    [
        (20, 1, "Hello over there"),
        (16, 1, "Hello over there"),
        (15, 1, "Hello over…"),
        (11, 1, "Hello over…"),
        (10, 1, "Hello…"),
        (10, 2, "Hello over\nthere"),
        (6, 1, "Hello…"),
        (5, 1, ""),
        (5, 3, "Hello\nover\nthere"),
        (6, 2, "Hello\nover…"),
        (0, 9, ""),
    ],
)
def test_as_many_words_as_fit(characters: int, lines: int, text: str) -> None:
    width_in, height_in = (characters + 0.5) * _CHARACTER_IN, (lines + 0.5) * _LINE_IN
    assert snippet("Hello over there", width_in, height_in) == text


@given(
    st.text(alphabet="abcdefg  ", max_size=60),
    st.floats(0, 3, allow_nan=False),
    st.floats(0, 1, allow_nan=False),
)
def test_no_line_is_wider_than_its_box(
    text: str, width_in: float, height_in: float
) -> None:
    lines = snippet(text, width_in, height_in).split("\n")
    assert all(len(line) <= width_in / _CHARACTER_IN for line in lines)
    assert len(lines) <= max(height_in / _LINE_IN, 1)
