"""What the server has sent, at the rate at which it arrives at the other end.

All items stand one behind the other on one timeline, the *reference*, in the order in
which their audio was sent. A place on it is a place in an item.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.units import MS_PER_S

Floats = npt.NDArray[np.float32]

_UNSETTLED_MS = 50
"""How far from the end a resampled sample still depends on what is to come."""


@dataclass(slots=True)
class Piece:
    """Audio of one item that was sent without another item's in between.

    Attributes:
        item_id: the item.
        response_id: the response that it belongs to.
        start: its place on the timeline, in samples as sent.
        item_start: its first sample's place in the item.
        samples: how long it is.
    """

    item_id: str
    response_id: str
    start: int
    item_start: int
    samples: int = 0


@dataclass(frozen=True, slots=True)
class ItemSpan:
    """Samples [from_samples, to_samples) of an item, as sent."""

    item_id: str
    response_id: str
    from_samples: int
    to_samples: int


class Reference:
    """Collects what was sent.

    Args:
        sent_hz: the rate of the items' audio.
        leg_hz: the rate at which it arrives at the provider.
    """

    def __init__(self, sent_hz: int, leg_hz: int) -> None:
        self.sent_hz = sent_hz
        self.leg_hz = leg_hz
        self.pieces: list[Piece] = []
        self._step = sent_hz // gcd(sent_hz, leg_hz)
        self._sent: npt.NDArray[np.int16] = np.zeros(sent_hz, np.int16)
        self._at_leg: Floats = np.zeros(leg_hz, np.float32)
        self._count = 0
        self._items: dict[str, int] = {}

    def sent(self, item_id: str, response_id: str, samples: Samples) -> None:
        """Add audio that the server has sent."""
        last = self.pieces[-1] if self.pieces else None
        if last is None or last.item_id != item_id:
            begun = self._items.get(item_id, 0)
            last = Piece(item_id, response_id, self._count, begun)
            self.pieces.append(last)
        last.samples += len(samples)
        self._items[item_id] = self._items.get(item_id, 0) + len(samples)
        self._sent = _put(self._sent, self._count, samples)
        before, self._count = self._count, self._count + len(samples)
        self._resample_from(before)

    def _resample_from(self, start: int) -> None:
        """Resample what is new, and once more what has lain near the end."""
        unsettled = self.sent_hz * _UNSETTLED_MS // MS_PER_S
        first = max(start - unsettled, 0) // self._step * self._step
        context = max(first - unsettled, 0) // self._step * self._step
        whole = self._sent[context : self._count]
        made = resample(whole, self.sent_hz, self.leg_hz)
        skip = self.to_leg(first) - self.to_leg(context)
        self._at_leg = _put(self._at_leg, self.to_leg(first), made[skip:])

    # -- places -------------------------------------------------------------

    @property
    def samples(self) -> int:
        """How long the timeline is, at the leg's rate."""
        return self.to_leg(self._count)

    @property
    def audio(self) -> Floats:
        """The timeline at the leg's rate, on the scale of 16-bit samples."""
        return self._at_leg[: self.samples]

    def to_leg(self, position: int) -> int:
        """Return a place on the timeline, in samples as sent, at the leg's rate."""
        return position * self.leg_hz // self.sent_hz

    def to_sent(self, position: int) -> int:
        """Return a place at the leg's rate in samples as sent."""
        return position * self.sent_hz // self.leg_hz

    def item_samples(self, item_id: str) -> int:
        """Return how much of an item was sent, in samples as sent."""
        return self._items.get(item_id, 0)

    def starts_after(self, position: int) -> list[int]:
        """Return where pieces begin from a place on, all at the leg's rate."""
        starts = (self.to_leg(piece.start) for piece in self.pieces)
        return [start for start in starts if start >= position]

    def piece_start(self, position: int) -> int:
        """Return where the piece begins that holds a place, at the leg's rate."""
        index = self._index(self.to_sent(position))
        return self.to_leg(self.pieces[index].start) if index >= 0 else 0

    def piece_end(self, position: int) -> int:
        """Return where that piece ends; what was sent of it so far is all of it."""
        index = self._index(self.to_sent(position))
        if index < 0:
            return 0
        piece = self.pieces[index]
        return self.to_leg(piece.start + piece.samples)

    def spans(self, start: int, end: int) -> list[ItemSpan]:
        """Return what stands at [start, end) of the timeline, at the leg's rate."""
        left, right = self.to_sent(max(start, 0)), self.to_sent(max(end, 0))
        found = []
        for piece in self.pieces[max(self._index(left), 0) :]:
            low = max(left, piece.start)
            high = min(right, piece.start + piece.samples)
            if low < high:
                begin = piece.item_start + low - piece.start
                span = ItemSpan(
                    piece.item_id, piece.response_id, begin, begin + high - low
                )
                found.append(span)
            elif piece.start >= right:
                break
        return found

    def _index(self, position: int) -> int:
        starts = [piece.start for piece in self.pieces]
        return bisect_right(starts, position) - 1


def _put(line: npt.NDArray[np.generic], at: int, samples: Samples) -> npt.NDArray:  # type: ignore[type-arg]
    """Write samples into a line that grows as it must; return the line."""
    end = at + len(samples)
    if end > len(line):
        longer = np.zeros(max(end, 2 * len(line)), line.dtype)
        longer[:at] = line[:at]
        line = longer
    line[at:end] = samples
    return line
