"""A player at the end of a leg: a page in a browser, a telephone exchange.

Nothing is known of it but the marks that it returns. A mark stands before the first
piece of audio of each item, where playing begins anew, and after each piece; it comes
back when playback has reached it, late by the way back. Between two of them the
position is what was acknowledged and the time since, as far as audio is there: too
small by the way back while all goes well, too large by what the player stalled since.

What is told of player and ear is therefore what the bridge knows, when it knows it;
the ear's own distance from the player is not seen from here at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from voicelab.playback.evidence import Evidence
from voicelab.playback.playback import (
    Place,
    PlaybackEvent,
    PlaybackStart,
    PlaybackStop,
    Standing,
    StopReason,
)
from voicelab.units import NS_PER_MS, ms_to_samples, ns_to_samples, samples_to_ns

PIECE_MS = 100
"""The most audio between two marks, so the most by which a lost mark can mislead."""

GAP_NS = 60 * NS_PER_MS
"""A mark that comes back later than this after its audio should have ended tells of a
gap in playing; less is the ordinary jitter of pages and networks."""

_PLACES: tuple[Place, ...] = ("player", "ear")


class LegSpeaker(Protocol):
    """Takes audio and commands to the far side."""

    def play(self, item_id: str, audio: bytes) -> None:
        """Send a piece of audio."""
        ...

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        """Ask to be told when what was sent so far has been played.

        Args:
            name: what comes back.
            item_id: the item that the mark stands in.
            position_samples: how much of the item lies before it.
        """
        ...

    def clear(self) -> None:
        """Make the far side drop what it has not played."""
        ...


@dataclass(frozen=True, slots=True)
class _Mark:
    item_id: str
    position: int
    leads: bool  # it stands where playing begins


@dataclass(slots=True)
class _Item:
    first_ns: int
    received: int = 0
    acknowledged: int | None = None
    acknowledged_ns: int = 0
    stopped_at: int | None = None  # up to where it had come when it was stopped


@dataclass(slots=True)
class _Playing:
    """The stretch that is being played, as far as is known."""

    item_id: str
    from_samples: int


class RemotePlayer:
    """Plays agent audio at the end of a leg; see the module's description.

    Args:
        speaker: takes audio and commands there.
        rate_hz: the rate of the audio.
        frame_samples: how much leaves the far side at once. A telephone is sent whole
            packets: one that has begun is heard to its end, whatever is stopped.
    """

    def __init__(
        self, speaker: LegSpeaker, rate_hz: int, frame_samples: int = 1
    ) -> None:
        self.rate_hz = rate_hz
        self._speaker = speaker
        self._frame_samples = frame_samples
        self._piece_samples = ms_to_samples(PIECE_MS, rate_hz)
        self._items: dict[str, _Item] = {}
        self._marks: dict[str, _Mark] = {}  # not returned, in order
        self._named = 0
        self._last_item: str | None = None  # whose audio was sent last
        self._playing: _Playing | None = None
        self._events: list[PlaybackEvent] = []
        self._silent_ns = 0

    # -- in -----------------------------------------------------------------

    def enqueue(
        self, item_id: str, samples: int, now_ns: int, audio: bytes = b""
    ) -> None:
        """Send audio of an item, in pieces, with marks between them."""
        if not samples:
            return
        item = self._items.setdefault(item_id, _Item(now_ns))
        if not self._marks or self._last_item != item_id:
            self._mark(item_id, item, leads=True)
        self._last_item = item_id
        for count, piece in self._pieces(samples, audio):
            self._speaker.play(item_id, piece)
            item.received += count
            self._mark(item_id, item, leads=False)
        after_ns = max(self._silent_ns, now_ns)
        self._silent_ns = after_ns + samples_to_ns(samples, self.rate_hz)

    def acknowledged(self, name: str, now_ns: int) -> bool:
        """Take note that a mark came back; those before it have been reached, too.

        Returns:
            Whether it counts: one that was sent before a `stop`, or never, does not.
        """
        if name not in self._marks:
            return False
        for passed in list(self._marks):
            mark = self._marks.pop(passed)
            if passed == name:
                break
            if mark.leads or not self._follows_on(mark):
                self._reached(mark, now_ns)
        self._reached(mark, now_ns)
        return True

    def stop(self, now_ns: int) -> list[Standing]:
        """Make the far side drop what it has not played.

        Marks that come back from now on tell nothing: Twilio returns all of them at
        a clear, played or not.
        """
        if not self._marks:
            return []
        item_ids = dict.fromkeys(mark.item_id for mark in self._marks.values())
        if self._playing is not None:
            position = self._stops_at(self._playing, now_ns)
            self._items[self._playing.item_id].stopped_at = position
            self._falls_silent(now_ns, position, "interrupted")
        standings = [self.standing(item_id, now_ns) for item_id in item_ids]
        self._marks.clear()
        self._speaker.clear()
        self._silent_ns = now_ns
        return standings

    # -- out ----------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether anything was sent and is not known to have been played."""
        return bool(self._marks or self._events)

    def next_deadline(self) -> int | None:
        """Return when `advance` has something to tell: what came back by then."""
        return self._events[0].t_ns if self._events else None

    def advance(self, now_ns: int) -> list[PlaybackEvent]:
        """Return what is known to have happened by `now_ns`, in order."""
        told = [event for event in self._events if event.t_ns <= now_ns]
        self._events = self._events[len(told) :]
        return told

    def silent_at_ear_ns(self) -> int | None:
        """Return when all that was sent would be played, if nothing stalls."""
        return self._silent_ns if self._marks else None

    def standing(self, item_id: str, now_ns: int) -> Standing:
        """Return how far an item has come; nothing tells the ear from the player."""
        item = self._items.get(item_id)
        if item is None:
            return Standing(item_id, 0, 0, 0)
        position = self._position(item_id, now_ns)
        return Standing(item_id, item.received, position, position)

    def evidence(self, item_id: str, now_ns: int) -> Evidence:
        """Return what is known of an item."""
        item = self._items.get(item_id)
        if item is None:
            return Evidence(self.rate_hz, 0, 0)
        known = item.acknowledged is not None
        return Evidence(
            self.rate_hz,
            received_samples=item.received,
            played_samples=self._position(item_id, now_ns),
            acknowledged_samples=item.acknowledged,
            since_acknowledged_ns=now_ns - item.acknowledged_ns if known else 0,
            since_first_delta_ns=now_ns - item.first_ns,
        )

    # -- inside -------------------------------------------------------------

    def _pieces(self, samples: int, audio: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield equal pieces, none longer than `PIECE_MS`: count and audio."""
        number = -(-samples // self._piece_samples)
        width = len(audio) // samples
        edges = [samples * index // number for index in range(number + 1)]
        for start, end in pairwise(edges):
            yield end - start, audio[start * width : end * width]

    def _mark(self, item_id: str, item: _Item, *, leads: bool) -> None:
        self._named += 1
        name = f"m{self._named}"
        self._marks[name] = _Mark(item_id, item.received, leads)
        self._speaker.mark(name, item_id, item.received)

    def _position(self, item_id: str, now_ns: int) -> int:
        """Return up to where an item has been played, as far as can be known."""
        item = self._items[item_id]
        if item.acknowledged is None:
            return 0
        if self._playing is None or self._playing.item_id != item_id:
            return max(item.acknowledged, item.stopped_at or 0)
        elapsed = ns_to_samples(now_ns - item.acknowledged_ns, self.rate_hz)
        return min(item.acknowledged + elapsed, item.received)

    def _stops_at(self, playing: _Playing, now_ns: int) -> int:
        """Return where playing stops if it is told to now: after a whole frame."""
        begun = self._position(playing.item_id, now_ns) - playing.from_samples
        whole = -(-begun // self._frame_samples) * self._frame_samples
        received = self._items[playing.item_id].received
        return min(playing.from_samples + whole, received)

    def _follows_on(self, mark: _Mark) -> bool:
        """Whether the next mark goes on with the same stretch of the same item."""
        after = next(iter(self._marks.values()), None)
        return after is not None and after.item_id == mark.item_id and not after.leads

    def _reached(self, mark: _Mark, now_ns: int) -> None:
        item = self._items[mark.item_id]
        if mark.leads:
            self._begins(now_ns, mark.item_id, mark.position)
        else:
            self._tell_gap(item, mark, now_ns)
        item.acknowledged, item.acknowledged_ns = mark.position, now_ns
        left = item.received - mark.position
        self._silent_ns = max(
            self._silent_ns, now_ns + samples_to_ns(left, self.rate_hz)
        )
        if not mark.leads and not self._follows_on(mark):
            self._falls_silent(now_ns, mark.position, "drained")

    def _tell_gap(self, item: _Item, mark: _Mark, now_ns: int) -> None:
        """Tell that playing had stopped for a while before it reached a mark."""
        before = item.acknowledged or 0
        began_ns = now_ns - samples_to_ns(mark.position - before, self.rate_hz)
        if began_ns - item.acknowledged_ns > GAP_NS:
            self._falls_silent(item.acknowledged_ns, before, "drained")
            self._begins(began_ns, mark.item_id, before)

    def _begins(self, t_ns: int, item_id: str, position: int) -> None:
        self._playing = _Playing(item_id, position)
        self._events += [
            PlaybackStart(t_ns, place, item_id, position) for place in _PLACES
        ]

    def _falls_silent(self, t_ns: int, position: int, reason: StopReason) -> None:
        playing, self._playing = self._playing, None
        if playing is None:
            return
        self._events += [
            PlaybackStop(
                t_ns, place, playing.item_id, playing.from_samples, position, reason
            )
            for place in _PLACES
        ]
