"""A fault at work in one session: what every kind of them is made of.

The entries of a session's outbox pass through one stage after another. Which of
them a stage is to strike was decided before, when they left the session, so that
what one stage does to the stream does not change what the next one hits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from voicelab.faults.chance import Chance
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.codec import wire_type
from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent
from voicelab.session.outbox import HangUp, Note, OutboxEntry

NOTE_TYPE = "fault"
"""The type of the notes that tell the record what was done on purpose."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An entry on its way out, and the stages that are to strike it.

    Attributes:
        entry: what the session had to say, or a stage made of it.
        marks: the places of those stages in their row.
    """

    entry: OutboxEntry
    marks: frozenset[int] = frozenset()

    def holding(self, entry: OutboxEntry) -> Parcel:
        """Return the same parcel with another entry."""
        return replace(self, entry=entry)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a stage may use of the session it works in.

    Attributes:
        ids: where the ids of events come from that the session did not send.
        tell: has the session act on an event that no client sent; what it answers
            passes through the stages like everything else.
    """

    ids: IdSource
    tell: Callable[[ClientEvent], None]


class Stage:
    """One fault at work; this one lets everything pass.

    Args:
        kind: the fault's kind, as notes name it.
        chance: decides what is struck.
        desk: what it may use of the session.
    """

    copies = 1
    """How many of an event are sent that it strikes."""

    def __init__(self, kind: str, chance: Chance, desk: Desk) -> None:
        self.kind = kind
        self.chance = chance
        self.desk = desk

    def opened(self, now_ns: int) -> None:
        """The session begins."""

    def strikes(self, event: ServerEvent) -> bool:
        """Decide whether to strike an event.

        It is asked once of each event that the session itself sends, in order.
        """
        del event
        return False

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Return what becomes of a parcel, in order; the rest is kept, or lost."""
        del struck, now_ns
        return (parcel,)

    def due(self, now_ns: int) -> Iterable[Parcel]:
        """Return what has become due by `now_ns`, once each."""
        del now_ns
        return ()

    def next_deadline(self) -> int | None:
        """Return when `due` next has something, None while it has not."""
        return None

    def note(self, event: ServerEvent | None = None, **data: Any) -> Parcel:
        """Return the note that this fault struck, with the event that it hit."""
        told = {"kind": self.kind, **({} if event is None else _described(event))}
        item_id = None if event is None else item_id_of(event)
        return Parcel(Note(NOTE_TYPE, item_id, told | data))


class Shelf:
    """Parcels that are held until their time, given out in the order of it."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int, Parcel]] = []
        self._numbers = count()

    def __bool__(self) -> bool:
        return bool(self._held)

    def put(self, parcel: Parcel, release_ns: int) -> None:
        """Hold a parcel; those with one and the same instant keep their order."""
        heapq.heappush(self._held, (release_ns, next(self._numbers), parcel))

    def due(self, now_ns: int) -> Iterator[Parcel]:
        """Give out what is held until `now_ns` at the latest."""
        while self._held and self._held[0][0] <= now_ns:
            yield heapq.heappop(self._held)[2]

    def next_deadline(self) -> int | None:
        """Return when the next one is given out, None if there is none."""
        return self._held[0][0] if self._held else None


def event_of(parcel: Parcel) -> ServerEvent | None:
    """Return the event in a parcel, None if it holds a note or the end."""
    entry = parcel.entry
    return None if isinstance(entry, Note | HangUp) else entry


def response_id_of(event: ServerEvent) -> str | None:
    """Return the response that an event names, None if it names none."""
    response = getattr(event, "response", None)
    found = getattr(event, "response_id", None) if response is None else response.id
    return None if found is None else str(found)


def item_id_of(event: ServerEvent) -> str | None:
    """Return the item that an event names, or carries; None if there is none."""
    item = getattr(event, "item", None)
    found = getattr(event, "item_id", None) if item is None else item.id
    return None if found is None else str(found)


def _described(event: ServerEvent) -> dict[str, Any]:
    told: dict[str, Any] = {"event": wire_type(event), "event_id": event.event_id}
    response_id = response_id_of(event)
    if response_id is not None:
        told["response_id"] = response_id
    return told
