"""The cells of a heat map: a statistic of the values for each pair of settings."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voicelab.errors import InputError
from voicelab.metrics.statistics import Statistic, mean, median, quantile
from voicelab.plot.tables import FloatArray, in_order, require, some_numbers
from voicelab.plot.words import known

NONE = "none"
"""What a missing setting is called."""

_NAME = "heatmap"
_MOST_CELLS = 4000


@dataclass(frozen=True, slots=True)
class Cells:
    """What is drawn.

    Attributes:
        x: the values of the horizontal axis, in order; m of them.
        y: those of the vertical axis; k of them.
        grid: the statistic in each cell; NaN if refused or missing; shape (k, m).
        n: how many values each cell has; shape (k, m).
        rows: how many rows each cell has, with a value or without; shape (k, m).
    """

    x: list[Hashable]
    y: list[Hashable]
    grid: FloatArray
    n: NDArray[np.int64]
    rows: NDArray[np.int64]


def cells_of(
    table: pd.DataFrame, x: str, y: str, value: str, statistic: Statistic
) -> Cells:
    """Return the statistic of the values in each cell, in order of both axes.

    Raises:
        InputError: as `heatmap`.
    """
    require(table, [x, y, value], _NAME)
    values = some_numbers(table, value, _NAME)
    columns = [table[name].astype(object).fillna(NONE) for name in (x, y)]
    across, down = (in_order(column) for column in columns)
    if len(across) * len(down) > _MOST_CELLS:
        raise InputError(
            f"{len(across)} times {len(down)} cells are too many to draw",
            path=_NAME,
            fix="choose columns with fewer values",
        )
    shape = (len(down), len(across))
    cells = Cells(
        across, down, np.full(shape, np.nan), np.zeros(shape, int), np.zeros(shape, int)
    )
    place = [
        column.map(names.index)
        for column, names in zip(columns, (across, down), strict=True)
    ]
    at = place[1].to_numpy() * len(across) + place[0].to_numpy()
    for index in np.unique(at):
        row, column = divmod(int(index), len(across))
        some = values[at == index]
        there = known(some)
        cells.rows[row, column], cells.n[row, column] = len(some), len(there)
        if len(there) >= statistic.at_least:
            cells.grid[row, column] = statistic(there)
    return cells


def statistic_named(name: str) -> Statistic:
    """Return the statistic of that name.

    Raises:
        InputError: there is none.
    """
    found = {"median": median, "mean": mean, "p95": quantile(0.95)}
    if name not in found:
        raise InputError(
            f"there is no statistic {name!r}",
            path=_NAME,
            fix=f"take one of {', '.join(found)}",
        )
    return found[name]


def has_both_signs(values: FloatArray) -> bool:
    """Return whether some values are above 0 and some below."""
    there = known(values)
    return bool((there < 0).any() and (there > 0).any())


def best_cell(values: FloatArray, best: str) -> tuple[int, int] | None:
    """Return row and column of the best cell; None if no cell has a value.

    Raises:
        InputError: `best` is none of low, high and zero.
    """
    if np.isnan(values).all():
        return None
    costs = {"low": values, "high": -values, "zero": np.abs(values)}
    if best not in costs:
        raise InputError(
            f"the best is not {best!r}", path=_NAME, fix="take low, high, zero or None"
        )
    row, column = np.unravel_index(np.nanargmin(costs[best]), values.shape)
    return int(row), int(column)


def label(value: Hashable) -> str:
    """Return a value of an axis as it is written."""
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)
