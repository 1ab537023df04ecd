"""How much waiting buys how few cut-ins: all settings, and those that none beats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from voicelab.errors import InputError
from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes, show_grid
from voicelab.plot.figure import Plot
from voicelab.plot.labels import Labels
from voicelab.plot.tables import (
    Data,
    FloatArray,
    axis_name,
    gather,
    has_several,
    numbers,
    require,
    series,
)
from voicelab.plot.words import count, percent, whole

SETTING = ("detector", "threshold", "silence_duration_ms", "prefix_padding_ms")
"""The columns that name a setting."""

MEDIAN = "endpointing_delay_p50_ms"
_NAME = "pareto"
_CONDITIONS = ("codec", "noise", "snr_db")
_HEIGHT_IN = 3.6
_MOST_NAMED = 6
_RADIUS_PT = 6.0
"""Of the star and the ring."""


@dataclass(frozen=True, slots=True)
class Points:
    """What is drawn.

    Attributes:
        table: the settings that have a delay, with the columns `x` (ms), `y`, `low`
            and `high` (%).
        without: how many settings have none.
    """

    table: pd.DataFrame
    without: int


def pareto(
    curve: Data,
    *,
    by: str = MEDIAN,
    max_cut_in_rate: float | None = None,
    chosen: Any = None,
    ax: Axes | None = None,
) -> Plot:
    """Draw the cut-in rate of each setting against its endpointing delay.

    All settings are grey; those that no other beats in both are joined, with the
    interval of their rate. A star marks the API's default, a ring the chosen one.

    Args:
        curve: an operating curve, or its table: `detector`, `threshold`,
            `silence_duration_ms`, `prefix_padding_ms`, `cut_in_rate`, `cut_in_low`,
            `cut_in_high`, `is_front`, `is_default` and the delay.
        by: the column of the delay. A table's front is that by the median; a curve
            tells the one by another delay, too.
        max_cut_in_rate: the budget, a share between 0 and 1, to draw a line at.
        chosen: a setting to ring: a mapping or an object with some of the four names
            of a setting.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing, no setting has a delay, or none is the chosen
            one.
    """
    gathered = gather(curve, _NAME)
    points = points_of(_with_front(curve, gathered.table, by), by)
    fronts = (
        series(
            points.table[points.table["is_front"].astype(bool)].assign(front="front"),
            ("front", *_CONDITIONS),
            _NAME,
            len(style.SERIES),
        )
        if points.table["is_front"].any()
        else {}
    )
    ring = None if chosen is None else _rows_like(points.table, _setting_of(chosen))
    with style.context():
        margins = Margins(0.7)
        axes = own_axes(_HEIGHT_IN, margins) if ax is None else adopted(ax)
        _draw(axes, points, fronts, ring, max_cut_in_rate)
        axes.set_xlabel(axis_name(by))
        footer(axes, [*_made_of(points), *gathered.told], margins)
    return finished(axes, _digest(points, fronts, ring))


def _with_front(curve: Any, table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the table with the front by this delay, where the curve can tell it.

    `is_front` of the table is the front by the median.
    """
    front = getattr(curve, "front", None)
    if by == MEDIAN or not callable(front) or isinstance(curve, pd.DataFrame):
        return table
    require(table, [*SETTING, *_CONDITIONS], _NAME)
    keys = [*SETTING, *_CONDITIONS]
    on_front = set(front(by=by)[keys].astype(str).itertuples(index=False, name=None))
    rows = table[keys].astype(str).itertuples(index=False, name=None)
    return table.assign(is_front=[row in on_front for row in rows])


def points_of(table: pd.DataFrame, by: str) -> Points:
    """Return the settings that have a delay, in milliseconds and per cent.

    Raises:
        InputError: a column is missing, or no setting has a delay.
    """
    require(table, [*SETTING, "is_front", "is_default"], _NAME)
    columns = {"x": numbers(table, by, _NAME)}
    for name, column in (
        ("y", "cut_in_rate"),
        ("low", "cut_in_low"),
        ("high", "cut_in_high"),
    ):
        columns[name] = 100 * numbers(table, column, _NAME)
    there = ~np.isnan(columns["x"]) & ~np.isnan(columns["y"])
    if not there.any():
        raise InputError(
            f"none of {count(len(table), 'setting')} has both {by!r} and a cut-in rate",
            path=_NAME,
            fix="measure more turns, or take the median",
        )
    return Points(table.assign(**columns)[there], int((~there).sum()))


def _setting_of(chosen: Any) -> dict[str, Any]:
    told = chosen if isinstance(chosen, Mapping) else None
    if isinstance(chosen, pd.Series):
        told = chosen.to_dict()
    if told is None:
        told = {name: getattr(chosen, name, None) for name in SETTING}
    return {k: v for k, v in told.items() if k in SETTING and v is not None}


def _rows_like(table: pd.DataFrame, setting: dict[str, Any]) -> pd.DataFrame:
    found = table
    for name, value in setting.items():
        found = found[found[name] == value]
    if not setting or found.empty:
        raise InputError(
            f"no setting is {setting or 'like what was chosen'}",
            path=_NAME,
            fix=f"choose by {', '.join(SETTING)}",
        )
    return found


def _draw(
    axes: Axes,
    points: Points,
    fronts: Mapping[str, pd.DataFrame],
    ring: pd.DataFrame | None,
    budget: float | None,
) -> None:
    table = points.table
    _set_limits(axes, table, fronts, budget)
    show_grid(axes)
    axes.set_ylabel("turns cut in on, %")
    axes.plot(
        table["x"],
        table["y"],
        "o",
        color=style.CONTEXT,
        markersize=3,
        alpha=0.6,
        markeredgewidth=0,
        gid="settings",
        zorder=2,
    )
    lines = [
        line
        for (name, rows), look in zip(fronts.items(), style.SERIES, strict=False)
        for line in _front(axes, name, rows, look)
    ]
    free = table[["x", "y"]].to_numpy(dtype=np.float64)
    if budget is not None:
        low, high = axes.get_xlim()
        axes.axhline(
            100 * budget,
            color=style.THRESHOLD,
            linestyle="--",
            linewidth=1.2,
            gid="budget",
        )
        lines.append(np.array([(low, 100 * budget), (high, 100 * budget)]))
    labels = Labels(axes, free, lines)
    marks = [("default", "*", table[table["is_default"].astype(bool)])]
    if ring is not None:
        marks.insert(0, ("chosen", "o", ring))
    for name, marker, rows in marks:
        _mark(axes, labels, rows, name, marker)
    if budget is not None:
        ends = [(at, 100 * budget) for at in axes.get_xlim()]
        told = f"budget {percent(budget)}"
        labels.along((ends[0], ends[1]), told, color=style.THRESHOLD)
    for name, _, rows in marks:
        _name_marks(labels, rows, name)
    for (name, rows), look in zip(fronts.items(), style.SERIES, strict=False):
        _name_front(labels, name if len(fronts) > 1 else "", rows, look)


def _set_limits(
    axes: Axes,
    table: pd.DataFrame,
    fronts: Mapping[str, pd.DataFrame],
    budget: float | None,
) -> None:
    low, high = float(table["x"].min()), float(table["x"].max())
    pad = 0.06 * ((high - low) or max(abs(high), 1.0))
    axes.set_xlim(low - pad, high + pad)
    tops = [float(table["y"].max()), 100 * (budget or 0)]
    tops += [float(rows["high"].max()) for rows in fronts.values()]
    top = np.nanmax([*tops, 1.0])
    axes.set_ylim(-0.02 * top, top * 1.12)


def _front(
    axes: Axes, name: str, rows: pd.DataFrame, look: style.Series
) -> list[FloatArray]:
    """Draw a front; return its lines."""
    rows = rows.sort_values(["x", "y"], ascending=[True, False])
    x, y = (rows[column].to_numpy(dtype=np.float64) for column in ("x", "y"))
    bars = axes.vlines(
        x,
        rows["low"],
        rows["high"],
        color=look.color,
        linewidth=0.8,
        alpha=0.7,
        zorder=3,
    )
    bars.set_gid(f"interval-{name}")
    axes.plot(
        x,
        y,
        marker=look.marker,
        color=look.color,
        linestyle=look.line,
        linewidth=1.3,
        markersize=4.5,
        gid=f"front-{name}",
        zorder=4,
    )
    ends = [
        np.array([(at, low), (at, high)])
        for at, low, high in zip(x, rows["low"], rows["high"], strict=True)
    ]
    return [np.column_stack([x, y]), *ends]


def _mark(
    axes: Axes, labels: Labels, rows: pd.DataFrame, name: str, marker: str
) -> None:
    for _, row in rows.iterrows():
        at = (float(row["x"]), float(row["y"]))
        axes.plot(
            *at,
            marker,
            markersize=13 if marker == "*" else 11,
            zorder=6,
            markerfacecolor=style.THRESHOLD if marker == "*" else "none",
            markeredgecolor=style.INK,
            markeredgewidth=1.2 if marker == "o" else 0.6,
            gid=name,
        )
        labels.keep_free(at, _RADIUS_PT)


def _name_marks(labels: Labels, rows: pd.DataFrame, name: str) -> None:
    if len(rows) > _MOST_NAMED:
        return
    for _, row in rows.iterrows():
        at = (float(row["x"]), float(row["y"]))
        told = f"{name}: {_words(row)}\n{_outcome(row)}"
        labels.beside(at, told, color=style.INK, gid=name, radius_pt=_RADIUS_PT)


def _name_front(
    labels: Labels, name: str, rows: pd.DataFrame, look: style.Series
) -> None:
    """Name the front, and a few of its settings as far as there is room nearby."""
    rows = rows.sort_values("x")
    if name:
        first = rows.iloc[len(rows) // 2]
        labels.beside((first["x"], first["y"]), name, color=look.color, gid="name")
        return
    picks = np.unique(np.linspace(0, len(rows) - 1, _MOST_NAMED).round().astype(int))
    for index in picks:
        row = rows.iloc[index]
        labels.beside(
            (float(row["x"]), float(row["y"])),
            _words(row),
            color=look.color,
            gid="front-setting",
            must=False,
        )


def _words(row: Any) -> str:
    """Return a setting in words."""
    eagerness = row.get("eagerness")
    if isinstance(eagerness, str):
        return f"{row['detector']}, {eagerness}"
    return f"{row['detector']} {row['threshold']:g}, {row['silence_duration_ms']:g} ms"


def _outcome(row: Any) -> str:
    return f"{whole(row['x'])} ms, {percent(row['y'] / 100)} cut in on"


def _made_of(points: Points) -> list[str]:
    table = points.table
    parts = [f"n = {count(len(table), 'setting')}"]
    if "turns" in table.columns:
        turns = table["turns"]
        many = has_several(table, "turns")
        each = f"{turns.min()} to {turns.max()}" if many else f"{turns.iloc[0]}"
        parts.append(f"{each} turns each")
    if points.without:
        parts.append(f"{count(points.without, 'setting')} without a delay")
    parts.append("bars: 95 % interval")
    return parts


def _digest(
    points: Points, fronts: Mapping[str, pd.DataFrame], ring: pd.DataFrame | None
) -> str:
    settings = len(points.table) + points.without
    front = sum(len(rows) for rows in fronts.values())
    parts = [f"Pareto settings={settings} front={front}"]
    default = points.table[points.table["is_default"].astype(bool)]
    for name, rows in (("default", default), ("chosen", ring)):
        if rows is not None and len(rows):
            parts.append(f"{name}={_outcome(rows.iloc[0])}")
    return " ".join(parts)
