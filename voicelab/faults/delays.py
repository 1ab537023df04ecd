"""Faults that send what was said, but later: late and stall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from voicelab.faults.audio import AudioMeter
from voicelab.faults.chance import Chance
from voicelab.faults.model import AUDIO_DELTA, Late, Stall
from voicelab.faults.stage import Desk, Parcel, Shelf, Stage, event_of, response_id_of
from voicelab.protocol import server_events as ev
from voicelab.protocol.codec import wire_type
from voicelab.session.outbox import Note
from voicelab.units import ms_to_ns


class LateStage(Stage):
    """Holds events; what follows waits behind them, or overtakes."""

    def __init__(self, fault: Late, chance: Chance, desk: Desk) -> None:
        super().__init__("late", chance, desk)
        self._fault = fault
        self._on = frozenset(fault.on)
        self._shelf = Shelf()
        self._tail_ns = 0

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide by the event's type."""
        kind = wire_type(event)
        if self._fault.reorder and kind == AUDIO_DELTA:
            return False
        return (not self._on or kind in self._on) and self.chance.strikes(kind)

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterator[Parcel]:
        """Hold what is struck, and what may not overtake it."""
        if isinstance(parcel.entry, Note):  # nothing delays the truth
            yield parcel
            return
        if struck:
            delay_ms = self._fault.delay_ms
            self._tail_ns = max(self._tail_ns, now_ns + ms_to_ns(delay_ms))
            yield self.note(event_of(parcel), delay_ms=delay_ms)
        elif self._fault.reorder or not self._shelf:
            yield parcel
            return
        self._shelf.put(parcel, self._tail_ns)

    def due(self, now_ns: int) -> Iterator[Parcel]:
        """Send what was held for long enough."""
        return self._shelf.due(now_ns)

    def next_deadline(self) -> int | None:
        """Return when the next held event leaves."""
        return self._shelf.next_deadline()


@dataclass(slots=True)
class _Stalled:
    """A response that stands still, and what there is of it meanwhile."""

    until_ns: int
    held: list[Parcel] = field(default_factory=list)


class StallStage(Stage):
    """Holds all of a response for a while once so much of its audio was sent.

    A response that is broken off meanwhile is not held any longer.
    """

    def __init__(self, fault: Stall, chance: Chance, desk: Desk) -> None:
        super().__init__("stall", chance, desk)
        self._fault = fault
        self._meter = AudioMeter()
        self._to_stall: set[str] = set()
        self._stalled: dict[str, _Stalled] = {}
        self._items: dict[str, str] = {}

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide once a response, at its creation."""
        created = isinstance(event, ev.ResponseCreated)
        return created and self.chance.strikes("response")

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Hold what belongs to a stalled response."""
        event = event_of(parcel)
        response_id = None if event is None else self._response_of(event)
        if event is None or response_id is None:
            return (parcel,)
        if struck:
            self._to_stall.add(response_id)
        self._meter.pass_by(event)
        if isinstance(event, ev.ResponseDone):
            self._forget(response_id)
        if response_id in self._stalled:
            return self._hold(parcel, event, response_id)
        if self._is_far_enough(response_id):
            return (parcel, self._begin(event, response_id, now_ns))
        return (parcel,)

    def due(self, now_ns: int) -> Iterator[Parcel]:
        """Let the responses go on whose stall is over."""
        over = [key for key, at in self._stalled.items() if at.until_ns <= now_ns]
        for response_id in over:
            yield from self._stalled.pop(response_id).held

    def next_deadline(self) -> int | None:
        """Return when the next stall is over."""
        return min((at.until_ns for at in self._stalled.values()), default=None)

    def _is_far_enough(self, response_id: str) -> bool:
        sent_ms = self._meter.ms(response_id)
        return response_id in self._to_stall and sent_ms >= self._fault.after_ms

    def _begin(self, event: ev.ServerEvent, response_id: str, now_ns: int) -> Parcel:
        self._to_stall.discard(response_id)
        duration_ms = self._fault.duration_ms
        self._stalled[response_id] = _Stalled(now_ns + ms_to_ns(duration_ms))
        return self.note(event, duration_ms=duration_ms)

    def _hold(
        self, parcel: Parcel, event: ev.ServerEvent, response_id: str
    ) -> Iterable[Parcel]:
        self._stalled[response_id].held.append(parcel)
        if not isinstance(event, ev.ResponseDone):
            return ()
        broken_off = event.response.status == "cancelled"
        return self._stalled.pop(response_id).held if broken_off else ()

    def _response_of(self, event: ev.ServerEvent) -> str | None:
        """Return the response that an event belongs to, by itself or by its item."""
        if isinstance(event, ev.ResponseOutputItemAdded):
            self._items[str(event.item.id)] = event.response_id
        if isinstance(event, ev.ConversationItemAdded | ev.ConversationItemDone):
            return self._items.get(str(event.item.id))
        return response_id_of(event)

    def _forget(self, response_id: str) -> None:
        self._to_stall.discard(response_id)
        for item_id in [i for i, owner in self._items.items() if owner == response_id]:
            del self._items[item_id]
