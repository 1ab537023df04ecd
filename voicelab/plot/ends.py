"""The names of lines, written beside their ends in the right margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from voicelab.plot import style
from voicelab.plot.labels import figure_of, shorten, size_in, spread
from voicelab.plot.tables import FloatArray

_LEADER_IN = 0.3


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
    height_in = axes.bbox.height / figure.dpi
    names = [shorten(figure, name, room_in - _LEADER_IN) for name in lines]
    heights = [size_in(figure, name)[1] for name in names]
    shares = [_share(axes, line[-1]) for line in lines.values()]
    wanted = [height_in * float(share[1]) for share in shares]
    placed = spread(wanted, heights, 0, height_in, gap=0.05)
    for name, share, y_in, look in zip(
        names, shares, placed, style.SERIES, strict=False
    ):
        axes.annotate(
            name,
            xy=(share[0], share[1]),
            xycoords="axes fraction",
            xytext=(1.03, y_in / height_in),
            textcoords="axes fraction",
            ha="left",
            va="center",
            color=style.readable(look.color),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": look.color,
                "linewidth": 0.7,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 0,
            },
            gid=gid,
        )


def _share(axes: Axes, end: FloatArray) -> Sequence[float]:
    """Return where in the axes a point lies, from 0 to 1 each way."""
    place = axes.transAxes.inverted().transform(axes.transData.transform(end))
    return [float(np.clip(part, 0, 1)) for part in place]
