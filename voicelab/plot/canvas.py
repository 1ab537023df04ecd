"""What all figures share: a page with room for its labels, a footer, a title row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from voicelab.plot import style
from voicelab.plot.figure import Plot
from voicelab.plot.labels import figure_of, wrap

_EDGE_IN = 0.06
_RIGHT_IN = 0.15
"""How far from the edge of the figure the footer ends."""
_FOOTER_LINES = 2


@dataclass(frozen=True, slots=True)
class Margins:
    """What is left free around the axes, for labels, in inches.

    Attributes:
        left_in: for the names of rows, or the numbers of an axis.
        right_in: for what is written at the ends of lines.
        top_in: for what is written above.
        bottom_in: for the numbers of the axis, its label and the footer.
    """

    left_in: float = 0.65
    right_in: float = _RIGHT_IN
    top_in: float = 0.12
    bottom_in: float = 0.78

    @property
    def inside_in(self) -> float:
        """How wide the axes are."""
        return style.WIDTH_IN - self.left_in - self.right_in


def own_axes(height_in: float, margins: Margins) -> Axes:
    """Return axes of a height, in a new figure as wide as all are."""
    width_in = style.WIDTH_IN
    total_in = height_in + margins.top_in + margins.bottom_in
    figure = Figure(figsize=(width_in, total_in))
    return figure.add_axes(
        (
            margins.left_in / width_in,
            margins.bottom_in / total_in,
            margins.inside_in / width_in,
            height_in / total_in,
        )
    )


def adopted(axes: Axes) -> Axes:
    """Give axes that were made elsewhere the look of our own, and return them."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=style.FONT_PT, labelcolor=style.INK, color=style.INK)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(fontsize=style.FONT_PT, color=style.INK)
    return axes


def footer(axes: Axes, parts: Iterable[str], margins: Margins) -> None:
    """Write in grey, at the foot of the figure, what it was made of."""
    figure = figure_of(axes)
    beyond_in = margins.right_in - _RIGHT_IN
    right_in = (axes.bbox.x1 - figure.bbox.x0) / figure.dpi + beyond_in
    text = wrap(
        figure, [part for part in parts if part], right_in - _EDGE_IN, _FOOTER_LINES
    )
    axes.annotate(
        text,
        xy=(1, 0),
        xycoords="axes fraction",
        xytext=(72 * beyond_in, -72 * (margins.bottom_in - _EDGE_IN)),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=style.PALE_INK,
        gid="footer",
        annotation_clip=False,
    )


def finished(axes: Axes, digest: str) -> Plot:
    """Return the figure of the axes with its digest."""
    return Plot(figure_of(axes), digest)


def show_grid(axes: Axes) -> None:
    """Draw a faint grid behind everything, where values are to be read."""
    axes.grid(color="#e6e6e6", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)


@dataclass(frozen=True, slots=True)
class Room:
    """Where a panel lies within axes: inches from their left and from their top."""

    left_in: float
    top_in: float
    width_in: float
    height_in: float


def panel(host: Axes, room: Room, size_in: tuple[float, float]) -> Axes:
    """Return axes for one of several panels.

    Args:
        host: the axes that all panels lie in.
        room: the panel's place.
        size_in: the width and height of all panels together; the host's own size
            stretches them.
    """
    width_in, height_in = size_in
    return host.inset_axes(
        (
            room.left_in / width_in,
            1 - (room.top_in + room.height_in) / height_in,
            room.width_in / width_in,
            room.height_in / height_in,
        )
    )
