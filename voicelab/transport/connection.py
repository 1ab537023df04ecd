"""What a session needs of the thing that carries its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voicelab.protocol.close_codes import CLOSE_NORMAL

Receiver = Callable[[bytes], None]
"""Takes one whole text message, at the instant of its arrival."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a connection ended.

    Attributes:
        code: the WebSocket close code.
        reason: what the close frame said, or what broke the connection.
    """

    code: int = CLOSE_NORMAL
    reason: str = ""

    def __str__(self) -> str:
        said = f": {self.reason}" if self.reason else ""
        return f"close code {self.code}{said}"


HangUpListener = Callable[[Closing], None]
"""Takes note that the other end, or the link, ended the connection; called once."""


class Connection(Protocol):
    """One end of a two-way, ordered link that carries whole messages."""

    def send(self, message: bytes) -> None:
        """Send a message; it arrives whole, once, and in order.

        Once the connection is closed it goes nowhere.
        """
        ...

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end.

        The listener is not called for this end's own `close`.
        """
        ...

    def close(self, closing: Closing | None = None) -> None:
        """Hang up: what was sent still arrives, nothing is received any more."""
        ...
