"""A link in memory, with the delay, jitter and loss of a real one."""

from __future__ import annotations

from collections import deque

from voicelab.clock import Timebase
from voicelab.transport.connection import Closing, HangUpListener, Receiver
from voicelab.transport.link import Link, Network


class Direction:
    """Messages under way in one direction, and who takes them."""

    def __init__(self, time: Timebase, link: Link) -> None:
        self.link = link
        self.receiver: Receiver | None = None
        self.on_hang_up: HangUpListener | None = None
        self.open = True
        self._time = time
        self._under_way: deque[bytes | Closing] = deque()

    def carry(self, message: bytes) -> None:
        """Let a message arrive when it can; once closed it goes nowhere."""
        if self.open:
            self._put(message)

    def carry_end(self, closing: Closing) -> None:
        """Let the end arrive after what was sent before it."""
        if self.open:
            self._put(closing)
            self.open = False

    def drop(self) -> None:
        """Carry and deliver nothing any more; what is under way is lost."""
        self.open = False
        self.receiver = None
        self.on_hang_up = None
        self._under_way.clear()

    def _put(self, thing: bytes | Closing) -> None:
        arrival_ns = self.link.arrival_ns(self._time.now_ns())
        self._under_way.append(thing)
        self._time.call_at_ns(arrival_ns, self._deliver)

    def _deliver(self) -> None:
        """Deliver the oldest; timers of one instant may fire in any order."""
        if not self._under_way:
            return
        thing = self._under_way.popleft()
        if isinstance(thing, Closing):
            listener = self.on_hang_up
            self.drop()
            if listener is not None:
                listener(thing)
        elif self.receiver is not None:
            self.receiver(thing)


class MemoryConnection:
    """One end of a link in memory; made in pairs by `memory_pair`."""

    def __init__(self, outgoing: Direction, incoming: Direction) -> None:
        self._outgoing = outgoing
        self._incoming = incoming

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end."""
        self._incoming.receiver = receiver
        self._incoming.on_hang_up = on_hang_up

    def send(self, message: bytes) -> None:
        """Send a message; after `close`, at either end, it goes nowhere."""
        self._outgoing.carry(message)

    def close(self, closing: Closing | None = None) -> None:
        """Hang up: the other end hears of it after what was sent before."""
        self._outgoing.carry_end(closing or Closing())
        self._incoming.drop()


def memory_pair(
    time: Timebase, network: Network | None = None
) -> tuple[MemoryConnection, MemoryConnection]:
    """Return the client's and the server's end of a new link over a network."""
    network = network or Network()
    up, down = Direction(time, network.uplink), Direction(time, network.downlink)
    return MemoryConnection(up, down), MemoryConnection(down, up)
