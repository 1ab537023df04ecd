"""What the server session has to say: events for the wire, notes for the lab.

A note is a truth that no Realtime server puts on the wire (a score, the words of
a reply with their places). It stands in the outbox in order with the events, so
that a record can tell what came before what. So does the end of the connection, if
it is the server that ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent


@dataclass(frozen=True, slots=True)
class Note:
    """A truth for the record; never sent to a client."""

    type: str
    item_id: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HangUp:
    """The server ends the connection, after what it has said before.

    Attributes:
        code: the WebSocket close code.
        reason: what the close frame says.
    """

    code: int
    reason: str


OutboxEntry: TypeAlias = ServerEvent | Note | HangUp


class Outbox:
    """Collects events and notes until the host takes them.

    Attributes:
        entries_ever: how many there have been, taken or not.
    """

    def __init__(self, ids: IdSource) -> None:
        self.ids = ids
        self.entries_ever = 0
        self._entries: list[OutboxEntry] = []

    def send(self, event: ServerEvent) -> None:
        """Queue an event for the client, as it is."""
        self.entries_ever += 1
        self._entries.append(event)

    def emit(self, kind: Callable[..., ServerEvent], **fields: Any) -> None:
        """Queue a new event of some kind, under an id of its own."""
        self.send(kind(event_id=self.ids.event(), **fields))

    def note(self, kind: str, item_id: str | None = None, **data: Any) -> None:
        """Queue a note for the record."""
        self.entries_ever += 1
        self._entries.append(Note(kind, item_id, data))

    def hang_up(self, code: int, reason: str) -> None:
        """Queue the end of the connection."""
        self.entries_ever += 1
        self._entries.append(HangUp(code, reason))

    def drain(self) -> list[OutboxEntry]:
        """Return what is queued, oldest first, and forget it."""
        entries, self._entries = self._entries, []
        return entries
