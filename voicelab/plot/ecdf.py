"""Cumulative distributions side by side: how often a wait was at most so long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from voicelab.metrics.distributions import (
    Band,
    Shares,
    cumulative_band,
    cumulative_shares,
)
from voicelab.metrics.statistics import Counted
from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes, show_grid
from voicelab.plot.ends import write_at_ends
from voicelab.plot.figure import Plot
from voicelab.plot.labels import Labels, figure_of, shorten, wrap
from voicelab.plot.tables import (
    CONDITION,
    Data,
    FloatArray,
    axis_name,
    gather,
    groups,
    has_several,
    some_numbers,
)
from voicelab.plot.words import (
    Quantile,
    count,
    known,
    plain,
    quantile_of,
    without_value,
)

BAND_BELOW = 100
"""So many values need no band."""

_NAME = "ecdf"
_HEIGHT_IN, _TALL_IN = 3.0, 3.9
_NAMES_IN = 1.75
_FEW = 4
"""So many conditions have bands, and numbers beside their dots."""
_QUANTILES = (0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Curve:
    """One condition.

    Attributes:
        name: of the condition; empty if there is only one.
        shares: its cumulative distribution.
        quantiles: p50 and p95 of its values.
        band: an interval around it, if it has few values and several clusters.
        missing: how many rows have no value, in words.
    """

    name: str
    shares: Shares
    quantiles: tuple[Quantile, ...]
    band: Band | None
    missing: str


def ecdf(
    data: Data,
    value: str = "response_latency_ms",
    *,
    by: str | None = None,
    member: str = "latency",
    seed: int = 0,
    ax: Axes | None = None,
) -> Plot:
    """Draw the share of all rows whose value is at most x, one curve a condition.

    Dots mark the p50 and p95 of the values, refused where they are too few. A row
    without a value (a turn without an answer) counts, so its curve ends below 1. With
    fewer than 100 values a band shows the 95 % bootstrap interval of the share, drawn
    by conversation where the table tells several, otherwise by row.

    Args:
        data: runs, tables, or a mapping of conditions' names to either.
        value: the column.
        by: the column that tells conditions apart; left out, the names of a mapping,
            or one curve.
        member: which table of a run has the column.
        seed: of the bootstrap.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a condition has no value, a column is missing, or there are more
            than eight conditions.
    """
    gathered = gather(data, _NAME, member)
    if by is None and isinstance(data, Mapping):
        by = CONDITION
    parts = groups(gathered.table, by, _NAME, len(style.SERIES))
    curves = [
        curve_of(name, rows, value, seed=seed, condition=by)
        for name, rows in parts.items()
    ]
    with style.context():
        margins = Margins(right_in=_NAMES_IN)
        height_in = _HEIGHT_IN if len(curves) <= _FEW else _TALL_IN
        axes = own_axes(height_in, margins) if ax is None else adopted(ax)
        _draw(axes, curves, value)
        footer(axes, [*_made_of(curves, value), *gathered.told], margins)
    return finished(axes, _digest(curves, value))


def curve_of(
    name: str, rows: pd.DataFrame, value: str, *, seed: int, condition: str | None
) -> Curve:
    """Return a condition's curve, quantiles and band.

    Raises:
        InputError: no row has a value.
    """
    where = _NAME if condition is None else f"{_NAME}: {condition} {name!r}"
    values = some_numbers(rows, value, where)
    there = known(values)
    band = None
    clusters = _clusters(rows, values)
    if len(there) < BAND_BELOW and len(clusters) > 1:
        band = cumulative_band(clusters, seed=seed)
    return Curve(
        name,
        cumulative_shares(_counted(values)),
        tuple(quantile_of(there, q) for q in _QUANTILES),
        band,
        without_value(rows, values),
    )


def _counted(values: FloatArray) -> Counted:
    return Counted.of(None if np.isnan(value) else float(value) for value in values)


def _clusters(rows: pd.DataFrame, values: FloatArray) -> list[Counted]:
    """Return what was measured by conversation, or by row if there is only one."""
    if has_several(rows, "conversation"):
        owner = rows["conversation"].to_numpy()
        return [_counted(values[owner == name]) for name in pd.unique(owner)]
    return [_counted(values[i : i + 1]) for i in range(len(values))]


def _draw(axes: Axes, curves: list[Curve], value: str) -> None:
    _set_limits(axes, curves)
    show_grid(axes)
    axes.set_xlabel(axis_name(value))
    axes.set_ylabel(
        "share of all rows" if value != "response_latency_ms" else "share of all turns"
    )
    for curve, look in zip(curves, style.SERIES, strict=False):
        _one(axes, curve, look, has_band=len(curves) <= _FEW)
    _name_curves(axes, curves)
    _dots(axes, curves)
    if len(curves) <= _FEW:
        _name_dots(axes, curves)


def _set_limits(axes: Axes, curves: list[Curve]) -> None:
    low = min(float(curve.shares.x[0]) for curve in curves)
    high = max(float(curve.shares.x[-1]) for curve in curves)
    span = (high - low) or max(abs(high), 1.0)
    axes.set_xlim(low - 0.04 * span, high + 0.04 * span)
    axes.set_ylim(0, 1.04)


def _one(axes: Axes, curve: Curve, look: style.Series, *, has_band: bool) -> None:
    right = axes.get_xlim()[1]
    if has_band and curve.band is not None:
        x = np.append(curve.band.x, right)
        low = np.append(curve.band.low, curve.band.low[-1])
        high = np.append(curve.band.high, curve.band.high[-1])
        drawn = axes.fill_between(
            x, low, high, step="post", color=look.color, alpha=0.15, linewidth=0
        )
        drawn.set_gid(f"band-{curve.name}")
    x = np.concatenate([[axes.get_xlim()[0]], curve.shares.x, [right]])
    y = np.concatenate([[0.0], curve.shares.share, curve.shares.share[-1:]])
    axes.step(
        x,
        y,
        where="post",
        color=look.color,
        linestyle=look.line,
        linewidth=1.4,
        gid=f"curve-{curve.name}",
        zorder=3,
    )


def _name_curves(axes: Axes, curves: list[Curve]) -> None:
    """Write at the right of each curve what it is."""
    figure = figure_of(axes)
    texts = [
        _name(figure, curve, is_one_of_few=len(curves) <= _FEW) for curve in curves
    ]
    right = axes.get_xlim()[1]
    ends = [np.array([right, curve.shares.share[-1]]) for curve in curves]
    write_at_ends(axes, texts, ends, "name")


def _name(figure: Figure, curve: Curve, *, is_one_of_few: bool) -> str:
    """Return what a curve is, what of it is missing and, among many, its numbers."""
    width_in = _NAMES_IN - 0.35
    name = shorten(figure, curve.name, width_in)
    n = f"n = {curve.shares.total}"
    if is_one_of_few:
        missing = wrap(figure, curve.missing.split(", "), width_in, 3, ", ")
        return "\n".join(line for line in (name, n, missing) if line)
    without = curve.shares.total - curve.shares.n
    n += f", {without} missing" if without else ""
    told = [
        f"{q.name} {plain(q.value)}" for q in curve.quantiles if q.value is not None
    ]
    return "\n".join(
        (name, shorten(figure, ", ".join(told), width_in), shorten(figure, n, width_in))
    )


def _dots(axes: Axes, curves: list[Curve]) -> None:
    for curve, look in zip(curves, style.SERIES, strict=False):
        for each in curve.quantiles:
            if each.value is not None:
                axes.plot(
                    [each.value],
                    [curve.shares.at(each.value)],
                    look.marker,
                    color=look.color,
                    markersize=6,
                    markeredgecolor="white",
                    zorder=5,
                    gid=f"{each.name}-{curve.name}",
                )


def _name_dots(axes: Axes, curves: list[Curve]) -> None:
    labels = Labels(axes, lines=[_corners(curve.shares) for curve in curves])
    for curve, look in zip(curves, style.SERIES, strict=False):
        for each in curve.quantiles:
            if each.value is not None:
                at = (each.value, curve.shares.at(each.value))
                text = f"{each.name} {plain(each.value)}"
                labels.beside(at, text, color=look.color, gid=each.name)


def _corners(shares: Shares) -> FloatArray:
    """Return the corners of the steps; shape (2 m, 2)."""
    below = np.concatenate([[0.0], shares.share[:-1]])
    y = np.column_stack([below, shares.share]).ravel()
    return np.column_stack([np.repeat(shares.x, 2), y])


def _made_of(curves: list[Curve], value: str) -> list[str]:
    rows = "turn" if value == "response_latency_ms" else "row"
    parts = [f"n = {count(sum(curve.shares.total for curve in curves), rows)}"]
    refused = {
        each.refusal.split(":")[0] + f" below n = {each.needed}"
        for curve in curves
        for each in curve.quantiles
        if each.value is None
    }
    if any(curve.band is not None for curve in curves):
        few = len(curves) <= _FEW
        parts.append(
            "bands: 95 % bootstrap of the share"
            if few
            else f"bands are left out above {_FEW} conditions"
        )
    return [*parts, *sorted(refused)]


def _digest(curves: list[Curve], value: str) -> str:
    unit = axis_name(value).rpartition(", ")[2] if ", " in axis_name(value) else ""
    told = []
    for curve in curves:
        parts = [f"n={curve.shares.total}"]
        parts += [each.digest(unit) for each in curve.quantiles]
        if curve.shares.n < curve.shares.total:
            parts.append(f"missing={curve.shares.total - curve.shares.n}")
        told.append((f"{curve.name}: " if curve.name else "") + " ".join(parts))
    return f"Ecdf {value} " + "; ".join(told)
