"""A network put in front of a real connection, at the client's end."""

from __future__ import annotations

from voicelab.clock import Timebase
from voicelab.transport.connection import Connection
from voicelab.transport.link import Network
from voicelab.transport.memory import Direction, MemoryConnection


class EmulatedNetwork(MemoryConnection):
    """A connection that delays what passes through it as a network would.

    What the real connection takes comes on top, as far as the network has not been
    told of it (`Network.set_real_round_trip`).

    Args:
        inner: the real connection; nobody else uses it.
        time: the clock to run on.
        network: what lies between the client and the real connection.
    """

    def __init__(self, inner: Connection, time: Timebase, network: Network) -> None:
        outgoing = Direction(time, network.uplink)
        incoming = Direction(time, network.downlink)
        super().__init__(outgoing, incoming)
        outgoing.receiver = inner.send
        outgoing.on_hang_up = inner.close
        inner.set_receiver(incoming.carry, incoming.carry_end)
