from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import named, words
from voicelab import plot
from voicelab.errors import InputError
from voicelab.plot import style

RUNS = pd.DataFrame(
    {
        "silence": [500, 500, 200, 200, 1000, 500, 1000],
        "threshold": [0.5, 0.5, 0.5, 0.9, 0.9, 0.9, 0.5],
        "wait_ms": [900.0, 1000.0, 600.0, 700.0, np.nan, 1100.0, 1500.0],
    }
)


MANY = pd.DataFrame({"silence": range(70), "threshold": range(70), "wait_ms": 1.0})


def cells(picture: plot.Plot) -> list[list[float]]:
    (mesh,) = named(picture, "cells")
    values = np.ma.filled(mesh.get_array().astype(float), np.nan)
    rows: list[list[float]] = values.reshape(2, -1).round(6).tolist()
    return rows


def corner(picture: plot.Plot, name: str) -> tuple[int, int]:
    (frame,) = named(picture, name)
    return int(frame.get_x()), int(frame.get_y())


def test_cells_are_in_order_and_tell_the_median_and_n() -> None:
    picture = plot.heatmap(RUNS, "silence", "threshold", "wait_ms")
    above, below = cells(picture)
    assert above == [600, 950, 1500]
    assert below[:2] == [700, 1100]
    assert "950\nn = 2" in words(picture)


def test_a_cell_without_a_value_is_hatched_not_zero() -> None:
    picture = plot.heatmap(RUNS, "silence", "threshold", "wait_ms")
    assert np.isnan(cells(picture)[1][2])
    assert corner(picture, "missing") == (2, 1)
    assert named(picture, "missing")[0].get_hatch()
    assert "1 row without a value" in words(picture)
    assert "n = 0" in words(picture)


def test_a_pair_that_never_ran_says_so() -> None:
    picture = plot.heatmap(RUNS.iloc[:4], "silence", "threshold", "wait_ms")
    assert corner(picture, "missing") == (1, 1)
    assert "none" in words(picture)


def test_best_and_default_are_framed() -> None:
    picture = plot.heatmap(RUNS, "silence", "threshold", "wait_ms", default=(500, 0.5))
    assert corner(picture, "best") == (0, 0)
    assert corner(picture, "default") == (1, 0)
    assert repr(picture) == (
        "<Heatmap median wait_ms cells=6 missing=1 best=600 at (200, 0.5)>"
    )
    highest = plot.heatmap(RUNS, "silence", "threshold", "wait_ms", best="high")
    assert corner(highest, "best") == (2, 0)
    plain = plot.heatmap(RUNS, "silence", "threshold", "wait_ms", best=None)
    assert not named(plain, "best")


def test_amounts_are_sequential_and_errors_diverge_from_zero() -> None:
    amounts = plot.heatmap(RUNS, "silence", "threshold", "wait_ms")
    errors = RUNS.assign(error_ms=[-100.0, -300.0, 50.0, 0.0, 10.0, 20.0, 30.0])
    signed = plot.heatmap(errors, "silence", "threshold", "error_ms", best="zero")
    (first,), (second,) = named(amounts, "cells"), named(signed, "cells")
    assert first.get_cmap().name == style.SEQUENTIAL
    assert second.get_cmap().name == style.DIVERGING
    assert (second.norm.vmin, second.norm.vmax) == (-200, 200)
    red, green, blue, _ = second.get_cmap()(second.norm(0))
    assert red == pytest.approx(green, abs=0.01) == pytest.approx(blue, abs=0.01)
    assert corner(signed, "best") == (0, 1)


def test_a_percentile_of_too_few_is_refused() -> None:
    picture = plot.heatmap(RUNS, "silence", "threshold", "wait_ms", statistic="p95")
    assert repr(picture) == "<Heatmap p95 wait_ms cells=6 missing=6>"
    assert "hatched: 6 cells below n = 20" in words(picture)


def test_equal_values_are_drawn() -> None:
    same = RUNS.assign(wait_ms=7.0)
    assert "best=7 at (200, 0.5)" in repr(
        plot.heatmap(same, "silence", "threshold", "wait_ms")
    )


def test_names_are_sorted_and_what_is_missing_is_called_none() -> None:
    noise = ["street", None, "cafe", "cafe", None, "street", "x"]
    picture = plot.heatmap(
        RUNS.assign(noise=pd.Series(noise)), "noise", "threshold", "wait_ms"
    )
    labels = [text.get_text() for text in picture.figure.axes[0].get_xticklabels()]
    assert labels == ["cafe", "none", "street", "x"]


@pytest.mark.parametrize(
    ("wrong", "settings", "said"),
    [
        (RUNS.iloc[:0], {}, "there is no row"),
        (RUNS.drop(columns="silence"), {}, "no column 'silence'"),
        (RUNS.assign(wait_ms=np.nan), {}, "none of 7 rows has a value of 'wait_ms'"),
        (RUNS, {"statistic": "sum"}, "no statistic 'sum'; take one of median"),
        (RUNS, {"best": "least"}, "the best is not 'least'"),
        (RUNS, {"default": (300, 0.5)}, "no cell is the default (300, 0.5)"),
        (
            pd.DataFrame(
                {"silence": range(70), "threshold": range(70), "wait_ms": 1.0}
            ),
            {},
            "70 times 70 cells are too many",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(
    wrong: Any, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        plot.heatmap(wrong, "silence", "threshold", "wait_ms", **settings)
    assert said in str(caught.value)
