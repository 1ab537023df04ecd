"""Where around a point a text may stand, and how much it would cover there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.transforms import Bbox

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DISTANCES_PT = (4.0, 9.0, 16.0, 26.0, 38.0, 52.0, 70.0, 90.0, 115.0)
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""The places that look best: level with the point, centred on it, or cornerwise."""

_GRID_PX = 5.0
_INSET_PX = 6.0
"""From the sides with the numbers, which come close to the axes."""

_LEADER_SAMPLES = 40


class Block(NamedTuple):
    """A text of one or more lines.

    Attributes:
        text: what is written.
        widths_px: of each line.
        height_px: of all of them.
    """

    text: str
    widths_px: tuple[float, ...]
    height_px: float

    @property
    def width_px(self) -> float:
        """The longest line's."""
        return max(self.widths_px)


class Crowd:
    """How many points to be kept free lie in a part of the axes.

    Args:
        room: the place of the axes, in pixels.
    """

    def __init__(self, room: Bbox) -> None:
        self._origin = np.floor(room.p0)
        self._cells = np.ceil(room.p1 - self._origin).astype(int) + 1
        self._counts = np.zeros(self._cells, dtype=np.int64)
        self._sums = np.zeros(self._cells + 1, dtype=np.int64)

    def add(self, points: FloatArray) -> None:
        """Keep points free; those beyond the axes do not matter. Shape (n, 2)."""
        cells = np.floor(points - self._origin).astype(int)
        cells = cells[((cells >= 0) & (cells < self._cells)).all(axis=1)]
        np.add.at(self._counts, tuple(cells.T), 1)
        self._sums[1:, 1:] = self._counts.cumsum(axis=0).cumsum(axis=1)

    def within(self, low: FloatArray, high: FloatArray) -> IntArray:
        """Return how many points lie between corners, each of shape (…, 2)."""
        first, last = (
            np.clip(np.floor(corner - self._origin).astype(int) + step, 0, self._cells)
            for corner, step in ((low, 0), (high, 1))
        )
        (x0, y0), (x1, y1) = (np.moveaxis(corner, -1, 0) for corner in (first, last))
        sums = self._sums
        found: IntArray = sums[x1, y1] - sums[x0, y1] - sums[x1, y0] + sums[x0, y0]
        return found


@dataclass(frozen=True, slots=True)
class Places:
    """Places for one text beside one point.

    Attributes:
        point: in pixels.
        low: the lower left corners; shape (n, 2).
        high: the upper right corners; shape (n, 2).
        rank: what is added to a place's cost for looking less well; shape (n,).
    """

    point: FloatArray
    low: FloatArray
    high: FloatArray
    rank: FloatArray

    def distances(self) -> FloatArray:
        """Return how far, to a side or up and down, each is from the point."""
        apart = np.maximum(self.low - self.point, self.point - self.high)
        found: FloatArray = np.maximum(apart, 0).max(axis=1)
        return found

    def sides(self) -> IntArray:
        """Return on which side of the point each is: -1, 0 or 1; shape (n, 2)."""
        slack = 0.5
        after = self.low > self.point - slack
        before = self.high < self.point + slack
        return after.astype(np.int64) - before.astype(np.int64)

    def ends(self, block: Block) -> FloatArray:
        """Return where a leader meets each text: at the nearest of its lines."""
        step = block.height_px / len(block.widths_px)
        across = self.sides()[:, 0]
        nearest = []
        for index, width in enumerate(block.widths_px):
            spare = block.width_px - width
            left = self.low[:, 0] + spare * (1 - across) / 2
            foot = self.high[:, 1] - (index + 1) * step
            low = np.column_stack([left, foot])
            nearest.append(np.clip(self.point, low, low + np.array([width, step])))
        away = [np.hypot(*(each - self.point).T) for each in nearest]
        found: FloatArray = np.stack(nearest)[
            np.argmin(away, axis=0), np.arange(len(self.low))
        ]
        return found

    def leaders(self, block: Block) -> FloatArray:
        """Return points along the line to each text; shape (n, samples, 2)."""
        along = np.linspace(0, 1, _LEADER_SAMPLES)[:, None]
        ways = self.ends(block) - self.point
        found: FloatArray = self.point + along * ways[:, None]
        return found


def around(
    point: FloatArray, block: Block, room: Bbox, least_px: float, px_per_pt: float
) -> Places:
    """Return all places inside the axes that are near a point and not on it.

    Args:
        point: in pixels.
        block: the text.
        room: the place of the axes, in pixels.
        least_px: how far from the point a text stands at least, beside the usual gap.
        px_per_pt: pixels in a point of type.
    """
    size = np.array([block.width_px, block.height_px])
    steps = [least_px + each * px_per_pt for each in DISTANCES_PT]
    best = [
        point + np.multiply(side, step) + (np.array(side) - 1) / 2 * size
        for step, side in product(steps, SIDES)
    ]
    reach = np.maximum(room.p0 + _INSET_PX, point - steps[-1] - size)
    until = np.minimum(room.p1 - size, point + steps[-1])
    across, up = (
        np.arange(low, high + 1e-6, _GRID_PX)
        for low, high in zip(reach, until, strict=True)
    )
    others = np.array(list(product(across, up))).reshape(-1, 2)
    low = np.concatenate([np.array(best), others])
    rank = np.repeat([0.0, 1.0], [len(best), len(others)])
    places = Places(point, low, low + size, rank)
    inside = ((low >= room.p0 + _INSET_PX) & (low + size <= room.p1)).all(axis=1)
    slack = 0.01  # of rounding
    return _some(places, inside & (places.distances() >= steps[0] - slack))


def along(
    ends: tuple[FloatArray, FloatArray], block: Block, room: Bbox, gap_px: float
) -> Places:
    """Return places above and below a level line, from its right end to its left."""
    size = np.array([block.width_px, block.height_px])
    (left, level), (right, _) = ends
    across = np.arange(right - size[0], left - 1e-6, -_GRID_PX)
    feet = (level + gap_px, level - gap_px - size[1])
    low = np.array(list(product(across, feet))).reshape(-1, 2)
    rank = (right - size[0] - low[:, 0]) * 0.02
    places = Places(np.array([right, level]), low, low + size, rank)
    return _some(places, ((low >= room.p0) & (low + size <= room.p1)).all(axis=1))


def clear_of(places: Places, taken: Sequence[Bbox], slack_px: float) -> Places:
    """Return those places that touch none of the boxes."""
    free = np.full(len(places.low), fill_value=True)
    for box in taken:
        apart = (places.low > box.p1 + slack_px) | (places.high < box.p0 - slack_px)
        free &= apart.any(axis=1)
    return _some(places, free)


def _some(places: Places, kept: npt.NDArray[np.bool_]) -> Places:
    return Places(places.point, places.low[kept], places.high[kept], places.rank[kept])
