"""Runs a server session on a connection, under either clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from voicelab.clock import Timebase
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.codec import encode
from voicelab.protocol.server_events import ServerEvent
from voicelab.protocol.wire_errors import WireError
from voicelab.session.hosted import HostedSession
from voicelab.session.outbox import HangUp, Note
from voicelab.transport.connection import Closing, Connection


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
        on_late: told how late, in nanoseconds, each deadline was met; None if
            nobody asks. In virtual time it is always 0.
    """

    def __init__(
        self,
        session: HostedSession,
        connection: Connection,
        time: Timebase,
        tap: ServerTap | None = None,
        on_late: Callable[[int], None] | None = None,
    ) -> None:
        self.session = session
        self._connection = connection
        self._time = time
        self._tap = tap
        self._on_late = on_late
        self._timer: asyncio.TimerHandle | None = None
        self._armed = False
        self._armed_ns: int | None = None
        self._over = False

    def start(self) -> None:
        """Greet the client and take its messages from now on."""
        self._connection.set_receiver(self._received, self._hung_up)
        self.session.open(self._time.now_ns())
        self._flush()

    def wake(self) -> None:
        """Look again: something the session waits for has landed."""
        if not self._over:
            self.session.advance(self._time.now_ns())
            self._flush()

    def refuse(self, error: WireError) -> None:
        """Report a message that is not one of the protocol's at all."""
        if not self._over:
            self.session.refuse(error, self._time.now_ns())
            self._flush()

    def close(self, closing: Closing | None = None) -> None:
        """End the session and hang up; nothing happens the second time."""
        if not self._over:
            self._end()
            self._connection.close(closing)

    def _received(self, message: bytes) -> None:
        event = self.session.receive(message, self._time.now_ns())
        if event is not None and self._tap is not None:
            self._tap.server_received(event)
        self._flush()

    def _hung_up(self, closing: Closing) -> None:
        """The client is gone."""
        del closing
        if not self._over:
            self._end()

    def _end(self) -> None:
        """Let the session end, and take what it leaves for the record."""
        self.session.close(self._time.now_ns())
        self._flush()
        self._over = True
        self._disarm()

    def _due(self) -> None:
        self._armed = False
        now_ns = self._time.now_ns()
        if self._on_late is not None and self._armed_ns is not None:
            self._on_late(self._time.real_ns() - self._armed_ns)
        self.session.advance(now_ns)
        self._flush()

    def _flush(self) -> None:
        """Send what the session has to say, then wait for its next deadline."""
        tap = self._tap
        for entry in self.session.take_outbox():
            if isinstance(entry, Note):
                if tap is not None:
                    tap.server_noted(entry)
                continue
            if isinstance(entry, HangUp):
                self._over = True
                self._disarm()
                self._connection.close(Closing(entry.code, entry.reason))
                return
            if tap is not None:
                tap.server_sent(entry)
            self._connection.send(encode(entry))
        self._arm()

    def _arm(self) -> None:
        due_ns = self.session.next_deadline()
        if self._armed and due_ns == self._armed_ns:
            return
        self._disarm()
        self._armed = True
        self._armed_ns = due_ns
        if due_ns is not None:
            self._timer = self._time.call_at_ns(due_ns, self._due)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
