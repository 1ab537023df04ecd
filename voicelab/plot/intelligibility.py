"""What faster speech costs in words made out, and what is left of its rate.

The numbers are those of `voicelab.modality.intelligibility`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from voicelab.plot import style
from voicelab.plot.canvas import (
    Margins,
    Room,
    adopted,
    finished,
    footer,
    own_axes,
    panel,
    show_grid,
)
from voicelab.plot.ends import AROUND_NAMES_IN, name_ends
from voicelab.plot.figure import Plot
from voicelab.plot.labels import figure_of, size_in
from voicelab.plot.tables import Data, FloatArray, gather, numbers, series, some_numbers
from voicelab.plot.words import ascii_number, count

_NAME = "intelligibility"
_BY = ("line", "snr_db", "lever", "voice", "recogniser")
_RATE = ("word_error_rate", "low", "high")
_WPM = ("understood_wpm", "understood_low", "understood_high")
_PERCENT = 100.0
_PANEL_IN, _GAP_IN = 1.75, 0.3
_NAMES_IN, _MOST_NAMES_IN = 1.55, 2.6


def intelligibility(table: Data, *, ax: Axes | None = None) -> Plot:
    """Draw word errors, and words a minute understood, against the speed of speech.

    A line for each condition (line, noise, lever, voice, recogniser, as far as they
    vary), with the band of its interval. In grey: words a minute as they are spoken.

    Args:
        table: `speed`, `word_error_rate`, `understood_wpm`, `wpm_gross`, their bounds
            and the conditions, as of `voicelab.modality.intelligibility`.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing or has no value, or there are more than eight
            conditions.
    """
    gathered = gather(table, _NAME)
    rows = series(gathered.table, _BY, _NAME, len(style.SERIES))
    rates = {name: _line(part, _RATE, _PERCENT) for name, part in rows.items()}
    understood = {name: _line(part, _WPM, 1) for name, part in rows.items()}
    spoken = [_line(part, ("wpm_gross",) * 3, 1) for part in rows.values()]
    with style.context():
        margins = _margins(rates)
        height_in = 2 * _PANEL_IN + _GAP_IN
        host = own_axes(height_in, margins) if ax is None else adopted(ax)
        host.set_axis_off()
        size_in = (margins.inside_in, height_in)
        above = panel(host, Room(0, 0, size_in[0], _PANEL_IN), size_in)
        below_in = _PANEL_IN + _GAP_IN
        below = panel(host, Room(0, below_in, size_in[0], _PANEL_IN), size_in)
        for line in spoken:
            below.plot(*line[:, :2].T, "--", color=style.CONTEXT, gid="spoken")
        room_in = margins.right_in
        _draw(above, rates, "word error rate, %", room_in)
        _draw(below, understood, "understood, words/min\n(grey: spoken)", room_in)
        above.tick_params(labelbottom=False)
        below.set_xlabel("speed of the speech (1: the voice's own)")
        footer(host, [*_made_of(gathered.table), *gathered.told], margins)
    return finished(host, _digest(rates, understood))


def _line(rows: pd.DataFrame, names: tuple[str, str, str], scale: float) -> FloatArray:
    """Return speed, value, low and high in order of speed; shape (n, 4).

    Raises:
        InputError: a column is missing or has no value.
    """
    speeds = some_numbers(rows, "speed", _NAME)
    middle = some_numbers(rows, names[0], _NAME)
    bounds = [numbers(rows, name, _NAME) for name in names[1:]]
    line = np.column_stack([speeds, *(scale * each for each in (middle, *bounds))])
    known = line[~np.isnan(line[:, :2]).any(axis=1)]
    ordered: FloatArray = known[np.argsort(known[:, 0], kind="stable")]
    return ordered


def _margins(names: Iterable[str]) -> Margins:
    """Return margins with room for the names, if that leaves enough for the lines."""
    figure = figure_of(own_axes(1, Margins()))
    widest_in = max(size_in(figure, name)[0] for name in names) + AROUND_NAMES_IN
    return Margins(0.75, min(max(widest_in, _NAMES_IN), _MOST_NAMES_IN))


def _draw(
    axes: Axes, lines: Mapping[str, FloatArray], label: str, room_in: float
) -> None:
    show_grid(axes)
    for line, look in zip(lines.values(), style.SERIES, strict=False):
        x, middle, low, high = line.T
        axes.fill_between(
            x, low, high, color=look.color, alpha=0.12, linewidth=0, gid="band"
        )
        axes.plot(
            x,
            middle,
            color=look.color,
            linestyle=look.line,
            marker=look.marker,
            markersize=4,
            linewidth=1.4,
            gid="line",
            zorder=3,
        )
    every = np.unique(np.concatenate([line[:, 0] for line in lines.values()]))
    axes.set_xlim(every[0] - 0.05, every[-1] + 0.05)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(label)
    ends = {name: line[:, :2] for name, line in lines.items()}
    name_ends(axes, ends, room_in, "condition")


def _made_of(table: pd.DataFrame) -> list[str]:
    told = []
    for name in ("answers", "words"):
        if name in table.columns:
            fewest, most = int(table[name].min()), int(table[name].max())
            amount = count(most, name.removesuffix("s"))
            told.append(amount if fewest == most else f"{fewest} to {amount}")
    return [f"n = {', '.join(told)} a point"] if told else []


def _digest(rates: Mapping[str, FloatArray], wpm: Mapping[str, FloatArray]) -> str:
    told = []
    for name, line in rates.items():
        first, last = line[0], line[-1]
        best = wpm[name][np.argmax(wpm[name][:, 1])]
        told.append(
            f"{name}: {ascii_number(first[1])} % at {first[0]:g}, "
            f"{ascii_number(last[1])} % at {last[0]:g}, "
            f"most understood {best[1]:.0f} wpm at {best[0]:g}"
        )
    return "Intelligibility " + "; ".join(told)
