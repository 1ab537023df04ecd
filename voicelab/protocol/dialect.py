"""How a client and a session that speak different dialects understand each other.

A session speaks the GA dialect. A host passes each message through a `Dialect`, on
the way in and on the way out, and need not know which.
"""

from __future__ import annotations

from typing import Protocol


class Dialect(Protocol):
    """Translates whole messages, one at a time; remembers nothing."""

    @property
    def name(self) -> str:
        """What the dialect is called: `ga`, `beta`."""
        ...

    def client_to_ga(self, message: bytes) -> bytes:
        """Return a client's message as the session reads it.

        What cannot be translated is returned as it is: the session refuses it.
        """
        ...

    def ga_to_client(self, message: bytes) -> list[bytes]:
        """Return the messages, none to several, that tell the client what one says.

        Args:
            message: an event of the session, as `codec.encode` writes it.
        """
        ...


class GaDialect:
    """The GA dialect itself: nothing to translate."""

    name = "ga"

    def client_to_ga(self, message: bytes) -> bytes:
        """Return the message."""
        return message

    def ga_to_client(self, message: bytes) -> list[bytes]:
        """Return the message alone."""
        return [message]
