"""Texts that neither cover one another nor are cut off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from voicelab.plot import style
from voicelab.plot.places import Block, Crowd, Places, along, around, clear_of

FloatArray = npt.NDArray[np.float64]

GAP_IN = 0.08
"""Between one text and the next."""

_POINTS_PER_IN = 72
_LEADER_PT = 12.0
"""From here on a line leads from a point to its text."""

_NEARBY_PT = 40.0
"""No farther from its point stands a text that may as well be left out."""

_GAP_PT = 3.0
"""Between a line and a text along it."""

_ALIGN = {-1: "right", 0: "center", 1: "left"}
_VERTICAL = {-1: "top", 0: "center", 1: "bottom"}
_WIDEST = 0.55
"""How much of the axes' width a text may take."""

_SLACK_PX = 4.0
_STEP_PX = 3.0
_CLEAR_PX = 5.0
"""Nearer to a text, what is drawn there is covered."""

_COVERED, _CROSSED, _HIDDEN = 12.0, 1.0, 100.0
"""What it costs to cover a point, to lead so many pixels along points or across them,
to lead across a text; in points of distance."""


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes belong to.

    Raises:
        ValueError: they belong to none.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    return figure


def box_of(text: Text, figure: Figure) -> Bbox:
    """Return where a text stands, without its leader, in pixels of the figure."""
    renderer = RendererAgg(1, 1, figure.dpi)  # type: ignore[no-untyped-call]
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


def size_in(figure: Figure, text: str) -> tuple[float, float]:
    """Return how wide and how high a text is, in inches."""
    probe = Text(0, 0, text, fontsize=style.FONT_PT)
    probe.set_figure(figure)
    box = box_of(probe, figure)
    return float(box.width / figure.dpi), float(box.height / figure.dpi)


def shorten(figure: Figure, text: str, width_in: float) -> str:
    """Return the text, or as much of both its ends as fits a width.

    Names that begin alike often differ at the end.
    """
    text = " ".join(text.split())  # one line, whatever the name holds
    if size_in(figure, text)[0] <= width_in:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = size_in(figure, _cut(text, middle))[0] <= width_in
        low, high = (middle, high) if fits else (low, middle - 1)
    return _cut(text, low)


def _cut(text: str, length: int) -> str:
    head = (length + 1) // 2
    tail = length - head
    return text[:head].rstrip() + "…" + (text[-tail:].lstrip() if tail else "")


def wrap(
    figure: Figure,
    parts: Iterable[str],
    width_in: float,
    lines: int,
    joint: str = " · ",
) -> str:
    """Return parts joined on at most so many lines; what is too long is shortened."""
    rows = [""]
    for part in parts:
        longer = f"{rows[-1]}{joint}{part}" if rows[-1] else part
        if size_in(figure, longer)[0] <= width_in or len(rows) == lines:
            rows[-1] = longer
        else:
            rows[-1] += joint.rstrip() if joint.strip() == "," else ""
            rows.append(part)
    return "\n".join(shorten(figure, row, width_in) for row in rows)


def spread(
    centres: Sequence[float],
    sizes: Sequence[float],
    low: float,
    high: float,
    gap: float = GAP_IN,
) -> list[float]:
    """Return new centres, as near the old as may be, at which nothing overlaps.

    The order of the centres is kept. What is too much for the room goes beyond `high`.

    Args:
        centres: where each text would like to be, in any unit.
        sizes: how long each is along the line, likewise.
        low: where the room begins.
        high: where it ends.
        gap: what is left free between two.
    """
    order = sorted(range(len(centres)), key=lambda i: centres[i])
    before = np.cumsum([0.0, *(sizes[i] + gap for i in order)])
    wanted = [
        centres[i] - sizes[i] / 2 - start
        for i, start in zip(order, before, strict=False)
    ]
    last = high - (float(before[-1]) - gap) if order else low
    placed = [0.0] * len(order)
    for i, start, offset in zip(order, _ascending(wanted), before, strict=False):
        kept = max(min(start, last), low)
        placed[i] = float(kept + offset + sizes[i] / 2)
    return placed


def _ascending(wanted: Sequence[float]) -> list[float]:
    """Return the nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in wanted:
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean = (mean * count + other * others) / (count + others)
            count += others
        pools.append((mean, count))
    return [mean for mean, count in pools for _ in range(count)]


class Labels:
    """Texts beside points of one axes.

    Each goes to the nearest place where it covers no other text, stays inside the
    axes and, if there is such a place, covers no point to be kept free. The limits
    of the axes must be set before.

    Args:
        axes: where the points are.
        free: points to be kept free, in data coordinates; shape (n, 2).
        lines: lines through points, likewise to be kept free.
        texts: texts that are already there; those of the axes left out.
    """

    def __init__(
        self,
        axes: Axes,
        free: FloatArray | None = None,
        lines: Iterable[FloatArray] = (),
        texts: Iterable[Text] = (),
    ) -> None:
        self._axes = axes
        self._figure = figure_of(axes)
        self._px_per_pt = self._figure.dpi / _POINTS_PER_IN
        points = [np.empty((0, 2)), *(_along(axes, line) for line in lines)]
        if free is not None and len(free):
            points.append(axes.transData.transform(free))
        self._crowd = Crowd(axes.bbox)
        self._crowd.add(np.concatenate(points))
        known = [*axes.texts, *texts]
        self._taken = [box_of(text, self._figure) for text in known if text.get_text()]

    def keep_free(self, at: tuple[float, float], radius_pt: float) -> None:
        """Keep free what a marker around a point covers."""
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ring = radius_pt * self._px_per_pt * np.array([np.cos(angles), np.sin(angles)])
        point = self._axes.transData.transform(at)
        self._crowd.add(np.concatenate([point + ring.T, point + ring.T / 2]))

    def beside(
        self,
        at: tuple[float, float],
        text: str,
        *,
        color: str,
        gid: str = "label",
        radius_pt: float = 0.0,
        must: bool = True,
    ) -> bool:
        """Write a text beside a point; return whether there was room for it.

        Args:
            at: the point, in data coordinates.
            text: of one line or more.
            color: of the text; it is darkened until it can be read.
            gid: what the text is called.
            radius_pt: how large the marker is that is drawn at the point.
            must: whether it is written even where it covers something, or far away.
        """
        block = self._block(text)
        point = self._axes.transData.transform(at)
        radius_px = radius_pt * self._px_per_pt
        room = self._axes.bbox
        places = around(point, block, room, radius_px, self._px_per_pt)
        places = clear_of(places, self._taken, _SLACK_PX)
        if not len(places.low):
            return False
        beyond_pt = (places.distances() - radius_px) / self._px_per_pt
        leads = beyond_pt >= _LEADER_PT
        costs = self._covered(places) + beyond_pt + places.rank
        costs += leads * self._led_across(places, block, radius_px)
        best = int(np.argmin(costs.round(6)))
        if not must and costs[best] > _NEARBY_PT:
            return False
        leader = self._leader(places, best, block, radius_pt) if leads[best] else None
        self._write(at, places, best, block, leader, color=color, gid=gid)
        return True

    def along(
        self,
        ends: tuple[tuple[float, float], tuple[float, float]],
        text: str,
        *,
        color: str,
        gid: str = "label",
    ) -> bool:
        """Write a text on a level line, or under it; return whether there was room.

        Args:
            ends: the left and the right end, in data coordinates.
            text: of one line or more.
            color: of the text, as in `beside`.
            gid: what the text is called.
        """
        block = self._block(text)
        left, right = (self._axes.transData.transform(end) for end in ends)
        gap_px = _GAP_PT * self._px_per_pt
        places = along((left, right), block, self._axes.bbox, gap_px)
        places = clear_of(places, self._taken, _SLACK_PX)
        if not len(places.low):
            return False
        best = int(np.argmin((self._covered(places) + places.rank).round(6)))
        self._write(ends[1], places, best, block, None, color=color, gid=gid)
        return True

    def _block(self, text: str) -> Block:
        room_in = _WIDEST * self._axes.bbox.width / self._figure.dpi
        lines = [shorten(self._figure, line, room_in) for line in text.split("\n")]
        dpi = self._figure.dpi
        widths = tuple(size_in(self._figure, line)[0] * dpi for line in lines)
        text = "\n".join(lines)
        return Block(text, widths, size_in(self._figure, text)[1] * dpi)

    def _covered(self, places: Places) -> FloatArray:
        low, high = places.low - _CLEAR_PX, places.high + _CLEAR_PX
        counts = self._crowd.within(low, high)
        return _COVERED * counts.astype(np.float64)

    def _led_across(self, places: Places, block: Block, radius_px: float) -> FloatArray:
        leaders = places.leaders(block)
        near = np.hypot(*(leaders - places.point).transpose(2, 0, 1))
        met = self._crowd.within(leaders - _STEP_PX, leaders + _STEP_PX) > 0
        met &= near > radius_px + 2 * _STEP_PX  # there it meets its own marker
        hidden = np.zeros(len(leaders))
        for box in self._taken:
            hidden += ((leaders >= box.p0) & (leaders <= box.p1)).all(2).any(1)
        crossed_px: FloatArray = met.mean(axis=1) * near[:, -1]
        return _CROSSED * crossed_px + _HIDDEN * hidden

    def _leader(
        self, places: Places, index: int, block: Block, radius_pt: float
    ) -> dict[str, Any]:
        """Return how a leader runs, from a line of the text to the marker's edge."""
        end = places.ends(block)[index]
        low, high = places.low[index], places.high[index]
        self._crowd.add(_between(np.array([end, places.point])))
        return {
            "arrowstyle": "-",
            "color": style.CONTEXT,
            "linewidth": 0.6,
            "relpos": tuple((end - low) / (high - low)),
            "patchA": None,
            "shrinkA": 1.0,
            "shrinkB": radius_pt + 1.0,
        }

    def _write(
        self,
        at: tuple[float, float],
        places: Places,
        index: int,
        block: Block,
        leader: dict[str, Any] | None,
        *,
        color: str,
        gid: str,
    ) -> None:
        low, high = places.low[index], places.high[index]
        side = places.sides()[index]
        anchor = (low + high) / 2 - side * (high - low) / 2
        written = self._axes.annotate(
            block.text,
            xy=at,
            xytext=tuple((anchor - places.point) / self._px_per_pt),
            textcoords="offset points",
            ha=_ALIGN[int(side[0])],
            va=_VERTICAL[int(side[1])],
            color=style.readable(color),
            fontsize=style.FONT_PT,
            arrowprops=leader,
            zorder=6,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
        written.set_gid(gid)
        self._taken.append(Bbox([low, high]))


def _along(axes: Axes, line: FloatArray) -> FloatArray:
    """Return points along a line of data, a few pixels apart, in pixels."""
    return _between(axes.transData.transform(line))


def _between(corners: FloatArray) -> FloatArray:
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    steps = np.linspace(0, run[-1], int(run[-1] / _STEP_PX) + 2)
    return np.column_stack([np.interp(steps, run, part) for part in corners.T])
