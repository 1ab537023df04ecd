"""The names of lines, written beside their ends in the right margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from voicelab.plot import style
from voicelab.plot.labels import figure_of, shorten, size_in, spread
from voicelab.plot.tables import FloatArray

_LEADER_IN = 0.15
"""From the axes to the texts."""

_EDGE_IN = 0.15
"""From the longest text to the edge of the figure."""

AROUND_NAMES_IN = _LEADER_IN + _EDGE_IN
"""What a margin with names needs besides the longest of them."""

_GAP_IN = 0.05
_BEYOND_IN = 0.1
"""So far the texts may go above and below the axes."""


def name_ends(
    axes: Axes, lines: Mapping[str, FloatArray], room_in: float, gid: str
) -> None:
    """Write at the end of each line what it is, in its colour.

    Args:
        axes: where the lines are drawn; its limits are set already.
        lines: by name, in the order of `style.SERIES`; x and y, shape (n, 2).
        room_in: how wide the margin is, in inches; longer names are cut.
        gid: what the texts are called.
    """
    figure = figure_of(axes)
    names = [shorten(figure, name, room_in - AROUND_NAMES_IN) for name in lines]
    write_at_ends(axes, names, [line[-1] for line in lines.values()], gid)


def write_at_ends(
    axes: Axes, texts: Sequence[str], ends: Sequence[FloatArray], gid: str
) -> None:
    """Write texts in the right margin, each led to from the end of its line.

    Args:
        axes: where the lines are drawn; its limits are set already.
        texts: of one line or several, in the order of `style.SERIES`.
        ends: where the line of each ends: x and y, shape (2,).
        gid: what the texts are called.
    """
    figure = figure_of(axes)
    width_in = axes.bbox.width / figure.dpi
    height_in = axes.bbox.height / figure.dpi
    heights_in = [size_in(figure, text)[1] for text in texts]
    shares = [_share(axes, end) for end in ends]
    wanted_in = [height_in * share[1] for share in shares]
    low_in, high_in = -_BEYOND_IN, height_in + _BEYOND_IN
    placed_in = spread(wanted_in, heights_in, low_in, high_in, gap=_GAP_IN)
    for text, share, y_in, look in zip(
        texts, shares, placed_in, style.SERIES, strict=False
    ):
        axes.annotate(
            text,
            xy=share,
            xycoords="axes fraction",
            xytext=(1 + _LEADER_IN / width_in, y_in / height_in),
            textcoords="axes fraction",
            ha="left",
            va="center",
            color=style.readable(look.color),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": look.color,
                "linewidth": 0.8,
                "linestyle": look.line,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
            gid=gid,
        )


def _share(axes: Axes, end: FloatArray) -> tuple[float, float]:
    """Return where in the axes a point lies, from 0 to 1 each way."""
    place = axes.transAxes.inverted().transform(axes.transData.transform(end))
    x, y = np.clip(place, 0, 1)
    return float(x), float(y)
