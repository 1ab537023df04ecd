"""Runs a server session on a connection, under either clock."""

from __future__ import annotations

import asyncio
from typing import Protocol

from voicelab.clock import Timebase
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.codec import encode
from voicelab.protocol.server_events import ServerEvent
from voicelab.session.outbox import Note
from voicelab.session.server import ServerSession
from voicelab.transport.connection import Connection


class ServerTap(Protocol):
    """Sees what passes through the server, at the instant it does."""

    def server_received(self, event: ClientEvent) -> None:
        """A client event arrived and was acted on."""
        ...

    def server_sent(self, event: ServerEvent) -> None:
        """An event left for the client."""
        ...

    def server_noted(self, note: Note) -> None:
        """The session noted a truth for the record."""
        ...


class SessionHost:
    """Feeds a session from its connection and its timers.

    Args:
        session: the sans-IO session.
        connection: the server's end of the link.
        time: the clock to run on.
        tap: sees everything; None if nobody does.
    """

    def __init__(
        self,
        session: ServerSession,
        connection: Connection,
        time: Timebase,
        tap: ServerTap | None = None,
    ) -> None:
        self.session = session
        self._connection = connection
        self._time = time
        self._tap = tap
        self._timer: asyncio.TimerHandle | None = None
        self._armed = False
        self._armed_ns: int | None = None

    def start(self) -> None:
        """Greet the client and take its messages from now on."""
        self._connection.set_receiver(self._received)
        self.session.open(self._time.now_ns())
        self._flush()

    def close(self) -> None:
        """End the session and hang up."""
        self.session.close(self._time.now_ns())
        self._flush()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._connection.close()

    def _received(self, message: bytes) -> None:
        event = self.session.receive(message, self._time.now_ns())
        if event is not None and self._tap is not None:
            self._tap.server_received(event)
        self._flush()

    def _due(self) -> None:
        self._armed = False
        self.session.advance(self._time.now_ns())
        self._flush()

    def _flush(self) -> None:
        """Send what the session has to say, then wait for its next deadline."""
        tap = self._tap
        entries = self.session.take_outbox()
        if not entries and self._armed:
            return  # nothing was said, so no deadline has moved
        for entry in entries:
            if isinstance(entry, Note):
                if tap is not None:
                    tap.server_noted(entry)
                continue
            if tap is not None:
                tap.server_sent(entry)
            self._connection.send(encode(entry))
        self._arm()

    def _arm(self) -> None:
        due_ns = self.session.next_deadline()
        if self._armed and due_ns == self._armed_ns:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._armed = True
        self._armed_ns = due_ns
        if due_ns is not None:
            self._timer = self._time.call_at_ns(due_ns, self._due)
