"""What a session needs of the thing that carries its messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Receiver = Callable[[bytes], None]
"""Takes one whole message, at the instant of its arrival."""


class Connection(Protocol):
    """One end of a two-way, ordered link that carries whole messages."""

    def send(self, message: bytes) -> None:
        """Send a message; it arrives whole, once, and in order."""
        ...

    def set_receiver(self, receiver: Receiver) -> None:
        """Say who takes the messages that arrive at this end."""
        ...

    def close(self) -> None:
        """Hang up: nothing is sent or received any more."""
        ...
