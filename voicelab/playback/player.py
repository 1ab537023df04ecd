"""A player: audio in as it arrives, out as time passes, stopped at a barge-in.

Everything is computed from the instants at which audio was enqueued, so the
player needs no ticking: between two of its own events a position is a straight
line. Positions count samples of an item, at the rate of the audio.

`played` is what has left the player; the ear hears it `device_latency` later.
What has left cannot be called back: after a stop it is heard to its end.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from voicelab.playback.settings import PlayerSettings
from voicelab.units import ns_to_samples, samples_to_ns

Place = Literal["player", "ear"]
StopReason = Literal["drained", "interrupted"]


@dataclass(frozen=True, slots=True)
class PlaybackStart:
    """Audio of an item begins to leave the player, or to reach the ear."""

    t_ns: int
    place: Place
    item_id: str
    from_samples: int


@dataclass(frozen=True, slots=True)
class PlaybackStop:
    """It stops: `drained` (no more audio was there) or `interrupted`."""

    t_ns: int
    place: Place
    item_id: str
    from_samples: int
    to_samples: int
    reason: StopReason


PlaybackEvent = PlaybackStart | PlaybackStop


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an item had come when playback was stopped.

    Attributes:
        received_samples: how much had been enqueued.
        played_samples: how much the player had played by then, as it knows it.
        heard_samples: how much the ear had heard by then.
    """

    item_id: str
    received_samples: int
    played_samples: int
    heard_samples: int


@dataclass(slots=True)
class _Span:
    """A stretch of one item that plays without a gap."""

    item_id: str
    from_samples: int
    start_ns: int
    samples: int = 0
    announced: bool = False
    cut: bool = False

    def end_ns(self, rate_hz: int) -> int:
        return self.start_ns + samples_to_ns(self.samples, rate_hz)

    def played(self, t_ns: int, rate_hz: int) -> int:
        """Return how many samples of the span have been played by `t_ns`."""
        elapsed = max(t_ns - self.start_ns, 0)
        return min(ns_to_samples(elapsed, rate_hz), self.samples)

    def cut_at(self, t_ns: int, rate_hz: int, quantum_samples: int) -> None:
        """End the span at the first multiple of the quantum not before `t_ns`."""
        begun = self.played(t_ns, rate_hz)
        if self.start_ns + samples_to_ns(begun, rate_hz) < t_ns:
            begun += 1  # a sample that has begun is played
        whole = -(-begun // quantum_samples) * quantum_samples
        self.samples = min(whole, self.samples)
        self.cut = True


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
        self._left: deque[_Span] = deque()  # played, not yet heard to the end
        self._at_ear: deque[PlaybackEvent] = deque()
        self._received: dict[str, int] = {}
        self._heard: dict[str, int] = {}  # by the spans that were heard to the end

    # -- in -----------------------------------------------------------------

    def enqueue(self, item_id: str, samples: int, now_ns: int) -> None:
        """Add audio of an item at the end of the queue.

        Call `advance(now_ns)` first, so that what ended before is told before.
        """
        if not samples:
            return
        received = self._received.get(item_id, 0)
        self._received[item_id] = received + samples
        start_ns = now_ns + self.settings.lead_ns
        if self._spans:
            last = self._spans[-1]
            if last.item_id == item_id and not last.cut:
                last.samples += samples
                return
            end_ns = last.end_ns(self.rate_hz)
            start_ns = max(start_ns, end_ns) if last.cut else end_ns
        self._spans.append(_Span(item_id, received, start_ns, samples))

    def stop(self, now_ns: int) -> list[Standing]:
        """Drop what is queued; fall silent at the next render quantum.

        Call `advance(now_ns)` first.

        Returns:
            One standing for each item that had not been played to its end,
            in playing order; empty if the player was idle.
        """
        item_ids = dict.fromkeys(span.item_id for span in self._spans if not span.cut)
        standings = [self.standing(item_id, now_ns) for item_id in item_ids]
        playing = [span for span in self._spans if span.announced]
        for span in playing:
            if not span.cut:
                span.cut_at(
                    now_ns, self.rate_hz, self.settings.quantum_at(self.rate_hz)
                )
        self._spans = deque(playing)
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
                events.append(self._reach_ear())
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
        heard_ns = now_ns - self.settings.device_latency_ns
        return Standing(
            item_id,
            received_samples=self._received.get(item_id, 0),
            played_samples=self._position(item_id, now_ns),
            heard_samples=self._position(item_id, heard_ns),
        )

    # -- inside -------------------------------------------------------------

    def _position(self, item_id: str, t_ns: int) -> int:
        """Return up to where an item had left the player by `t_ns`.

        Right for any instant from `device_latency` ago on.
        """
        position = self._heard.get(item_id, 0)
        for span in chain(self._left, self._spans):
            if span.item_id == item_id and (played := span.played(t_ns, self.rate_hz)):
                position = span.from_samples + played
        return position

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
            self._left.append(self._spans.popleft())
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

    def _reach_ear(self) -> PlaybackEvent:
        event = self._at_ear.popleft()
        if isinstance(event, PlaybackStop):
            self._left.popleft()
            if event.to_samples > event.from_samples:
                self._heard[event.item_id] = event.to_samples
        return event
