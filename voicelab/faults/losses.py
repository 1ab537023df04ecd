"""Faults that send an event never, or twice: drop and duplicate."""

from __future__ import annotations

from collections.abc import Iterable

from voicelab.faults.chance import Chance
from voicelab.faults.model import Drop, Duplicate
from voicelab.faults.stage import Desk, Parcel, Stage, event_of
from voicelab.protocol import server_events as ev
from voicelab.protocol.codec import wire_type


class _ByType(Stage):
    """Strikes events of certain types, or of any."""

    def __init__(
        self, kind: str, fault: Drop | Duplicate, chance: Chance, desk: Desk
    ) -> None:
        super().__init__(kind, chance, desk)
        self._on = frozenset(fault.on)

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide by the event's type."""
        kind = wire_type(event)
        return (not self._on or kind in self._on) and self.chance.strikes(kind)


class DropStage(_ByType):
    """Loses what it strikes."""

    copies = 0

    def __init__(self, fault: Drop, chance: Chance, desk: Desk) -> None:
        super().__init__("drop", fault, chance, desk)

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Return nothing but the note of a struck event."""
        del now_ns
        return (self.note(event_of(parcel)),) if struck else (parcel,)


class DuplicateStage(_ByType):
    """Sends what it strikes twice."""

    copies = 2

    def __init__(self, fault: Duplicate, chance: Chance, desk: Desk) -> None:
        super().__init__("duplicate", fault, chance, desk)

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Return a struck event twice, with the note between."""
        del now_ns
        return (parcel, self.note(event_of(parcel)), parcel) if struck else (parcel,)
