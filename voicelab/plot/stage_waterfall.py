"""The waterfall by stage: architectures one below the other, on one scale of time.

The stages are those of `voicelab.metrics.stages`; a panel whose agent has none shows
the parts of `voicelab.metrics.latency`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from voicelab.metrics import PARTS, STAGE_PARTS, STAGES
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
from voicelab.plot.labels import figure_of, shorten
from voicelab.plot.tables import CONDITION, Data, gather, groups, numbers
from voicelab.plot.waits import TOTAL, Waits, reach_of, stages_of
from voicelab.plot.waterfall import (
    ALL_ROWS_IN,
    LABEL_IN,
    ROW_IN,
    RULES_IN,
    TEXT_IN,
    draw_waits,
)
from voicelab.plot.words import ascii_number, count, without_value

MOST = 8
"""How many architectures one figure holds."""

_NAME = "stage_waterfall"
_HEAD_IN = 0.6
"""Above each panel: its name, and below that the names of its stages."""
_LEAST_IN = 0.6
_BOLDER = 1.2
"""Bold letters are up to a fifth wider than those that texts are measured in."""
_COLUMNS = [f"{stage}_ms" for stage in STAGES]


def stage_waterfall(data: Data, *, ax: Axes | None = None) -> Plot:
    """Draw where each turn's wait went, stage by stage, in a panel an architecture.

    Bars begin at the end of the caller's speech and are sorted, the slowest on top,
    as in `waterfall`; all panels have one scale. Stages that no turn of a panel spent
    a microsecond in are left out of it.

    Args:
        data: runs, or their `stage_latency` tables; a mapping from the name of each
            architecture to its own, at most eight.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: there is no turn, a column is missing, there are too many
            architectures, or one has no turn with its stages.
    """
    gathered = gather(data, _NAME, "stage_latency")
    by = CONDITION if CONDITION in gathered.table.columns else None
    waits = {
        name: staged(rows)
        for name, rows in groups(gathered.table, by, _NAME, MOST).items()
    }
    rows = sum(len(each.table) for each in waits.values())
    row_in = min(ROW_IN, ALL_ROWS_IN / rows)
    with style.context():
        margins = Margins(LABEL_IN if row_in >= TEXT_IN else 0.65)
        height_in = sum(_height_in(each, row_in) for each in waits.values())
        axes = own_axes(height_in, margins) if ax is None else adopted(ax)
        axes.set_axis_off()
        _draw(axes, waits, row_in, (margins.inside_in, height_in))
        total = numbers(gathered.table, TOTAL, _NAME)
        n = f"n = {count(rows, 'caller turn')}"
        footer(axes, [n, without_value(gathered.table, total), *gathered.told], margins)
    return finished(axes, _digest(waits))


def staged(table: pd.DataFrame) -> Waits:
    """Return the rows in order, by the stages that their agent has.

    Raises:
        InputError: a column is missing, or no turn has its stages.
    """
    columns = [numbers(table, f"{part}_ms", _NAME) for part in STAGE_PARTS]
    parts = dict(zip(STAGE_PARTS, columns, strict=True))
    if all(np.isnan(parts[stage]).all() for stage in STAGES):
        told = table.assign(server_ttfb_ms=table["server_rest_ms"])
        return stages_of(told, PARTS)
    # a turn that was answered without its stages spent its time elsewhere
    told = table.assign(**{name: table[name].fillna(0.0) for name in _COLUMNS})
    spent = tuple(part for part in STAGE_PARTS if np.nansum(np.abs(parts[part])) > 0)
    return stages_of(told, spent)


def _height_in(waits: Waits, row_in: float) -> float:
    return _HEAD_IN + max(row_in * len(waits.table) + RULES_IN, _LEAST_IN)


def _draw(
    host: Axes,
    waits: Mapping[str, Waits],
    row_in: float,
    page_in: tuple[float, float],
) -> None:
    reaches = [reach_of(each) for each in waits.values()]
    reach_ms = min(low for low, _ in reaches), max(high for _, high in reaches)
    top_in = 0.0
    for place, (name, each) in enumerate(waits.items(), start=1):
        height_in = _height_in(each, row_in)
        room = Room(0, top_in + _HEAD_IN, page_in[0], height_in - _HEAD_IN)
        axes = panel(host, room, page_in)
        draw_waits(axes, each, row_in, named=row_in >= TEXT_IN, reach_ms=reach_ms)
        if place < len(waits):
            axes.tick_params(labelbottom=False)
            axes.set_xlabel("")
        if row_in < TEXT_IN:
            axes.set_ylabel("turns")
        _entitle(axes, name, page_in[0])
        top_in += height_in


def _entitle(axes: Axes, name: str, width_in: float) -> None:
    """Write a panel's name above the names of its stages."""
    figure = figure_of(axes)
    written = axes.annotate(
        shorten(figure, name, width_in / _BOLDER),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 72 * 0.36),
        textcoords="offset points",
        ha="left",
        va="bottom",
        color=style.INK,
        fontweight="bold",
        annotation_clip=False,
    )
    written.set_gid("panel")


def _digest(waits: Mapping[str, Waits]) -> str:
    told = []
    for name, each in waits.items():
        parts = [f"turns={len(each.table)}"]
        parts += [quantile.digest("ms") for quantile in each.quantiles]
        means = np.diff(each.edges, axis=1).mean(axis=0)
        parts += [
            f"{stage}={ascii_number(float(mean))} ms"
            for stage, mean in zip(each.stages, means, strict=True)
            if stage in (*STAGES, "server_ttfb")
        ]
        told.append((f"{name}: " if name else "") + " ".join(parts))
    return "StageWaterfall " + "; ".join(told)
