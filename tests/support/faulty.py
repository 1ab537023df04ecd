"""A pair of sessions with faults between them, every event held against the SDK."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from typing import Any, cast

from tests.support.session_pair import Event, Reply, SessionPair, spoken
from voicelab.faults import FaultySession, parse_fault
from voicelab.session.outbox import Note
from voicelab.session.server import ServerSession

AUDIO = "response.output_audio.delta"


def speech(pieces: int = 10, *, start_ms: int = 100, step_ms: int = 50) -> Reply:
    """Return a reply of 200 ms pieces, one every `step_ms`, each saying its number."""
    return [
        (start_ms + step_ms * index, spoken(200, f"w{index} ", value=100 + index))
        for index in range(pieces)
    ]


def burst(pieces: int = 10) -> Reply:
    """Return a reply that is there at once."""
    return speech(pieces, start_ms=0, step_ms=0)


class FaultyPair(SessionPair):
    """A pair with faults between its ends, written as on a command line."""

    def __init__(
        self, faults: Iterable[str], *args: Any, seed: int = 3, **kwargs: Any
    ) -> None:
        self._faults = [parse_fault(text) for text in faults]
        self._seed = seed
        super().__init__(*args, **kwargs)

    def _prepared(self, server: ServerSession) -> ServerSession:
        self.plain = server
        faulty = FaultySession(server, self._faults, self._seed)
        return cast("ServerSession", faulty)  # it is used as one

    @property
    def strikes(self) -> list[Note]:
        """Return the notes of what was done on purpose."""
        return self.noted("fault")

    def at_ms(self, kind: str) -> list[float]:
        """Return when the events of a type were sent."""
        pairs = zip(self.events, self.sent_at_ns, strict=True)
        return [t_ns / 1e6 for event, t_ns in pairs if event["type"] == kind]

    def audio(self) -> list[int]:
        """Return which pieces of audio came, by the numbers that `speech` gave."""
        return [_piece(event) for event in self.of(AUDIO)]


def _piece(event: Event) -> int:
    return int.from_bytes(b64decode(event["delta"])[:2], "little") - 100
