"""What runs a session, on a link in memory or on a socket, needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.wire_errors import WireError
from voicelab.session.outbox import OutboxEntry


class HostedSession(Protocol):
    """What a host needs of a session: `ServerSession`, or what stands around one."""

    def open(self, now_ns: int) -> None:
        """Greet the client."""
        ...

    def receive(self, message: bytes | str, now_ns: int) -> ClientEvent | None:
        """Act on one text message; return the event, None if it was not one."""
        ...

    def refuse(self, error: WireError, now_ns: int) -> None:
        """Report what the host could not even pass on, such as a binary frame."""
        ...

    def advance(self, now_ns: int) -> None:
        """Do what has become due by `now_ns`."""
        ...

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed, None while it is not."""
        ...

    def take_outbox(self) -> Sequence[OutboxEntry]:
        """Return what to send, to record and to do, in order, once each."""
        ...

    def close(self, now_ns: int) -> None:
        """The client is gone."""
        ...
