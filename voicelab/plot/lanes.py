"""Swimlanes: strips of one axes, one above the other, each with its own scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from voicelab.plot import style

FloatArray = npt.NDArray[np.float64]
Span = tuple[float, float]
"""From and to, in seconds."""

GAP_IN = 0.1
_GAP_SHARE = 0.25
"""Between one lane and the next, and at most this share of a lane."""

_CHARACTER_IN = 0.072
"""A wide enough guess at one character of the figures' font, for what fits where."""

_LINE_IN = 0.15


@dataclass(frozen=True, slots=True)
class Lane:
    """A strip of the axes; y counts inches, downward from the top.

    Attributes:
        label: what it shows, with the unit.
        top_in: where it begins.
        height_in: how high it is.
    """

    label: str
    top_in: float
    height_in: float

    @property
    def bottom_in(self) -> float:
        """Where it ends."""
        return self.top_in + self.height_in

    @property
    def middle_in(self) -> float:
        """Half way down."""
        return self.top_in + self.height_in / 2

    def at(self, share: float) -> float:
        """Return where a share of the lane's height lies, 0 at its foot."""
        return self.bottom_in - share * self.height_in

    def curve(self, shares: FloatArray) -> FloatArray:
        """Return where shares of the lane's height lie, one for each point."""
        return self.bottom_in - shares * self.height_in

    def part(self, low: float, high: float) -> Lane:
        """Return the part of the lane between two shares of its height."""
        return Lane(
            self.label,
            self.bottom_in - high * self.height_in,
            (high - low) * self.height_in,
        )


def stack(heights_in: Iterable[tuple[str, float]]) -> dict[str, Lane]:
    """Return lanes of the given labels and heights, from the top down.

    A little of each lane's foot is left empty, which keeps lanes apart.
    """
    lanes = {}
    top_in = 0.0
    for label, height_in in heights_in:
        gap_in = min(GAP_IN, height_in * _GAP_SHARE)
        lanes[label] = Lane(label, top_in, height_in - gap_in)
        top_in += height_in
    return lanes


def label_lanes(axes: Axes, lanes: Sequence[Lane]) -> None:
    """Write each lane's label beside it, and fit the axes to the lanes."""
    axes.set_ylim(lanes[-1].bottom_in, lanes[0].top_in)
    axes.set_yticks([lane.middle_in for lane in lanes], [lane.label for lane in lanes])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def bars(
    axes: Axes,
    lane: Lane,
    spans_s: Iterable[Span],
    *,
    name: str,
    color: str,
    hatched: bool = False,
) -> None:
    """Draw [start, end) spans as bars that fill the lane."""
    ranges = [(start_s, end_s - start_s) for start_s, end_s in spans_s]
    look = (
        {"facecolor": "white", "edgecolor": color, "hatch": "////", "linewidth": 0.6}
        if hatched
        else {"facecolor": color, "edgecolor": "none"}
    )
    drawn = axes.broken_barh(ranges, (lane.top_in, lane.height_in), **look)
    drawn.set_gid(name)


def wave(
    axes: Axes,
    lane: Lane,
    outline: tuple[FloatArray, FloatArray, FloatArray],
    *,
    name: str,
    color: str,
) -> None:
    """Draw a waveform's outline, its highest peak as high as the lane."""
    t_s, low, high = outline
    if not len(t_s):
        return
    peak = max(float(np.abs(low).max()), float(np.abs(high).max())) or 1.0
    drawn = axes.fill_between(
        t_s,
        lane.curve(0.5 + 0.5 * low / peak),
        lane.curve(0.5 + 0.5 * high / peak),
        color=color,
        linewidth=0.4,
    )
    drawn.set_gid(name)


def area(
    axes: Axes, lane: Lane, t_s: FloatArray, share: FloatArray, *, name: str, color: str
) -> None:
    """Draw a quantity, as a share of the lane's height, as a filled line."""
    foot = np.full(len(t_s), lane.bottom_in)
    drawn = axes.fill_between(t_s, foot, lane.curve(share), color=color, linewidth=0)
    drawn.set_gid(name)


def width_in(axes: Axes, span: Span) -> float:
    """Return how wide a span of time is drawn, in inches."""
    figure = axes.get_figure(root=True)
    low, high = axes.get_xlim()
    dpi = figure.dpi if figure is not None else style.SCREEN_DPI
    return float(axes.bbox.width) / dpi * (span[1] - span[0]) / (high - low)


def snippet(text: str, width_in: float, height_in: float) -> str:
    """Return as many of the words as fit a box, on several lines if need be."""
    per_line = int(width_in / _CHARACTER_IN)
    lines_left = int(height_in / _LINE_IN)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= per_line:
            lines[-1] = longer
        elif len(lines) < lines_left and len(word) <= per_line and lines[-1]:
            lines.append(word)
        else:
            return _shortened(lines, per_line)
    return "\n".join(lines)


def _shortened(lines: list[str], per_line: int) -> str:
    while lines and len(lines[-1]) >= per_line:
        lines[-1] = lines[-1].rpartition(" ")[0]
        if not lines[-1]:
            lines.pop()
    return "\n".join(lines) + "…" if lines and lines[-1] else ""


class Notes:
    """Short texts along one line, each left out if it would cover the last.

    A run of some minutes has more numbers than its figure has room for; the tables
    have them all.
    """

    def __init__(self, axes: Axes, y_in: float) -> None:
        self._axes = axes
        self._y_in = y_in
        self._free_from_in = -1.0

    def write(self, t_s: float, text: str, *, color: str = style.INK) -> None:
        """Write a text, centred on an instant; instants only grow."""
        low_s, _ = self._axes.get_xlim()
        middle_in = width_in(self._axes, (low_s, t_s))
        half_in = (len(text) + 1) * _CHARACTER_IN / 2
        if middle_in - half_in >= self._free_from_in:
            self._free_from_in = middle_in + half_in
            note(self._axes, t_s, self._y_in, text, color=color)


def note(
    axes: Axes, t_s: float, y_in: float, text: str, *, color: str = style.INK
) -> None:
    """Write a short text, centred on an instant."""
    axes.text(
        t_s, y_in, text, ha="center", va="center", fontsize=style.FONT_PT, color=color
    )
