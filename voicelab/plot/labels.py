"""Texts that neither cover one another nor are cut off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from voicelab.plot import style

FloatArray = npt.NDArray[np.float64]

GAP_IN = 0.08
"""Between one text and the next."""

_POINTS_PER_IN = 72
_DISTANCES_PT = (4.0, 9.0, 16.0, 26.0, 38.0, 52.0, 70.0, 90.0, 115.0)
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_LEADER_PT = 12.0
"""From here on a line leads from a point to its text."""

_ALIGN = {-1: "right", 0: "center", 1: "left"}
_VERTICAL = {-1: "top", 0: "center", 1: "bottom"}
_WIDEST = 0.55
"""How much of the axes' width a text may take."""

_SLACK_PX = 2.0
_STEP_PX = 3.0


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
        points = [np.empty((0, 2)), *(_along(axes, line) for line in lines)]
        if free is not None and len(free):
            points.append(axes.transData.transform(free))
        self._free = np.concatenate(points)
        known = [*axes.texts, *texts]
        self._taken = [box_of(text, self._figure) for text in known if text.get_text()]

    def beside(
        self, at: tuple[float, float], text: str, *, color: str, gid: str = "label"
    ) -> bool:
        """Write a text beside a point; return whether there was room for it."""
        room_in = _WIDEST * self._axes.bbox.width / self._figure.dpi
        lines = [shorten(self._figure, line, room_in) for line in text.split("\n")]
        text = "\n".join(lines)
        size = [part * self._figure.dpi for part in size_in(self._figure, text)]
        point = self._axes.transData.transform(at)
        places = [
            (self._box(point, size, side, distance_pt), side, distance_pt)
            for distance_pt, side in product(_DISTANCES_PT, _SIDES)
        ]
        free = [place for place in places if self._is_free(place[0])]
        if not free:
            return False
        box, side, distance_pt = min(free, key=lambda place: self._cost(place, point))
        self._write(at, text, side, distance_pt, readable=color, gid=gid)
        self._taken.append(box)
        return True

    def _box(
        self,
        point: FloatArray,
        size: Sequence[float],
        side: tuple[int, int],
        distance_pt: float,
    ) -> Bbox:
        step = distance_pt / _POINTS_PER_IN * self._figure.dpi
        left = point[0] + side[0] * step + (side[0] - 1) / 2 * size[0]
        foot = point[1] + side[1] * step + (side[1] - 1) / 2 * size[1]
        return Bbox.from_bounds(left, foot, size[0], size[1])

    def _cost(
        self, place: tuple[Bbox, tuple[int, int], float], point: FloatArray
    ) -> float:
        """Weigh what a text and the line to it cover against how far away it is."""
        box, _, distance_pt = place
        covered = np.count_nonzero(_inside(self._free, box.padded(1)))
        leader = _leader(point, box)
        crossed = 0
        if distance_pt >= _LEADER_PT and len(self._free):
            apart = np.hypot(*(self._free[:, None] - leader[None, 4:]).T)
            crossed = int(np.count_nonzero((apart < _STEP_PX).any(axis=1)))
        hidden = sum(bool(_inside(leader, taken).any()) for taken in self._taken)
        return 3.0 * covered + 2.0 * crossed + 100.0 * hidden + distance_pt

    def _is_free(self, box: Bbox) -> bool:
        room = self._axes.bbox
        if box.x0 < room.x0 or box.x1 > room.x1:
            return False
        if box.y0 < room.y0 or box.y1 > room.y1:
            return False
        wide = box.padded(_SLACK_PX)
        return not any(wide.overlaps(taken) for taken in self._taken)

    def _write(
        self,
        at: tuple[float, float],
        text: str,
        side: tuple[int, int],
        distance_pt: float,
        *,
        readable: str,
        gid: str,
    ) -> None:
        leader = {
            "arrowstyle": "-",
            "color": style.CONTEXT,
            "linewidth": 0.6,
            "relpos": ((1 - side[0]) / 2, (1 - side[1]) / 2),
        }
        written = self._axes.annotate(
            text,
            xy=at,
            xytext=(side[0] * distance_pt, side[1] * distance_pt),
            textcoords="offset points",
            ha=_ALIGN[side[0]],
            va=_VERTICAL[side[1]],
            color=style.readable(readable),
            fontsize=style.FONT_PT,
            arrowprops=leader if distance_pt >= _LEADER_PT else None,
            zorder=6,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
        written.set_gid(gid)


def _along(axes: Axes, line: FloatArray) -> FloatArray:
    """Return points along a line, a few pixels apart, in pixels."""
    corners = axes.transData.transform(line)
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    steps = np.linspace(0, run[-1], int(run[-1] / _STEP_PX) + 2)
    return np.column_stack([np.interp(steps, run, part) for part in corners.T])


def _inside(points: FloatArray, box: Bbox) -> npt.NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    inside: npt.NDArray[np.bool_] = (
        (x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1)
    )
    return inside


def _leader(point: FloatArray, box: Bbox) -> FloatArray:
    """Return points along the line from a point to its text."""
    end = np.clip(point, box.p0, box.p1)
    along = np.linspace(0, 1, 16)[:, None]
    points: FloatArray = point + along * (end - point)
    return points
