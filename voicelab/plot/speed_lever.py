"""What faster speech changes: what is heard of an answer, and how long a call is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from voicelab.metrics.statistics import median
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
from voicelab.plot.figure import Plot
from voicelab.plot.tables import Data, FloatArray, axis_name, gather, some_numbers
from voicelab.plot.words import ascii_number, count, known

VALUES = ("words_before_barge_in", "heard_words", "phantom_words", "call_s")
"""Those of them that a table has are drawn."""

_NAMES = {
    "words_before_barge_in": "heard before\nbarge-ins, words",
    "heard_words": "heard, words",
    "phantom_words": "phantom, words",
    "call_s": "call, s",
}
_NAME = "speed_lever"
_PANEL_IN, _GAP_IN = 1.35, 0.3


def speed_lever(
    table: Data, *, values: Sequence[str] | None = None, ax: Axes | None = None
) -> Plot:
    """Draw measures of runs against the speed of the agent's speech, one panel each.

    Each row is a dot; a line joins the medians at each speed.

    Args:
        table: a row a run: `speed`, and the measures, as of
            `voicelab.modality.speed_lever`.
        values: the columns to draw; left out, those of `VALUES` that have values.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing, or has no value.
    """
    gathered = gather(table, _NAME)
    speeds = some_numbers(gathered.table, "speed", _NAME)
    measures = {
        name: some_numbers(gathered.table, name, _NAME)
        for name in _chosen(gathered.table, values)
    }
    with style.context():
        margins = Margins(0.75)
        height_in = len(measures) * (_PANEL_IN + _GAP_IN) - _GAP_IN
        host = own_axes(height_in, margins) if ax is None else adopted(ax)
        host.set_axis_off()
        size_in = (margins.inside_in, height_in)
        for index, (name, measure) in enumerate(measures.items()):
            top_in = index * (_PANEL_IN + _GAP_IN)
            axes = panel(host, Room(0, top_in, size_in[0], _PANEL_IN), size_in)
            _draw(axes, speeds, measure, _NAMES.get(name, axis_name(name)))
            axes.tick_params(labelbottom=index == len(measures) - 1)
        axes.set_xlabel("speed of the agent's speech (1: as recorded)")
        footer(host, [f"n = {count(len(speeds), 'row')}", *gathered.told], margins)
    return finished(host, _digest(speeds, measures))


def _chosen(table: pd.DataFrame, values: Sequence[str] | None) -> Sequence[str]:
    if values:
        return values
    there = [name for name in VALUES if name in table.columns]
    known_of = [name for name in there if table[name].notna().any()]
    return known_of or there[:1] or VALUES[:1]


def medians_of(speeds: FloatArray, values: FloatArray) -> FloatArray:
    """Return speeds in order with the median of the values at each; shape (n, 2)."""
    found = []
    for speed in np.unique(known(speeds)):
        there = known(values[speeds == speed])
        if len(there):
            found.append((float(speed), median(there)))
    return np.array(found)


def _draw(axes: Axes, speeds: FloatArray, values: FloatArray, name: str) -> None:
    show_grid(axes)
    axes.plot(
        speeds,
        values,
        "o",
        color=style.CONTEXT,
        markersize=3.5,
        alpha=0.7,
        markeredgewidth=0,
        gid="rows",
    )
    middle = medians_of(speeds, values)
    axes.plot(
        *middle.T,
        "-o",
        color=style.AGENT_HEARD,
        linewidth=1.4,
        markersize=5,
        gid="medians",
        zorder=3,
    )
    axes.set_ylabel(name)
    ticks = np.unique(known(speeds))
    axes.set_xlim(ticks[0] - 0.05, ticks[-1] + 0.05)
    low, high = float(known(values).min()), float(known(values).max())
    pad = 0.1 * ((high - low) or max(abs(high), 1.0))
    axes.set_ylim(low - pad, high + pad)


def _digest(speeds: FloatArray, measures: dict[str, FloatArray]) -> str:
    told = []
    for name, values in measures.items():
        first, *_, last = medians_of(speeds, values)[[0, -1]]
        told.append(
            f"{name}: {ascii_number(first[1])} at {first[0]:g}, "
            f"{ascii_number(last[1])} at {last[0]:g}"
        )
    return f"SpeedLever n={len(speeds)} " + "; ".join(told)
