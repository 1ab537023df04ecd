"""What was heard of interrupted answers against what the client claimed was heard.

Positions, claims and errors are those of `voicelab.metrics.truncation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from voicelab.errors import InputError
from voicelab.plot import style
from voicelab.plot.canvas import (
    Margins,
    Room,
    adopted,
    finished,
    footer,
    own_axes,
    panel,
)
from voicelab.plot.figure import Plot
from voicelab.plot.labels import GAP_IN, figure_of, shorten, size_in
from voicelab.plot.tables import Data, FloatArray, gather, groups, numbers
from voicelab.plot.words import (
    ascii_number,
    count,
    known,
    quantile_of,
    signed_whole,
)

_NAME = "truncation_scatter"
_BY = "player"
_COLUMNS = 4
_MOST = 12
_SCATTER_IN, _STRIP_IN, _BETWEEN_IN = 1.75, 1.25, 0.12
_TITLE_IN, _ROW_GAP_IN, _PANEL_GAP_IN = 0.48, 0.4, 0.14
_LOG_ABOVE_MS = 1000.0
_LINEAR_MS = 100.0
"""Errors up to this stand on a linear scale where greater ones are on a logarithmic."""

_DECADES_MS = (100, 1000, 10_000)
_LEAST_APART_PT = 9.5
"""Of two tick labels, one above the other."""

_KINDS = {
    "accepted": ("o", style.SERVER, "claim accepted"),
    "refused": ("x", style.AGENT_SENT, "refused"),
    "not_sent": ("^", "white", "no claim: all is kept"),
    "unanswered": ("s", "white", "no reply seen"),
}
"""By verdict: marker, face, what it is called."""


@dataclass(frozen=True, slots=True)
class Facet:
    """The interrupted items of one player.

    Attributes:
        name: of the player, or what tells facets apart.
        heard_ms: what reached the ear; shape (n,).
        claimed_ms: `audio_end_ms`; what is kept where nothing was claimed; shape (n,).
        error_ms: kept less heard; shape (n,).
        verdicts: of the server.
    """

    name: str
    heard_ms: FloatArray
    claimed_ms: FloatArray
    error_ms: FloatArray
    verdicts: tuple[str, ...]


def truncation_scatter(
    data: Data, *, by: str | None = _BY, ax: Axes | None = None
) -> Plot:
    """Draw what a client claimed of each interrupted answer against what was heard.

    On the diagonal the model knows what was heard; above it, it believes in speech
    that nobody heard. Below each panel the signed error of what the server keeps.

    Args:
        data: runs, or their `truncations` tables.
        by: the column that tells panels apart, at most twelve; None, or a table
            that does not tell the player: one panel.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: nothing was interrupted, a column is missing, or nobody observed
            what was heard.
    """
    gathered = gather(data, _NAME, "truncations")
    if by == _BY and _BY not in gathered.table.columns:
        by = None
    parts = groups(gathered.table, by, _NAME, _MOST)
    facets = [facet_of(name, rows) for name, rows in parts.items()]
    facets = [facet for facet in facets if len(facet.heard_ms)]
    if not facets:
        raise InputError(
            f"nobody observed what was heard of {count(len(gathered.table), 'item')}",
            path=_NAME,
            fix="give runs whose ear or player was observed",
        )
    with style.context():
        margins = Margins(0.75, top_in=0.3, bottom_in=0.98)
        size_in = _size(len(facets), margins)
        axes = own_axes(size_in[1], margins) if ax is None else adopted(ax)
        axes.set_axis_off()
        _draw(axes, facets, size_in)
        shown = sum(len(facet.heard_ms) for facet in facets)
        unseen = len(gathered.table) - shown
        n = f"n = {count(shown, 'interrupted item')}"
        missing = f"{unseen} not observed" if unseen else ""
        footer(axes, [n, missing, *gathered.told], margins)
    return finished(axes, _digest(facets))


def facet_of(name: str, rows: pd.DataFrame) -> Facet:
    """Return the items of which it is known how much was heard; maybe none.

    Raises:
        InputError: a column is missing.
    """
    heard = numbers(rows, "heard_ms", _NAME)
    claimed = numbers(rows, "audio_end_ms", _NAME)
    error = numbers(rows, "truncation_error_ms", _NAME)
    kept = numbers(rows, "kept_ms", _NAME) if "kept_ms" in rows.columns else claimed
    claimed = np.where(np.isnan(claimed), kept, claimed)
    there = ~np.isnan(np.column_stack([heard, claimed, error])).any(axis=1)
    told = (
        rows["verdict"].astype("string").fillna("accepted")
        if "verdict" in rows.columns
        else pd.Series(["accepted"] * len(rows))
    )
    verdicts = tuple(told.to_numpy()[there])
    return Facet(name, heard[there], claimed[there], error[there], verdicts)


def _size(facets: int, margins: Margins) -> tuple[float, float]:
    rows = -(-facets // _COLUMNS)
    height_in = _TITLE_IN + _SCATTER_IN + _BETWEEN_IN + _STRIP_IN
    return margins.inside_in, rows * height_in + (rows - 1) * _ROW_GAP_IN


def _draw(host: Axes, facets: Sequence[Facet], page_in: tuple[float, float]) -> None:
    columns = min(len(facets), _COLUMNS)
    width_in = (page_in[0] - (columns - 1) * _PANEL_GAP_IN) / columns
    row_in = _TITLE_IN + _SCATTER_IN + _BETWEEN_IN + _STRIP_IN + _ROW_GAP_IN
    heard = max(float(facet.heard_ms.max()) for facet in facets) or 1.0
    claimed = max(float(facet.claimed_ms.max()) for facet in facets)
    worst = max(float(np.abs(facet.error_ms).max()) for facet in facets)
    for index, facet in enumerate(facets):
        row, column = divmod(index, _COLUMNS)
        left_in = column * (width_in + _PANEL_GAP_IN)
        top_in = row * row_in + _TITLE_IN
        upper = Room(left_in, top_in, width_in, _SCATTER_IN)
        lower = Room(left_in, top_in + _SCATTER_IN + _BETWEEN_IN, width_in, _STRIP_IN)
        scatter, strip = (panel(host, room, page_in) for room in (upper, lower))
        scatter.set_xlim(-0.05 * heard, 1.08 * heard)
        scatter.set_ylim(-0.05 * max(heard, claimed), 1.08 * max(heard, claimed))
        strip.set_xlim(scatter.get_xlim())
        _scatter(scatter, facet, width_in)
        _strip(strip, facet, worst)
        if column:
            scatter.set_yticklabels([])
            strip.set_yticklabels([])
        else:
            scatter.set_ylabel("claimed, ms")
            strip.set_ylabel("error, ms")
    _captions(host, facets)


def _scatter(axes: Axes, facet: Facet, width_in: float) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(labelbottom=False)
    ends = axes.get_xlim()
    axes.plot(ends, ends, color=style.CONTEXT, linewidth=0.8, gid="identity", zorder=1)
    verdicts = np.array(facet.verdicts)
    for verdict in dict.fromkeys(facet.verdicts):
        marker, face, _ = _KINDS.get(verdict, _KINDS["accepted"])
        some = verdicts == verdict
        axes.plot(
            facet.heard_ms[some],
            facet.claimed_ms[some],
            marker,
            markersize=5,
            markerfacecolor=face,
            markeredgecolor=style.AGENT_SENT if marker == "x" else style.INK,
            markeredgewidth=1.4 if marker == "x" else 0.6,
            gid=verdict,
            zorder=3,
        )
    median = quantile_of(facet.error_ms, 0.5).value or 0.0
    lines = [facet.name] if facet.name else []
    lines += [f"n = {len(facet.heard_ms)}", f"median {signed_whole(median)} ms"]
    figure = figure_of(axes)
    title = "\n".join(shorten(figure, line, width_in) for line in lines)
    axes.set_title(title, fontsize=style.FONT_PT, loc="left", pad=4)


def _strip(axes: Axes, facet: Facet, worst: float) -> None:
    """Draw each error as a line from 0."""
    if worst > _LOG_ABOVE_MS:
        limit = 2.0 * worst
        _decades(axes, worst, limit)
    else:
        limit = 1.2 * max(worst, 1.0)
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, symmetric=True))
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_ylim(-limit, limit)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.axhline(0, color=style.CONTEXT, linewidth=0.8, gid="no-error")
    for sign, color in ((1, style.AGENT_SENT), (-1, style.AGENT_HEARD)):
        some = facet.error_ms * sign > 0
        drawn = axes.vlines(
            facet.heard_ms[some], 0, facet.error_ms[some], color=color, linewidth=1.2
        )
        drawn.set_gid("phantom" if sign > 0 else "forgotten")
    axes.plot(
        facet.heard_ms,
        facet.error_ms,
        "o",
        color=style.INK,
        markersize=2.5,
        gid="error",
        zorder=3,
    )


def _decades(axes: Axes, worst: float, limit: float) -> None:
    """Give a strip a logarithmic scale, of which each decade is named and divided.

    Where the strip is too low for all decades, only whole seconds are named.
    """
    axes.set_yscale("symlog", linthresh=_LINEAR_MS)
    decades = 1 + np.log10(limit / _LINEAR_MS)
    apart_pt = axes.bbox.height / figure_of(axes).dpi * 72 / 2 / decades
    named = _DECADES_MS if apart_pt >= _LEAST_APART_PT else _DECADES_MS[1:2]
    ticks = [t for t in named if t <= worst]
    ticks = [-t for t in reversed(ticks)] + [0, *ticks]
    axes.set_yticks(ticks, [f"{signed_whole(tick)}" for tick in ticks])
    parts = np.outer(_DECADES_MS, range(2, 10)).ravel()
    axes.yaxis.set_minor_locator(FixedLocator([*-parts[::-1], *parts]))
    axes.tick_params(axis="y", which="minor", length=2, color=style.CONTEXT)


def _captions(host: Axes, facets: Sequence[Facet]) -> None:
    """Say once what axes, markers and colours mean."""
    seen = dict.fromkeys(v for facet in facets for v in facet.verdicts)
    signs = {"o": "\N{BLACK CIRCLE}", "x": "\N{MULTIPLICATION SIGN}"}
    signs |= {"^": "\N{WHITE UP-POINTING TRIANGLE}", "s": "\N{WHITE SQUARE}"}
    kinds = [_KINDS.get(verdict, _KINDS["accepted"]) for verdict in seen]
    marks = "   ".join(f"{signs[marker]} {name}" for marker, _, name in kinds)
    figure = figure_of(host)
    above = "error (kept less heard) above 0: believed, never heard"
    below = "below 0: heard, forgotten"
    both_in = sum(size_in(figure, text)[0] for text in (above, below)) + GAP_IN
    lower = 0.0 if both_in <= host.bbox.width / figure.dpi else 12.0
    for x, y, dy_pt, side, text, color in (
        (0.0, 1.0, 8.0, "left", marks, style.INK),
        (0.5, 0.0, -25.0, "center", "heard, ms", style.INK),
        (0.0, 0.0, -40.0, "left", above, style.AGENT_SENT),
        (1.0, 0.0, -40.0 - lower, "right", below, style.AGENT_HEARD),
    ):
        host.annotate(
            text,
            xy=(x, y),
            xycoords="axes fraction",
            xytext=(0, dy_pt),
            textcoords="offset points",
            ha=side,
            va="center",
            color=style.readable(color),
            annotation_clip=False,
            gid="caption",
        )


def _digest(facets: Sequence[Facet]) -> str:
    told = []
    for facet in facets:
        median = quantile_of(known(facet.error_ms), 0.5).value or 0.0
        worst = float(facet.error_ms[np.argmax(np.abs(facet.error_ms))])
        refused = facet.verdicts.count("refused")
        parts = [f"n={len(facet.heard_ms)}", f"median={ascii_number(median)} ms"]
        parts.append(f"worst={ascii_number(worst)} ms")
        if refused:
            parts.append(f"refused={refused}")
        told.append((f"{facet.name}: " if facet.name else "") + " ".join(parts))
    return "TruncationScatter " + "; ".join(told)
