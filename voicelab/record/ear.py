"""What the caller hears of the agent, sample by sample.

The audio of an item is kept from when it is received until it has been heard. When, and
up to where, is told by the player's events at the ear. What is heard passes the stages
between the server and the ear on its way, in one stream that knows no items: packets
and filters go by time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.stage import Chain
from voicelab.playback.playback import PlaybackEvent, PlaybackStart
from voicelab.record.tape import Tape
from voicelab.units import ns_to_samples


@dataclass(slots=True)
class _ItemAudio:
    """The audio of an item that is still to be heard."""

    pieces: deque[Samples] = field(default_factory=deque)
    first: int = 0  # the position of the first sample that is kept
    is_stopped: bool = False

    def move_to(self, target: Samples, start: int) -> None:
        """Put audio from position `start` on into `target`, and keep what is behind.

        What was never received stays as it is.
        """
        end = start + len(target)
        while self.pieces and self.first < end:
            piece = self.pieces.popleft()
            low, high = max(self.first, start), min(self.first + len(piece), end)
            if low < high:
                part = piece[low - self.first : high - self.first]
                target[low - start : high - start] = part
            if self.first + len(piece) > end:
                self.pieces.appendleft(piece[end - self.first :])
                self.first = end
            else:
                self.first += len(piece)


@dataclass(slots=True)
class _Span:
    """A stretch of an item as it is heard: at [start, end) of all that is heard."""

    item_id: str
    from_samples: int
    start: int
    end: int | None = None  # while it goes on
    is_last: bool = False  # nothing more of the item will be heard


class Ear:
    """Puts together what is heard and records it on a tape.

    Args:
        tape: where what was heard goes, at the agent's rate.
        stages: what lies between the player and the ear.
        is_followed: whether `take` is called as time goes on; else everything is
            recorded when it has been heard to its end.
    """

    def __init__(
        self, tape: Tape, stages: Chain | None = None, *, is_followed: bool = False
    ) -> None:
        self._tape = tape
        self._stages = stages or Chain(())
        self._is_followed = is_followed
        self._origin_ns = 0
        self._items: dict[str, _ItemAudio] = {}
        self._silenced: list[str] = []  # items that may still hold audio
        self._spans: deque[_Span] = deque()
        self._taken = 0

    def set_origin(self, origin_ns: int) -> None:
        """Say at which instant the first sample is heard."""
        self._origin_ns = origin_ns

    # -- in -----------------------------------------------------------------

    def wants(self, item_id: str) -> bool:
        """Whether more audio of an item may be heard."""
        item = self._items.get(item_id)
        return item is None or not item.is_stopped

    def receive(self, item_id: str, samples: Samples) -> None:
        """Keep audio of an item, int16 [n], behind what was received of it before."""
        self._item(item_id).pieces.append(samples)

    def stopped(self, item_id: str) -> None:
        """The item was interrupted: what is under way to the ear is its last."""
        self._item(item_id).is_stopped = True
        self._silenced.append(item_id)

    def hear(self, event: PlaybackEvent) -> None:
        """An item begins to reach the ear, or stops."""
        if isinstance(event, PlaybackStart):
            after_ns = event.t_ns - self._origin_ns
            start = ns_to_samples(after_ns, self._tape.rate_hz)
            self._spans.append(_Span(event.item_id, event.from_samples, start))
            self._drop_silenced(event.item_id)
            return
        span = self._under_way(event.item_id)
        if span is not None:
            span.end = span.start + event.to_samples - event.from_samples
            span.is_last = event.reason == "interrupted"
            if not self._is_followed:
                self._render(span.end)

    @property
    def waiting_samples(self) -> int:
        """How much audio is kept to be heard."""
        pieces = (piece for item in self._items.values() for piece in item.pieces)
        return sum(map(len, pieces))

    # -- out ----------------------------------------------------------------

    def take(self, until: int) -> Samples:
        """Return what is heard from where the last call ended to sample `until`.

        All events at the ear up to that instant must have been told. Only for an
        ear that is followed.
        """
        return self._render(until)

    def finish(self, now_ns: int) -> None:
        """Record what has been heard until now; nobody listens any more."""
        heard = ns_to_samples(now_ns - self._origin_ns, self._tape.rate_hz)
        ends = [heard if span.end is None else span.end for span in self._spans]
        self._render(heard if self._stages else max(ends, default=0))

    # -- inside -------------------------------------------------------------

    def _render(self, until: int) -> Samples:
        """Record up to sample `until`; return what is new."""
        start, out = self._taken, np.zeros(max(until - self._taken, 0), np.int16)
        covered = start
        for span in self._spans:
            end = until if span.end is None else min(span.end, until)
            low = max(span.start, covered)  # where two overlap, the first is heard
            if low < end:
                self._item(span.item_id).move_to(
                    out[low - start : end - start], span.from_samples + low - span.start
                )
                covered = end
        self._taken = max(until, self._taken)
        self._forget_past()
        out = self._stages.process(out)
        self._tape.write(start, out)
        return out

    def _under_way(self, item_id: str) -> _Span | None:
        for span in self._spans:
            if span.item_id == item_id and span.end is None:
                return span
        return None

    def _forget_past(self) -> None:
        """Let go of spans that have been heard, and of items that were stopped."""
        while self._spans:
            span = self._spans[0]
            if span.end is None or span.end > self._taken:
                return
            self._spans.popleft()
            if span.is_last:
                self._item(span.item_id).pieces.clear()

    def _drop_silenced(self, but: str) -> None:
        """Let go of items that were interrupted before another began."""
        heard = {but, *(span.item_id for span in self._spans)}
        for item_id in self._silenced:
            if item_id not in heard:
                self._item(item_id).pieces.clear()
        self._silenced = [each for each in self._silenced if each in heard]

    def _item(self, item_id: str) -> _ItemAudio:
        return self._items.setdefault(item_id, _ItemAudio())
