"""When each event of a session is due: what a server does that takes no time.

The session is the server's own, driven without clock and socket by the same messages;
everything that it says is said at the instant that causes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.soak.callers import FRAME_NS, SESSION, Caller
from voicelab.protocol.codec import encode, wire_type
from voicelab.serve.admission import Admission
from voicelab.serve.sessions import SessionSource
from voicelab.session.config import DEFAULT_MODEL
from voicelab.session.hosted import HostedSession
from voicelab.session.outbox import HangUp, Note
from voicelab.units import NS_PER_S

Key: TypeAlias = tuple[str, str, int]
"""An event's type, its response or item, and how many like it came before."""

TAIL_NS = 8 * NS_PER_S
"""How long after the last frame its consequences may still come: a whole reply."""

BEFORE_THE_FIRST = -1
"""The cause of what is said before any audio was sent: the session's update."""


@dataclass(frozen=True, slots=True)
class Due:
    """When an event is due.

    Attributes:
        cause: the frame that decides it, or started the response it belongs to.
        after_ns: how long after that frame was sent.
    """

    cause: int
    after_ns: int


class Naming:
    """Gives each event of one session its key, in the order they come."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def key(self, event_type: str, owner: str) -> Key:
        """Return the key of the next event."""
        self._seen[event_type, owner] += 1
        return event_type, owner, self._seen[event_type, owner]


def expected_events(
    sessions: SessionSource, ordinal: int, caller: Caller, frame_count: int
) -> dict[Key, Due]:
    """Return when each event of a server's n-th session is due.

    Args:
        sessions: what the server makes its sessions with.
        ordinal: how many sessions there were before.
        caller: who calls; they say everything again after the last frame.
        frame_count: how many frames they send.
    """
    made = sessions.session(ordinal, Admission(DEFAULT_MODEL))
    return _Drive(made.hosted).run(caller, frame_count)


class _Drive:
    """Sends the frames to a session, each at its instant."""

    def __init__(self, session: HostedSession) -> None:
        self._session = session
        self._naming = Naming()
        self._due: dict[Key, Due] = {}
        self._cause = BEFORE_THE_FIRST
        self._causes: dict[str, int] = {}  # of responses and items

    def run(self, caller: Caller, frame_count: int) -> dict[Key, Due]:
        session = self._session
        session.open(0)
        session.receive(encode(SESSION), 0)
        self._take(0, BEFORE_THE_FIRST)
        for frame in range(frame_count):
            now_ns = (frame + 1) * FRAME_NS
            self._advance_to(now_ns)
            session.receive(caller.messages[frame % len(caller.messages)], now_ns)
            self._take(now_ns, frame)
        self._advance_to(frame_count * FRAME_NS + TAIL_NS)
        return self._due

    def _advance_to(self, now_ns: int) -> None:
        session = self._session
        while (due_ns := session.next_deadline()) is not None and due_ns < now_ns:
            session.advance(due_ns)
            self._take(due_ns, None)

    def _take(self, now_ns: int, frame: int | None) -> None:
        """Take what is said because of a frame, or because its time has come."""
        for entry in self._session.take_outbox():
            if isinstance(entry, Note | HangUp):
                continue
            owner = _owner(entry)
            if frame is None:
                cause = self._causes.get(owner, self._cause)
            else:
                cause = self._cause = frame
            for name in _names(entry):
                self._causes.setdefault(name, cause)
            after_ns = now_ns - (cause + 1) * FRAME_NS
            key = self._naming.key(wire_type(entry), owner)
            self._due[key] = Due(cause, after_ns)


def _owner(event: Any) -> str:
    """Return the response that an event belongs to, or else its item."""
    return next(_names(event), "")


def _names(event: Any) -> Iterator[str]:
    """Yield the response and the item that an event speaks of."""
    for name in ("response_id", "item_id"):
        if hasattr(event, name):
            yield getattr(event, name)
    for name in ("response", "item"):
        if hasattr(event, name):
            yield getattr(event, name).id
