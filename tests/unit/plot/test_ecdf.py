from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import latency_table, named, words
from tests.support.results import make_run
from voicelab import plot
from voicelab.errors import InputError

FOUR = pd.DataFrame(
    {
        "response_latency_ms": [400.0, 200.0, 300.0, None],
        "outcome": ["answered", "answered", "answered", "unanswered"],
    }
)


def steps(picture: plot.Plot, name: str = "") -> list[tuple[float, float]]:
    """Return the corners of a curve, without its ends at the edge of the axes."""
    (line,) = named(picture, f"curve-{name}")
    corners = np.column_stack([line.get_xdata(), line.get_ydata()])
    return [(float(x), float(y)) for x, y in corners[1:-1]]


def test_the_curve_counts_turns_without_an_answer() -> None:
    picture = plot.ecdf(FOUR)
    assert steps(picture) == [(200, 0.25), (300, 0.5), (400, 0.75)]
    assert "1 of 4 unanswered" in words(picture)
    assert repr(picture) == (
        "<Ecdf response_latency_ms n=4 p50=300 ms p95=refused (n=3 < 20) missing=1>"
    )


def test_dots_stand_on_the_curve() -> None:
    (dot,) = named(plot.ecdf(FOUR), "p50-")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (300, 0.5)
    assert not named(plot.ecdf(FOUR), "p95-")
    assert "p95 refused below n = 20" in words(plot.ecdf(FOUR))


def test_an_answer_that_nobody_saw_is_not_called_unanswered() -> None:
    seen = FOUR.assign(outcome=["answered", "answered", "cut_in", "answered"])
    assert "1 of 4 not observed" in words(plot.ecdf(seen))


def test_conditions_are_named_curves() -> None:
    picture = plot.ecdf({"fast": FOUR, "slow": latency_table(30)})
    assert steps(picture, "fast")[0] == (200, 0.25)
    assert named(picture, "curve-slow")
    assert "fast" in words(picture)
    assert repr(picture).startswith("<Ecdf response_latency_ms fast: n=4 p50=300 ms")


def test_a_column_tells_conditions_apart() -> None:
    two = pd.DataFrame({"v_ms": [1.0, 2.0, 3.0, 4.0], "kind": ["a", "b", "a", "b"]})
    picture = plot.ecdf(two, "v_ms", by="kind")
    assert steps(picture, "a") == [(1, 0.5), (3, 1)]
    assert steps(picture, "b") == [(2, 0.5), (4, 1)]


def test_few_values_have_a_band_and_many_have_none() -> None:
    assert named(plot.ecdf(FOUR), "band-")
    assert not named(plot.ecdf(latency_table(150, silent=0)), "band-")


def test_the_band_holds_the_curve_and_is_the_same_each_time() -> None:
    first, second = (named(plot.ecdf(latency_table(60)), "band-")[0] for _ in range(2))
    corners = first.get_paths()[0].vertices
    assert np.array_equal(corners, second.get_paths()[0].vertices)
    assert corners[:, 1].min() >= 0
    assert corners[:, 1].max() <= 1


def test_equal_values_are_one_step() -> None:
    same = pd.DataFrame({"error_ms": [-5.0, -5.0, -5.0]})
    assert steps(plot.ecdf(same, "error_ms")) == [(-5, 1)]
    assert repr(plot.ecdf(same, "error_ms")) == (
        "<Ecdf error_ms n=3 p50=-5 ms p95=refused (n=3 < 20)>"
    )


def test_more_than_four_conditions_tell_their_numbers_at_the_side() -> None:
    many = {f"condition {index}": latency_table(30, seed=index) for index in range(6)}
    picture = plot.ecdf(many)
    assert not named(picture, "band-condition 0")
    assert "bands are left out above 4 conditions" in words(picture)
    assert "p95" in words(picture)


def test_another_table_of_a_run() -> None:
    picture = plot.ecdf(make_run(), "duration_ms", member="turns", by="party")
    assert repr(picture).startswith("<Ecdf duration_ms ")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((FOUR.iloc[:0],), "there is no row"),
        ((FOUR, "speed"), "no column 'speed'"),
        ((FOUR.iloc[3:],), "none of 1 rows has a value"),
        ((FOUR, "outcome"), "more than numbers"),
        (({str(i): FOUR for i in range(9)},), "9 values of 'condition'"),
        (({"a": FOUR, "b": FOUR.iloc[3:]},), "condition 'b'"),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.ecdf(*wrong)
    assert said in str(caught.value)
