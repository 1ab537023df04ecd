"""What the caller says before the session is up."""

from __future__ import annotations

from collections import deque

EARLY_BYTES = 1 << 20
"""How much of it is kept: ten seconds of 48 kHz, two minutes of telephone."""


class EarlyAudio:
    """Keeps the newest audio with the instants at which it came; older gives way.

    Args:
        most_bytes: how much is kept.
    """

    def __init__(self, most_bytes: int = EARLY_BYTES) -> None:
        self._most_bytes = most_bytes
        self._pieces: deque[tuple[int, bytes]] = deque()
        self._bytes = 0

    def add(self, now_ns: int, data: bytes) -> None:
        """Keep a piece."""
        self._pieces.append((now_ns, data))
        self._bytes += len(data)
        while self._bytes > self._most_bytes:
            self._bytes -= len(self._pieces.popleft()[1])

    def take(self) -> list[tuple[int, bytes]]:
        """Return what was kept, each piece with its instant, and forget it."""
        pieces = list(self._pieces)
        self._pieces.clear()
        self._bytes = 0
        return pieces
