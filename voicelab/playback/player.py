"""A simulated player: audio in as it arrives, out as time passes, stopped at will.

Everything is computed from the instants at which audio was enqueued, so the
player needs no ticking: between two of its own events a position is a straight
line. Positions count samples of an item, at the rate of the audio.

`played` is what has left the player; the ear hears it `device_latency` later.
What has left cannot be called back: after a stop it is heard to its end. A player
that is not in the client's own process gets audio and commands `command_delay` late,
and the client learns `report_delay` late what it did.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace

from voicelab.playback.evidence import Evidence
from voicelab.playback.playback import (
    PlaybackEvent,
    PlaybackStart,
    PlaybackStop,
    Standing,
)
from voicelab.playback.settings import PlayerSettings
from voicelab.units import ns_to_samples, samples_to_ns


@dataclass(slots=True, eq=False)
class _Span:
    """A stretch of one item that plays without a gap.

    Attributes:
        closed: a stop came after it, so nothing is added to it.
        cut: the stop ended it before its time.
    """

    item_id: str
    from_samples: int
    start_ns: int
    samples: int = 0
    announced: bool = False
    closed: bool = False
    cut: bool = False

    def end_ns(self, rate_hz: int) -> int:
        return self.start_ns + samples_to_ns(self.samples, rate_hz)

    def played(self, t_ns: int, rate_hz: int) -> int:
        """Return how many samples of the span have been played by `t_ns`."""
        elapsed = max(t_ns - self.start_ns, 0)
        return min(ns_to_samples(elapsed, rate_hz), self.samples)

    def cut_at(self, t_ns: int, rate_hz: int, settings: PlayerSettings) -> None:
        """End the span at the first whole quantum not before `t_ns`."""
        begun = self.played(t_ns, rate_hz)
        if self.start_ns + samples_to_ns(begun, rate_hz) < t_ns:
            begun += 1  # a sample that has begun is played
        self.samples = min(settings.whole_quanta(begun, rate_hz), self.samples)
        self.cut = True


@dataclass(slots=True)
class _Item:
    """All that the player knows of one item.

    Attributes:
        first_ns: when its first audio was enqueued.
        marks: a mark stands before its first piece of audio and after each.
        spans: where it plays, oldest first.
    """

    first_ns: int
    marks: list[int] = field(default_factory=lambda: [0])
    spans: list[_Span] = field(default_factory=list)

    @property
    def received(self) -> int:
        return self.marks[-1]

    def position(self, t_ns: int, rate_hz: int) -> int:
        """Return up to where it had left the player by `t_ns`."""
        for span in reversed(self.spans):
            if played := span.played(t_ns, rate_hz):
                return span.from_samples + played
        return 0

    def begun(self, t_ns: int) -> bool:
        """Whether it had begun to play by `t_ns`."""
        return bool(self.spans) and self.spans[0].start_ns <= t_ns

    def left_at_ns(self, position: int, rate_hz: int) -> int:
        """Return when what lies before a position that was reached had left."""
        for span in reversed(self.spans):
            if span.from_samples < position:
                samples = min(position - span.from_samples, span.samples)
                return span.start_ns + samples_to_ns(samples, rate_hz)
        return self.spans[0].start_ns


class Player:
    """Plays agent audio; see the module's description.

    Args:
        settings: the kind of player.
        rate_hz: the rate of the audio.
    """

    def __init__(self, settings: PlayerSettings, rate_hz: int) -> None:
        self.settings = settings
        self.rate_hz = rate_hz
        self._spans: deque[_Span] = deque()  # queued or playing
        self._at_ear: deque[PlaybackEvent] = deque()
        self._items: dict[str, _Item] = {}

    # -- in -----------------------------------------------------------------

    def enqueue(
        self, item_id: str, samples: int, now_ns: int, audio: bytes = b""
    ) -> None:
        """Add audio of an item at the end of the queue.

        Call `advance(now_ns)` first, so that what ended before is told before.
        """
        del audio  # only positions matter here
        if not samples:
            return
        item = self._items.setdefault(item_id, _Item(now_ns))
        position = item.received
        item.marks.append(position + samples)
        arrival_ns = now_ns + self.settings.command_delay_ns
        start_ns = arrival_ns + self.settings.lead_ns
        if self._spans:
            last = self._spans[-1]
            end_ns = last.end_ns(self.rate_hz)
            in_time = end_ns > arrival_ns and not last.closed
            if in_time and last.item_id == item_id:
                last.samples += samples
                return
            start_ns = end_ns if in_time else max(start_ns, end_ns)
        span = _Span(item_id, position, start_ns, samples)
        item.spans.append(span)
        self._spans.append(span)

    def stop(self, now_ns: int) -> list[Standing]:
        """Drop what is queued; fall silent at the next whole quantum.

        Call `advance(now_ns)` first.

        Returns:
            One standing for each item that had not been played to its end,
            in playing order; empty if the player was idle.
        """
        settings = self.settings
        silent_ns = now_ns + settings.command_delay_ns + settings.stop_delay_ns
        open_ids = (span.item_id for span in self._spans if not span.closed)
        standings = [
            self.standing(item_id, now_ns) for item_id in dict.fromkeys(open_ids)
        ]
        playing = deque[_Span]()
        for span in self._spans:
            if not span.announced and span.start_ns >= silent_ns:
                self._items[span.item_id].spans.remove(span)
                continue
            if not span.cut and span.end_ns(self.rate_hz) > silent_ns:
                span.cut_at(silent_ns, self.rate_hz, settings)
            span.closed = True
            playing.append(span)
        self._spans = playing
        return standings

    # -- out ----------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """Return when `advance` has something to tell, None while idle."""
        own_ns = self._own_deadline()
        if not self._at_ear:
            return own_ns
        heard_ns = self._at_ear[0].t_ns
        return heard_ns if own_ns is None else min(own_ns, heard_ns)

    def advance(self, now_ns: int) -> list[PlaybackEvent]:
        """Return what happened by `now_ns`, in order of time."""
        events: list[PlaybackEvent] = []
        while (due_ns := self.next_deadline()) is not None and due_ns <= now_ns:
            if self._own_deadline() == due_ns:
                events.append(self._step())
            else:
                events.append(self._at_ear.popleft())
        return events

    @property
    def busy(self) -> bool:
        """Whether anything is queued, playing, or on its way to the ear."""
        return bool(self._spans or self._at_ear)

    def silent_at_ear_ns(self) -> int | None:
        """Return when the ear will have heard all that is queued now."""
        latency_ns = self.settings.device_latency_ns
        if self._spans:
            return self._spans[-1].end_ns(self.rate_hz) + latency_ns
        return self._at_ear[-1].t_ns if self._at_ear else None

    def standing(self, item_id: str, now_ns: int) -> Standing:
        """Return how far an item has come."""
        item = self._items.get(item_id)
        if item is None:
            return Standing(item_id, 0, 0, 0)
        heard_ns = now_ns - self.settings.device_latency_ns
        return Standing(
            item_id,
            received_samples=item.received,
            played_samples=item.position(now_ns, self.rate_hz),
            heard_samples=item.position(heard_ns, self.rate_hz),
        )

    def evidence(self, item_id: str, now_ns: int) -> Evidence:
        """Return what the client can know of that; its media clock is its own.

        A mark counts as acknowledged once playback reached it and word of it has
        arrived. The marks that a telephone provider gives back because its buffer was
        cleared are no such word: nothing here ever comes of a stop.
        """
        item = self._items.get(item_id)
        if item is None:
            return Evidence(self.rate_hz, 0, 0)
        reported_ns = now_ns - self.settings.report_delay_ns
        played = item.position(reported_ns, self.rate_hz)
        mark = None
        since_ns = 0
        if item.begun(reported_ns):
            mark = item.marks[bisect_right(item.marks, played) - 1]
            since_ns = reported_ns - item.left_at_ns(mark, self.rate_hz)
        return Evidence(
            self.rate_hz,
            received_samples=item.received,
            played_samples=played,
            acknowledged_samples=mark,
            since_acknowledged_ns=since_ns,
            since_first_delta_ns=now_ns - item.first_ns,
        )

    # -- inside -------------------------------------------------------------

    def _own_deadline(self) -> int | None:
        if not self._spans:
            return None
        span = self._spans[0]
        return span.end_ns(self.rate_hz) if span.announced else span.start_ns

    def _step(self) -> PlaybackEvent:
        span = self._spans[0]
        event: PlaybackEvent
        if not span.announced:
            span.announced = True
            event = PlaybackStart(
                span.start_ns, "player", span.item_id, span.from_samples
            )
        else:
            self._spans.popleft()
            event = PlaybackStop(
                span.end_ns(self.rate_hz),
                "player",
                span.item_id,
                span.from_samples,
                span.from_samples + span.samples,
                "interrupted" if span.cut else "drained",
            )
        latency_ns = self.settings.device_latency_ns
        self._at_ear.append(replace(event, t_ns=event.t_ns + latency_ns, place="ear"))
        return event
