"""The waterfall: where each turn's wait went, stage by stage.

The stages are those of `voicelab.metrics.latency`; they add up exactly, so each row
ends at its response latency.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes
from voicelab.plot.figure import Plot
from voicelab.plot.labels import figure_of, shorten, size_in, spread
from voicelab.plot.tables import Data, FloatArray, gather, has_several, numbers
from voicelab.plot.waits import TOTAL, Waits, reach_of, stages_of
from voicelab.plot.words import (
    Quantile,
    count,
    whole,
    without_value,
)

_NAME = "waterfall"
ROW_IN, ALL_ROWS_IN = 0.24, 5.2
TEXT_IN = 0.15
"""The least height of a row that has a name and a number of its own."""
_THIN_IN = 0.012
RULES_IN = 0.24
_BAR = 0.76
"""Of a row's height, if it has a name; rows without one touch."""
LABEL_IN = 1.9
_TOP_IN = 0.42
_LOOKS: dict[str, Any] = {"p50": "-", "p95": "--"}


def waterfall(data: Data, *, ax: Axes | None = None) -> Plot:
    """Draw one bar a turn, from the end of the caller's speech to the first answer.

    The bars are sorted, the slowest on top; vertical rules are the p50 and p95 of the
    response latency. Where a stage is negative, because an endpoint fell before the
    end of the turn, the row is split: its upper half goes back to that endpoint, its
    lower half goes on from there (rows thinner than a pixel, some hundred turns, are
    not split). A turn without an answer is a hatched row.

    Args:
        data: runs, or their `latency` tables. Without the server's side of a live
            run, the stages are those that its client observed.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: there is no turn, a column is missing, or no turn has its stages.
    """
    gathered = gather(data, _NAME, "latency")
    waits = stages_of(gathered.table)
    row_in = min(ROW_IN, ALL_ROWS_IN / len(waits.table))
    named = row_in >= TEXT_IN
    with style.context():
        margins = Margins(LABEL_IN if named else 0.65, top_in=_TOP_IN)
        height_in = max(row_in * len(waits.table) + RULES_IN, 0.6)
        axes = own_axes(height_in, margins) if ax is None else adopted(ax)
        draw_waits(axes, waits, row_in, named=named)
        missing = without_value(gathered.table, numbers(gathered.table, TOTAL, _NAME))
        n = f"n = {count(len(waits.table), 'caller turn')}"
        refused = [each.refusal for each in waits.quantiles if each.value is None]
        footer(axes, [n, missing, *refused, *gathered.told], margins)
    return finished(axes, _digest(waits))


def draw_waits(
    axes: Axes,
    waits: Waits,
    row_in: float,
    *,
    named: bool,
    reach_ms: tuple[float, float] | None = None,
) -> None:
    """Draw rows, from the top of the axes down.

    Args:
        axes: what to draw into, as high as the rows and their rules.
        waits: the rows.
        row_in: how high a row is.
        named: whether each has its name and its number.
        reach_ms: the first and the last instant there is room for; left out, those
            of the rows.
    """
    rows_in = row_in * len(waits.table)
    axes.set_ylim(rows_in + RULES_IN, 0)
    _set_limits(axes, reach_ms or reach_of(waits), named=named)
    axes.set_xlabel("time since the end of the caller's turn, ms")
    for index, stage in reversed(list(enumerate(waits.stages))):
        _bars(axes, waits, index, stage, row_in)  # what goes back lies beneath
    _unanswered(axes, waits, row_in)
    axes.axvline(0, color=style.INK, linewidth=0.8, gid="end-of-turn")
    _rules(axes, waits.quantiles, rows_in)
    _name_stages(axes, waits, row_in)
    if named:
        _name_rows(axes, waits, row_in)
    else:
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylabel("turns, the slowest on top")


def _set_limits(axes: Axes, reach_ms: tuple[float, float], *, named: bool) -> None:
    """Leave room for the number at the end of the longest bar."""
    low, high = reach_ms
    span = (high - low) or 1.0
    axes.set_xlim(low - 0.02 * span * (low < 0), high + (0.1 if named else 0.02) * span)


def _bars(axes: Axes, waits: Waits, index: int, stage: str, row_in: float) -> None:
    """Draw a stage of all rows as one collection."""
    _, color, hatch = style.PARTS[stage]
    if row_in < _THIN_IN:
        _area(axes, waits, index, stage, row_in)
        return
    corners = []
    for row, edges in enumerate(waits.edges):
        start, end = edges[index], edges[index + 1]
        top_in, bottom_in = _place(edges, index, row * row_in, row_in)
        corners.append(
            [(start, top_in), (end, top_in), (end, bottom_in), (start, bottom_in)]
        )
    bars = PolyCollection(
        corners,
        facecolors=color,
        edgecolors="white",
        hatch=hatch,
        linewidths=0.4 if row_in >= TEXT_IN else 0,
        zorder=2,
    )
    bars.set_gid(f"part-{stage}")
    axes.add_collection(bars, autolim=False)


def _area(axes: Axes, waits: Waits, index: int, stage: str, row_in: float) -> None:
    """Draw a stage as one area, where a row is thinner than a pixel."""
    _, color, hatch = style.PARTS[stage]
    feet_in = np.arange(len(waits.edges) + 1) * row_in
    area = axes.fill_betweenx(
        np.repeat(feet_in, 2)[1:-1],
        np.repeat(waits.edges[:, index], 2),
        np.repeat(waits.edges[:, index + 1], 2),
        facecolor=color,
        edgecolor="white",
        hatch=hatch,
        linewidth=0,
        zorder=2,
    )
    area.set_gid(f"part-{stage}")


def _place(
    edges: FloatArray, index: int, top_in: float, row_in: float
) -> tuple[float, float]:
    """Return top and bottom of a stage; a row that goes back has two halves."""
    bar = _bar(row_in)
    top = top_in + row_in * (1 - bar) / 2
    height = row_in * bar
    back = np.flatnonzero(np.diff(edges) < 0)
    if not len(back):
        return top, top + height
    middle = top + height / 2
    return (top, middle) if index <= back[-1] else (middle, top + height)


def _bar(row_in: float) -> float:
    return _BAR if row_in >= TEXT_IN else 1.0


def _unanswered(axes: Axes, waits: Waits, row_in: float) -> None:
    """Hatch the rows without an answer, and say what came of them."""
    first = len(waits.edges)
    rest = waits.table.iloc[first:]
    if not len(rest):
        return
    high = max(float(waits.edges.max()), 1.0)
    blocks = (
        [
            (row * row_in, row_in, text)
            for row, text in enumerate(_outcomes(rest), first)
        ]
        if row_in >= TEXT_IN
        else [(first * row_in, len(rest) * row_in, _counts(_outcomes(rest)))]
    )
    for top_in, height_in, text in blocks:
        _hatched(axes, high, top_in, height_in, text)


def _hatched(
    axes: Axes, high: float, top_in: float, height_in: float, text: str
) -> None:
    pad_in = min(height_in * (1 - _BAR) / 2, 0.03)
    bar = axes.broken_barh(
        [(0, high)],
        (top_in + pad_in, height_in - 2 * pad_in),
        facecolor="white",
        edgecolor=style.CONTEXT,
        hatch="//////",
        linewidth=0.5,
        zorder=1,
    )
    bar.set_gid("unanswered")
    if height_in >= TEXT_IN:
        middle_in = top_in + height_in / 2
        written = axes.text(high / 2, middle_in, text, ha="center", va="center")
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
        written.set_zorder(5)


def _counts(outcomes: Sequence[str]) -> str:
    return ", ".join(f"{outcomes.count(each)} {each}" for each in sorted(set(outcomes)))


def _outcomes(rows: pd.DataFrame) -> list[str]:
    if "outcome" not in rows.columns:
        return ["no answer"] * len(rows)
    told = rows["outcome"].astype("string").fillna("no answer")
    return ["not observed" if each == "answered" else str(each) for each in told]


def _rules(axes: Axes, quantiles: Sequence[Quantile], rows_in: float) -> None:
    told = [each for each in quantiles if each.value is not None]
    figure = figure_of(axes)
    texts = [f"{each.name} {whole(each.value or 0)} ms" for each in told]
    widths = [size_in(figure, text)[0] for text in texts]
    centres = [
        _inches(axes, each.value or 0) + 0.05 + w / 2
        for each, w in zip(told, widths, strict=True)
    ]
    right_in = axes.bbox.width / figure.dpi
    for each, text, x_in in zip(
        told, texts, spread(centres, widths, 0, right_in), strict=True
    ):
        rule = axes.vlines(
            each.value or 0,
            0,
            rows_in + 0.4 * RULES_IN,
            color=style.INK,
            linewidth=1,
            linestyles=_LOOKS[each.name],
            zorder=3,
        )
        rule.set_gid(each.name)
        axes.text(
            _data(axes, x_in), rows_in + 0.7 * RULES_IN, text, ha="center", va="center"
        )


def _inches(axes: Axes, x: float) -> float:
    """Return how far from the left edge of the axes a value lies."""
    low, high = axes.get_xlim()
    return float((x - low) / (high - low) * axes.bbox.width / figure_of(axes).dpi)


def _data(axes: Axes, x_in: float) -> float:
    low, high = axes.get_xlim()
    return float(low + x_in * figure_of(axes).dpi / axes.bbox.width * (high - low))


def _name_stages(axes: Axes, waits: Waits, row_in: float) -> None:
    """Write the names of the stages above the top row, each led to its bar."""
    figure = figure_of(axes)
    edges = waits.edges[0]
    middles = (edges[:-1] + edges[1:]) / 2
    names = [style.PARTS[stage][0] for stage in waits.stages]
    widths = [size_in(figure, name)[0] for name in names]
    wanted = [_inches(axes, x) for x in middles]
    # the order of the stages is kept, whichever way a stage goes
    ordered = list(np.maximum.accumulate(wanted))
    right_in = axes.bbox.width / figure.dpi
    for index, x_in in enumerate(spread(ordered, widths, 0, right_in)):
        color = style.PARTS[waits.stages[index]][1]
        top, _ = _place(edges, index, 0, row_in)
        axes.annotate(
            names[index],
            xy=(middles[index], top + row_in * 0.2),
            xytext=(_data(axes, x_in), -0.14),
            ha="center",
            va="bottom",
            color=style.readable(color),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": style.readable(color),
                "linewidth": 0.7,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            gid="stage",
            zorder=4,
        )


def _name_rows(axes: Axes, waits: Waits, row_in: float) -> None:
    figure = figure_of(axes)
    middles = [(row + 0.5) * row_in for row in range(len(waits.table))]
    names = _names(figure, waits.table)
    axes.set_yticks(middles, names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for edges, total, y in zip(waits.edges, waits.total, middles, strict=False):
        written = axes.text(
            float(edges.max()), y, f" {whole(total)}", ha="left", va="center", zorder=5
        )
        written.set_gid("total")
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.2})


def _names(figure: Figure, table: pd.DataFrame) -> list[str]:
    """Return a name for each row: its turn, and its conversation if there are many."""
    if "turn" not in table.columns:
        return [f"row {index}" for index in table.index]
    named = has_several(table, "conversation")
    whose = table["conversation"] if named else [""] * len(table)
    cut_in = table["cut_in"] if "cut_in" in table.columns else [False] * len(table)
    names = []
    for conversation, turn, cut in zip(whose, table["turn"], cut_in, strict=True):
        end = f"turn {turn}" + (" (cut in)" if bool(cut) else "")
        room_in = LABEL_IN - 0.2 - size_in(figure, f" · {end}")[0]
        start = shorten(figure, str(conversation), room_in)
        names.append(f"{start} · {end}" if named else end)
    return names


def _digest(waits: Waits) -> str:
    parts = [f"LatencyWaterfall turns={len(waits.table)}"]
    parts += [each.digest("ms") for each in waits.quantiles]
    unanswered = len(waits.table) - len(waits.edges)
    if unanswered:
        parts.append(f"without_answer={unanswered}")
    return " ".join(parts)
