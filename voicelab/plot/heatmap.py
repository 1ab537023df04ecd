"""A measure over two settings: one cell for each pair, with its n."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Rectangle

from voicelab.errors import InputError
from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes
from voicelab.plot.cells import (
    NONE,
    Cells,
    best_cell,
    cells_of,
    has_both_signs,
    label,
    statistic_named,
)
from voicelab.plot.figure import Plot
from voicelab.plot.labels import figure_of, shorten, size_in
from voicelab.plot.tables import (
    Data,
    FloatArray,
    axis_name,
    gather,
)
from voicelab.plot.words import ascii_number, count, known, plain, signed

_NAME = "heatmap"
_CELL_IN = 0.46
_LEAST_CELL_IN = 0.12
_ALL_IN = 5.0
_NAMES_IN, _MOST_NAMES_IN = 0.65, 1.9
_BAR_IN = 0.85
_LINE_IN = 0.16
_PAD_IN = 0.06


def heatmap(
    data: Data,
    x: str,
    y: str,
    value: str,
    *,
    statistic: Literal["median", "mean", "p95"] = "median",
    best: Literal["low", "high", "zero"] | None = "low",
    default: tuple[Hashable, Hashable] | None = None,
    signed_error: bool | None = None,
    ax: Axes | None = None,
) -> Plot:
    """Draw a measure over two settings, a number and its n in each cell.

    A cell without a value, or with too few for the statistic, is hatched. The best
    cell has a solid frame, the default a dashed one.

    Args:
        data: a table of runs, such as a sweep's.
        x: the column of the horizontal axis: numbers in order, or names.
        y: the column of the vertical axis.
        value: the column of the measure.
        statistic: what a cell shows of its values; `p95` needs 20 of them.
        best: which values are good: the lowest, the highest, the nearest to 0; None
            frames no cell.
        default: x and y of the default setting.
        signed_error: whether colours diverge from 0; left out, where the values have
            both signs.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing, no row has a value, or there are too many
            cells to draw.
    """
    gathered = gather(data, _NAME)
    chosen_statistic = statistic_named(statistic)
    needed = chosen_statistic.at_least
    cells = cells_of(gathered.table, x, y, value, chosen_statistic)
    diverges = has_both_signs(cells.grid) if signed_error is None else signed_error
    chosen = None if best is None else best_cell(cells.grid, best)
    with style.context():
        margins = _margins(cells)
        axes = _own_axes(cells, margins) if ax is None else adopted(ax)
        _draw(axes, cells, diverges=diverges)
        _frame(axes, cells, chosen, default)
        axes.set_xlabel(axis_name(x))
        axes.set_ylabel(axis_name(y))
        axes.annotate(
            f"{statistic} {axis_name(value)}" + _frames_told(best, chosen, default),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(0, 6),
            textcoords="offset points",
            ha="left",
            va="bottom",
            gid="title",
            annotation_clip=False,
        )
        footer(axes, [*_made_of(cells, needed), *gathered.told], margins)
    return finished(axes, _digest(cells, value, statistic, chosen))


def _margins(cells: Cells) -> Margins:
    """Leave room for the names on the left, and for long ones below."""
    figure = figure_of(own_axes(1, Margins()))
    widest = max(size_in(figure, label(name))[0] for name in cells.y)
    left_in = max(_NAMES_IN, min(widest, _MOST_NAMES_IN) + 0.35)
    width_in = (style.WIDTH_IN - left_in - _BAR_IN) / len(cells.x)
    below = max(size_in(figure, label(name))[0] for name in cells.x)
    turned = below > width_in - _PAD_IN
    more_in = min(below, _MOST_NAMES_IN) if turned else 0.0
    return Margins(left_in, _BAR_IN, top_in=0.32, bottom_in=0.78 + more_in)


def _own_axes(cells: Cells, margins: Margins) -> Axes:
    each_in = min(_CELL_IN, max(_ALL_IN / len(cells.y), _LEAST_CELL_IN))
    return own_axes(max(each_in * len(cells.y), 0.9), margins)


def _draw(axes: Axes, cells: Cells, *, diverges: bool) -> None:
    rows, columns = cells.grid.shape
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    figure = figure_of(axes)
    cell_in = (
        axes.bbox.width / figure.dpi / columns,
        axes.bbox.height / figure.dpi / rows,
    )
    colors, scale = _colors(cells.grid, diverges=diverges)
    shown = np.ma.masked_invalid(cells.grid)
    mesh = axes.pcolormesh(
        shown, cmap=colors, norm=scale, edgecolors="white", linewidth=0.8
    )
    mesh.set_gid("cells")
    _hatch(axes, cells)
    _write(axes, cells, cell_in, colors, scale)
    _ticks(axes, cells, cell_in)
    if np.isnan(cells.grid).all():
        return
    bar = figure.colorbar(mesh, cax=axes.inset_axes((1.02, 0, 0.025, 1)))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2)


def _colors(values: FloatArray, *, diverges: bool) -> tuple[Colormap, Normalize]:
    there = known(values)
    if not len(there):
        return mpl.colormaps[style.SEQUENTIAL], Normalize(0, 1)
    if diverges:
        most = float(np.abs(there).max()) or 1.0
        return mpl.colormaps[style.DIVERGING], Normalize(-most, most)
    low, high = float(there.min()), float(there.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    return mpl.colormaps[style.SEQUENTIAL], Normalize(low, high)


def _hatch(axes: Axes, cells: Cells) -> None:
    for row, column in np.argwhere(np.isnan(cells.grid)):
        axes.add_patch(
            Rectangle(
                (column, row),
                1,
                1,
                facecolor="white",
                edgecolor=style.CONTEXT,
                hatch="////",
                linewidth=0.5,
                gid="missing",
            )
        )


def _write(
    axes: Axes,
    cells: Cells,
    cell_in: tuple[float, float],
    colors: Colormap,
    scale: Normalize,
) -> None:
    """Write value and n into the cells if all have room for them."""
    figure = figure_of(axes)
    told = signed if has_both_signs(cells.grid) else plain
    texts = {
        (row, column): _cell_text(cells, int(row), int(column), told)
        for row, column in np.ndindex(*cells.grid.shape)
    }
    sizes = [size_in(figure, text) for text in texts.values() if text]
    room_in = (cell_in[0] - _PAD_IN, cell_in[1] - _PAD_IN / 2)
    if any(size[0] > room_in[0] or size[1] > room_in[1] for size in sizes):
        texts = {place: text.partition("\n")[0] for place, text in texts.items()}
        sizes = [size_in(figure, text) for text in texts.values() if text]
        if any(size[0] > room_in[0] or size[1] > room_in[1] for size in sizes):
            return
    for (row, column), text in texts.items():
        value = cells.grid[row, column]
        missing = bool(np.isnan(value))
        dark = not missing and _is_dark(colors(scale(value)))
        written = axes.text(
            column + 0.5,
            row + 0.5,
            text,
            ha="center",
            va="center",
            color="white" if dark else "black",
            gid="cell",
        )
        if missing:
            written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})


def _cell_text(cells: Cells, row: int, column: int, told: Any) -> str:
    value, n = cells.grid[row, column], int(cells.n[row, column])
    if np.isnan(value):
        return f"n = {n}" if cells.rows[row, column] else NONE
    return f"{told(float(value))}\nn = {n}"


def _is_dark(rgba: Sequence[float]) -> bool:
    return style.luminance(rgba[:3]) < style.MIDDLE_LUMINANCE


def _ticks(axes: Axes, cells: Cells, cell_in: tuple[float, float]) -> None:
    figure = figure_of(axes)
    names = [label(name) for name in cells.x]
    turned = any(size_in(figure, name)[0] > cell_in[0] - _PAD_IN for name in names)
    names = [shorten(figure, name, _MOST_NAMES_IN) for name in names]
    step = max(1, round(0.5 + _LINE_IN / cell_in[0])) if turned else 1
    places = range(0, len(names), step)
    axes.set_xticks(
        [place + 0.5 for place in places],
        [names[place] for place in places],
        rotation=90 if turned else 0,
    )
    step = max(1, round(0.5 + _LINE_IN / cell_in[1])) if cell_in[1] < _LINE_IN else 1
    places = range(0, len(cells.y), step)
    axes.set_yticks(
        [place + 0.5 for place in places],
        [shorten(figure, label(cells.y[place]), _MOST_NAMES_IN) for place in places],
    )
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _frame(
    axes: Axes,
    cells: Cells,
    chosen: tuple[int, int] | None,
    default: tuple[Hashable, Hashable] | None,
) -> None:
    frames: list[tuple[str, int, int, Any]] = []
    if chosen is not None:
        frames.append(("best", *chosen, "-"))
    if default is not None:
        if default[0] not in cells.x or default[1] not in cells.y:
            raise InputError(
                f"no cell is the default {default!r}",
                path=_NAME,
                fix="give its x and y as they stand in the table",
            )
        place = cells.y.index(default[1]), cells.x.index(default[0])
        frames.append(("default", *place, (0, (3, 2))))
    figure = figure_of(axes)
    rows, columns = cells.grid.shape
    cell_in = (
        axes.bbox.width / figure.dpi / columns,
        axes.bbox.height / figure.dpi / rows,
    )
    for name, row, column, line in frames:
        inset_in = 0.015 if name == "best" else 0.045
        across, down = (min(inset_in / each_in, 0.2) for each_in in cell_in)
        axes.add_patch(
            Rectangle(
                (column + across, row + down),
                1 - 2 * across,
                1 - 2 * down,
                fill=False,
                edgecolor=style.AGENT_SENT if name == "best" else "black",
                linewidth=2.2 if name == "best" else 1.4,
                linestyle=line,
                gid=name,
                zorder=4,
            )
        )


def _frames_told(
    best: str | None, chosen: tuple[int, int] | None, default: object
) -> str:
    words = {"low": "lowest", "high": "highest", "zero": "nearest to 0"}
    told = f" · solid frame: {words[best]}" if best is not None and chosen else ""
    return told + (" · dashed frame: default" if default is not None else "")


def _made_of(cells: Cells, needed: int) -> list[str]:
    missing = int(np.isnan(cells.grid).sum())
    without = int((cells.rows - cells.n).sum())
    parts = [f"n = {count(int(cells.n.sum()), 'value')}"]
    if without:
        parts.append(f"{count(without, 'row')} without a value")
    if missing:
        few = "without a value" if needed == 1 else f"below n = {needed}"
        parts.append(f"hatched: {count(missing, 'cell')} {few}")
    return parts


def _digest(
    cells: Cells, value: str, statistic: str, chosen: tuple[int, int] | None
) -> str:
    missing = int(np.isnan(cells.grid).sum())
    parts = [f"Heatmap {statistic} {value} cells={cells.grid.size}"]
    if missing:
        parts.append(f"missing={missing}")
    if chosen is not None:
        where = f"{label(cells.x[chosen[1]])}, {label(cells.y[chosen[0]])}"
        parts.append(f"best={ascii_number(float(cells.grid[chosen]))} at ({where})")
    return " ".join(parts)
