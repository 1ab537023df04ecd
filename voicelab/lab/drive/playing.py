"""Plays what arrives at a provider, and tells what that means for the agent's items.

The player knows only audio, in the order in which it arrived; the alignment knows where
each stretch of it comes from. Together they say when which samples of which item left
the player and reached the ear. Since a place is known some milliseconds after the audio
has arrived, things are told late now and then; their instants are right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, replace

from voicelab.audio.pcm import Samples
from voicelab.lab.drive.alignment import Alignment, Stretch, goes_on
from voicelab.lab.drive.reference import ItemSpan, Reference
from voicelab.playback.playback import PlaybackEvent, PlaybackStart, PlaybackStop
from voicelab.playback.player import Player
from voicelab.units import MS_PER_S, ns_to_samples, samples_to_ms, samples_to_ns

ARRIVED = "arrived"
"""To the player, all that arrives is one item; this is its id."""

_SAME_PLACE_MS = 3  # a step this small is a resampler's rounding, no gap


@dataclass(frozen=True, slots=True)
class Delivery:
    """Audio of an item that arrived at the provider.

    Attributes:
        t_ns: when.
        span: which.
    """

    t_ns: int
    span: ItemSpan


@dataclass(slots=True)
class _Span:
    """Arrived audio that plays without a break."""

    start_ns: int
    start: int
    end: int | None = None
    end_ns: int = 0
    reason: str = "drained"


@dataclass(slots=True)
class _Open:
    """An item that is playing."""

    item_id: str
    from_samples: int
    to_samples: int


class LegPlayback:
    """Plays the agent at the end of a leg; see the module's description.

    Args:
        player: the provider's, at the leg's rate; nobody else uses it.
        reference: what the server has sent.
    """

    def __init__(self, player: Player, reference: Reference) -> None:
        self.alignment = Alignment(reference)
        self.reference = reference
        self._player = player
        self._rate_hz = reference.leg_hz
        self._arrivals: list[tuple[int, int]] = []  # where each ends, and when it came
        self._stretches: list[Stretch] = []
        self._spans: deque[_Span] = deque()
        self._dropped = 0  # what arrived before this is played or passed over
        self._told = 0  # how much of what arrived has been told of
        self._open: _Open | None = None
        self._events: deque[PlaybackEvent] = deque()
        self._at_ear: deque[PlaybackEvent] = deque()
        self._heard: list[PlaybackEvent] = []
        self._delivered: list[Delivery] = []

    # -- in -------------------------------------------------------------------

    def take(self, samples: Samples, now_ns: int) -> None:
        """Take audio that has arrived."""
        if not len(samples):
            return
        if not self._player.busy:
            self.alignment.paused()
        self._player.enqueue(ARRIVED, len(samples), now_ns)
        self._arrivals.append((self.alignment.arrived + len(samples), now_ns))
        self._place(self.alignment.take(samples))

    def settle(self) -> None:
        """Decide where all that has arrived comes from."""
        self._place(self.alignment.settle())

    def take_delivered(self) -> list[Delivery]:
        """Return what is known by now of what arrived, once."""
        delivered, self._delivered = self._delivered, []
        return delivered

    def stop(self, now_ns: int) -> None:
        """Drop what is queued; call `advance` and `settle` first."""
        self._player.stop(now_ns)
        self._dropped = self.alignment.arrived
        self.alignment.cleared()

    def _place(self, stretches: list[Stretch]) -> None:
        for stretch in stretches:
            if stretch.place is not None:
                self._delivered += self._deliveries(stretch, stretch.place)
            last = self._stretches[-1] if self._stretches else None
            if last is not None and goes_on(last, stretch):
                self._stretches[-1] = replace(last, end=stretch.end)
            else:
                self._stretches.append(stretch)

    def _deliveries(self, stretch: Stretch, place: int) -> list[Delivery]:
        """Return a stretch cut where one message ended and the next began."""
        found = []
        start = stretch.start
        first = bisect_left(self._arrivals, (start + 1, 0))
        for end, t_ns in self._arrivals[first:]:
            until = min(end, stretch.end)
            low, high = (place + at - stretch.start for at in (start, until))
            found += [Delivery(t_ns, span) for span in self.reference.spans(low, high)]
            start = until
            if start >= stretch.end:
                break
        return found

    # -- where things stand -----------------------------------------------------

    def played(self, now_ns: int) -> int:
        """Return how much of what arrived has left the player."""
        return self._player.standing(ARRIVED, now_ns).played_samples

    def passed(self, now_ns: int) -> int:
        """Return up to where all has left the player or was dropped."""
        return max(self.played(now_ns), self._dropped)

    def heard(self, now_ns: int) -> int:
        """Return the same for the ear."""
        return self._player.standing(ARRIVED, now_ns).heard_samples

    @property
    def queued(self) -> bool:
        """Whether anything is queued, playing, or on its way to the ear."""
        return self._player.busy

    @property
    def strange_ms(self) -> float:
        """How much arrived that is neither the server's nor silence."""
        strange = sum(
            each.end - each.start
            for each in self._stretches
            if each.place is None and not each.silent
        )
        return samples_to_ms(strange, self._rate_hz)

    def positions(self, arrived: int) -> dict[str, int]:
        """Return how far each item had come with so much of what arrived."""
        found: dict[str, int] = {}
        for span in self._between(0, arrived):
            found[span.item_id] = max(found.get(span.item_id, 0), span.to_samples)
        return found

    def items_after(self, arrived: int) -> list[str]:
        """Return the items whose audio arrived later than that."""
        spans = self._between(arrived, self.alignment.settled)
        return list(dict.fromkeys(span.item_id for span in spans))

    def left_at_ns(self, arrived: int) -> int | None:
        """Return when what had arrived until then leaves the player.

        None if that is not known: it is not being played.
        """
        for span in self._spans:
            last = self.alignment.arrived if span.end is None else span.end
            if span.start < arrived <= last:
                ahead = arrived - span.start
                return span.start_ns + samples_to_ns(ahead, self._rate_hz)
        return None

    def silent_at_ear_ns(self) -> int | None:
        """Return when the ear will have heard all that is queued now."""
        return self._player.silent_at_ear_ns()

    def _between(self, start: int, end: int) -> list[ItemSpan]:
        spans: list[ItemSpan] = []
        for stretch in self._stretches:
            low, high = max(stretch.start, start), min(stretch.end, end)
            if stretch.place is not None and low < high:
                place = stretch.place - stretch.start
                spans += self.reference.spans(place + low, place + high)
        return spans

    # -- out ------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """Return when `advance` has something to tell, None while idle."""
        deadlines = [self._at_ear[0].t_ns] if self._at_ear else []
        own_ns = self._player.next_deadline()
        deadlines += [] if own_ns is None else [own_ns]
        return min(deadlines, default=None)

    def advance(self, now_ns: int) -> list[PlaybackEvent]:
        """Return what happened to items by `now_ns`, as far as it is known."""
        for event in self._player.advance(now_ns):
            if event.place == "player":
                self._note(event)
            else:
                self._heard.append(event)
        self._tell(now_ns)
        while self._at_ear and self._at_ear[0].t_ns <= now_ns:
            self._events.append(self._at_ear.popleft())
        events = sorted(self._events, key=lambda event: event.t_ns)
        self._events.clear()
        return events

    def take_heard(self) -> list[PlaybackEvent]:
        """Return what reached the ear since the last call, whatever it was.

        Positions count what has arrived, at the leg's rate; all of it is one item.
        """
        heard, self._heard = self._heard, []
        return heard

    def _note(self, event: PlaybackEvent) -> None:
        if isinstance(event, PlaybackStart):
            self._spans.append(_Span(event.t_ns, event.from_samples))
            return
        span = self._spans[-1]
        span.end, span.end_ns = event.to_samples, event.t_ns
        span.reason = event.reason
        if self.alignment.settled < span.end:  # nothing follows that could help
            self.settle()

    def _tell(self, now_ns: int) -> None:
        """Tell of what has been played and whose place is known."""
        while self._spans:
            span = self._spans[0]
            passed = ns_to_samples(max(now_ns - span.start_ns, 0), self._rate_hz)
            played = min(span.start + passed, self.alignment.arrived)
            end = played if span.end is None else span.end
            until = min(end, self.alignment.settled)
            self._tell_between(span, max(self._told, span.start), until)
            if span.end is None or until < span.end:
                return
            self._shut(span.end_ns, interrupted=span.reason == "interrupted")
            self._spans.popleft()

    def _tell_between(self, span: _Span, start: int, end: int) -> None:
        first = bisect_left(self._stretches, start + 1, key=lambda each: each.end)
        for stretch in self._stretches[first:]:
            low, high = max(stretch.start, start), min(stretch.end, end)
            if low >= high:
                break
            at_ns = span.start_ns + samples_to_ns(low - span.start, self._rate_hz)
            self._tell_stretch(stretch, low, high, at_ns)
        self._told = max(self._told, end)

    def _tell_stretch(self, stretch: Stretch, low: int, high: int, at_ns: int) -> None:
        if stretch.place is None:
            self._shut(at_ns)
            return
        place = stretch.place - stretch.start
        for item in self.reference.spans(place + low, place + high):
            self._go_on(item, at_ns)
            played = item.to_samples - item.from_samples
            at_ns += samples_to_ns(played, self.reference.sent_hz)

    def _go_on(self, item: ItemSpan, at_ns: int) -> None:
        """An item plays, without a break if it is where it was."""
        playing = self._open
        if playing is not None and playing.item_id == item.item_id:
            slack = self.reference.sent_hz * _SAME_PLACE_MS // MS_PER_S
            if abs(item.from_samples - playing.to_samples) <= slack:
                playing.to_samples = max(item.to_samples, playing.to_samples)
                return
        self._shut(at_ns)
        start = PlaybackStart(at_ns, "player", item.item_id, item.from_samples)
        self._put(start)
        self._open = _Open(item.item_id, item.from_samples, item.to_samples)

    def _shut(self, at_ns: int, *, interrupted: bool = False) -> None:
        playing, self._open = self._open, None
        if playing is not None:
            self._put(
                PlaybackStop(
                    at_ns,
                    "player",
                    playing.item_id,
                    playing.from_samples,
                    playing.to_samples,
                    "interrupted" if interrupted else "drained",
                )
            )

    def _put(self, event: PlaybackEvent) -> None:
        latency_ns = self._player.settings.device_latency_ns
        self._events.append(event)
        self._at_ear.append(replace(event, t_ns=event.t_ns + latency_ns, place="ear"))
