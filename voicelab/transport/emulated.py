"""A network put in front of a real connection, at the client's end."""

from __future__ import annotations

from voicelab.clock import Timebase
from voicelab.transport.connection import (
    Closing,
    Connection,
    HangUpListener,
    Receiver,
)
from voicelab.transport.link import Network
from voicelab.transport.memory import Direction


class EmulatedNetwork:
    """A connection that delays what passes through it as a network would.

    What the real connection takes comes on top.

    Args:
        inner: the real connection; nobody else uses it.
        time: the clock to run on.
        network: what lies between the client and the real connection.
    """

    def __init__(self, inner: Connection, time: Timebase, network: Network) -> None:
        self._outgoing = Direction(time, network.uplink)
        self._incoming = Direction(time, network.downlink)
        self._outgoing.receiver = inner.send
        self._outgoing.on_hang_up = inner.close
        inner.set_receiver(self._incoming.carry, self._incoming.carry_end)

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end."""
        self._incoming.receiver = receiver
        self._incoming.on_hang_up = on_hang_up

    def send(self, message: bytes) -> None:
        """Send a message; it reaches the real connection when it can."""
        self._outgoing.carry(message)

    def close(self, closing: Closing | None = None) -> None:
        """Hang up, once what was sent has left."""
        self._outgoing.carry_end(closing or Closing())
        self._incoming.drop()
