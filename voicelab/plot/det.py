"""Detection error trade-off: what a detector misses against what it makes up.

Both axes are of normal deviates, on which the errors of two normal distributions lie on
a straight line (Martin et al. 1997, "The DET curve in assessment of detection task
performance").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes, show_grid
from voicelab.plot.figure import Plot
from voicelab.plot.labels import Labels
from voicelab.plot.tables import (
    Data,
    FloatArray,
    gather,
    numbers,
    series,
    some_numbers,
)
from voicelab.plot.words import count, percent

DEFAULT_THRESHOLD = 0.5
"""The API's own."""

TICKS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4),
    *(0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999),
)
_NAME = "det"
_CONDITIONS = ("detector", "codec", "noise", "snr_db")
_HEIGHT_IN = 4.2
_MARK_PT = 12.0
"""How large a star and a ring are."""

_LEAST = 1e-5
"""Rates this near to 0 and 1 have no place on the axes; they stand at their edge."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One detector, in one condition, in order of its thresholds.

    Attributes:
        name: of both.
        thresholds: shape (n,).
        miss_rate: share of speech frames missed; shape (n,).
        false_alarm_rate: share of other frames taken for speech; shape (n,).
        default: the index of the default threshold, if it is among them.
        chosen: the index of the threshold that was chosen.
    """

    name: str
    thresholds: FloatArray
    miss_rate: FloatArray
    false_alarm_rate: FloatArray
    default: int | None
    chosen: int | None


def det(
    points: Data,
    *,
    chosen: float | Mapping[str, float] | None = None,
    default: float = DEFAULT_THRESHOLD,
    ax: Axes | None = None,
) -> Plot:
    """Draw the detection error trade-off of frame-level detectors.

    A star marks the default threshold, a ring the chosen one. A rate of 0 or 1 has no
    place on these axes: its point stands at the edge, hollow.

    Args:
        points: a row a threshold: `detector`, `threshold`, `miss_rate`,
            `false_alarm_rate`; further curves for `codec`, `noise` and `snr_db`.
        chosen: the threshold to ring, for all curves or by name of the curve.
        default: the threshold to star.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing, none of its rows has a rate, or there are more
            than eight curves.
    """
    gathered = gather(points, _NAME)
    parts = series(gathered.table, _CONDITIONS, _NAME, len(style.SERIES))
    curves = [curve_of(name, rows, default, chosen) for name, rows in parts.items()]
    with style.context():
        margins = Margins(0.75)
        axes = own_axes(_HEIGHT_IN, margins) if ax is None else adopted(ax)
        edges = _draw(axes, curves)
        told = [_made_of(curves)]
        if edges:
            told.append(f"{edges} with a rate of 0 or 1, hollow, at the edge")
        footer(axes, [*told, *gathered.told], margins)
    return finished(axes, _digest(curves))


def _made_of(curves: Sequence[Curve]) -> str:
    """Return how many thresholds each curve has, and how many curves there are."""
    lengths = sorted({len(curve.thresholds) for curve in curves})
    least = "" if len(lengths) == 1 else f"{lengths[0]} to "
    each = f"n = {least}{count(lengths[-1], 'threshold')}"
    times = "\N{MULTIPLICATION SIGN}"
    return each if len(curves) == 1 else f"{each} {times} {count(len(curves), 'curve')}"


def curve_of(
    name: str,
    rows: pd.DataFrame,
    default: float,
    chosen: float | Mapping[str, float] | None,
) -> Curve:
    """Return a detector's points in order of its thresholds; without rates, none.

    Raises:
        InputError: no row has both rates.
    """
    where = f"{_NAME}: {name}"
    both = [
        some_numbers(rows, column, where)
        for column in ("miss_rate", "false_alarm_rate")
    ]
    thresholds = numbers(rows, "threshold", where)
    there = ~np.isnan(np.column_stack([thresholds, *both])).any(axis=1)
    order = np.flatnonzero(there)[np.argsort(thresholds[there], kind="stable")]
    ring = chosen.get(name) if isinstance(chosen, Mapping) else chosen
    return Curve(
        name,
        thresholds[order],
        both[0][order],
        both[1][order],
        _index_of(thresholds[order], default),
        None if ring is None else _index_of(thresholds[order], ring),
    )


def _index_of(thresholds: FloatArray, wanted: float) -> int | None:
    found = np.flatnonzero(np.isclose(thresholds, wanted))
    return int(found[0]) if len(found) else None


def _draw(axes: Axes, curves: Sequence[Curve]) -> int:
    """Draw the curves; return how many points stand at an edge."""
    rates = [curve.false_alarm_rate for curve in curves]
    limits_x = _scale(axes, "x", np.concatenate(rates))
    limits_y = _scale(axes, "y", np.concatenate([curve.miss_rate for curve in curves]))
    axes.set_xlabel("false alarms, % of the frames without speech")
    axes.set_ylabel("misses, % of the frames of speech")
    show_grid(axes)
    line = np.linspace(max(limits_x[0], limits_y[0]), min(limits_x[1], limits_y[1]))
    axes.plot(line, line, ":", color=style.CONTEXT, linewidth=1, gid="equal-errors")
    edges = 0
    drawn = []
    for curve, look in zip(curves, style.SERIES, strict=False):
        x = np.clip(curve.false_alarm_rate, *limits_x)
        y = np.clip(curve.miss_rate, *limits_y)
        at_edge = (x != curve.false_alarm_rate) | (y != curve.miss_rate)
        axes.plot(
            x,
            y,
            color=look.color,
            linestyle=look.line,
            linewidth=1.3,
            gid=f"curve-{curve.name}",
            zorder=3,
            clip_on=False,
        )
        for some, face in ((~at_edge, look.color), (at_edge, "white")):
            axes.plot(
                x[some],
                y[some],
                look.marker,
                markersize=3.5,
                zorder=4,
                clip_on=False,
                markerfacecolor=face,
                markeredgecolor=look.color,
            )
        edges += int(at_edge.sum())
        drawn.append(np.column_stack([x, y]))
    _label(axes, curves, drawn)
    return edges


def _scale(axes: Axes, side: str, rates: FloatArray) -> tuple[float, float]:
    """Give an axis normal deviates and limits around its rates; return the limits."""
    inside = rates[(rates > _LEAST) & (rates < 1 - _LEAST)]
    least = float(inside.min()) if len(inside) else 0.01
    most = float(inside.max()) if len(inside) else 0.5
    low = ([least / 2, *(t for t in TICKS if t < least * 0.999)])[-2:][0]
    high = ([*(t for t in TICKS if t > most * 1.001), (1 + most) / 2])[:2][-1]
    axis = axes.xaxis if side == "x" else axes.yaxis
    set_scale: Callable[..., None] = getattr(axes, f"set_{side}scale")
    set_scale("function", functions=(_deviate, _share))
    (axes.set_xlim if side == "x" else axes.set_ylim)(low, high)
    axis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:g}"))
    return low, high


def _deviate(shares: FloatArray) -> FloatArray:
    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    deviates: FloatArray = inverse(np.clip(shares, _LEAST, 1 - _LEAST))
    return deviates


def _share(deviates: FloatArray) -> FloatArray:
    shares: FloatArray = np.vectorize(NormalDist().cdf, otypes=[float])(deviates)
    return shares


def _label(axes: Axes, curves: Sequence[Curve], drawn: Sequence[FloatArray]) -> None:
    ends = axes.get_xlim()
    equal = np.column_stack([np.linspace(*ends)] * 2)
    labels = Labels(axes, lines=[*drawn, equal])
    for curve, look, points in zip(curves, style.SERIES, drawn, strict=False):
        for index, mark, name in (
            (curve.default, "*", "default"),
            (curve.chosen, "o", "chosen"),
        ):
            if index is None:
                continue
            face = look.color if mark == "*" else "none"
            axes.plot(
                *points[index],
                mark,
                markersize=_MARK_PT,
                markerfacecolor=face,
                zorder=5,
                markeredgecolor=look.color if mark == "o" else "white",
                clip_on=False,
                gid=f"{name}-{curve.name}",
            )
            labels.keep_free(_at(points, index), _MARK_PT / 2)
    for curve, look, points in zip(curves, style.SERIES, drawn, strict=False):
        for text, index in _texts(curve):
            marked = index in (curve.default, curve.chosen)
            labels.beside(
                _at(points, index),
                text,
                color=look.color,
                radius_pt=_MARK_PT / 2 if marked else 0.0,
            )


def _at(points: FloatArray, index: int) -> tuple[float, float]:
    return float(points[index, 0]), float(points[index, 1])


def _texts(curve: Curve) -> list[tuple[str, int]]:
    """Return what is written at which point of a curve, its name at the first."""
    texts = []
    for index, name in ((curve.chosen, "chosen"), (curve.default, "default")):
        if index is not None and not (name == "default" and curve.chosen == index):
            texts.append((f"{name} {_numbers(curve, index)}", index))
    if texts:
        texts[0] = (f"{curve.name}, {texts[0][0]}", texts[0][1])
    return texts or [(curve.name, len(curve.thresholds) // 2)]


def _numbers(curve: Curve, index: int) -> str:
    return (
        f"{curve.thresholds[index]:g}:\nmisses {percent(curve.miss_rate[index])},\n"
        f"false alarms {percent(curve.false_alarm_rate[index])}"
    )


def _digest(curves: Sequence[Curve]) -> str:
    told = []
    for curve in curves:
        parts = [f"{curve.name}: points={len(curve.thresholds)}"]
        for index, name in ((curve.default, "default"), (curve.chosen, "chosen")):
            if index is not None:
                parts.append(
                    f"{name}={curve.thresholds[index]:g} "
                    f"miss={percent(curve.miss_rate[index])} "
                    f"false_alarm={percent(curve.false_alarm_rate[index])}"
                )
        told.append(" ".join(parts))
    return "Det " + "; ".join(told)
