"""Identifiers: deterministic, unique within a source, cheap."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import count

STEM_BYTES = 5


class IdSource:
    """Hands out identifiers that depend on the seed and on nothing else.

    Every kind counts for itself, so an extra event does not rename the items
    after it.

    Args:
        seed: any integer; equal seeds give equal identifiers.
        owner: tells apart sources that share a seed, such as the two ends of
            a session.
    """

    __slots__ = (
        "_calls",
        "_conversations",
        "_events",
        "_items",
        "_responses",
        "_sessions",
    )

    def __init__(self, seed: int, owner: str = "") -> None:
        source = f"{owner}:{seed}".encode()
        stem = blake2b(source, digest_size=STEM_BYTES).hexdigest()
        self._events = _numbered(f"event_{stem}")
        self._items = _numbered(f"item_{stem}")
        self._responses = _numbered(f"resp_{stem}")
        self._sessions = _numbered(f"sess_{stem}")
        self._conversations = _numbered(f"conv_{stem}")
        self._calls = _numbered(f"call_{stem}")

    def event(self) -> str:
        """Return the next `event_...`."""
        return next(self._events)

    def item(self) -> str:
        """Return the next `item_...`."""
        return next(self._items)

    def response(self) -> str:
        """Return the next `resp_...`."""
        return next(self._responses)

    def session(self) -> str:
        """Return the next `sess_...`."""
        return next(self._sessions)

    def conversation(self) -> str:
        """Return the next `conv_...`."""
        return next(self._conversations)

    def call(self) -> str:
        """Return the next `call_...`."""
        return next(self._calls)


def _numbered(stem: str) -> Iterator[str]:
    return (f"{stem}{number:06d}" for number in count())
