"""A link in memory, with the delay, jitter and loss of a real one.

Each message draws its own delay. Order is kept as TCP keeps it: a message that is
late, or lost and sent again, holds up all that follow it (head-of-line blocking),
and then they arrive together.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from voicelab.clock import Timebase
from voicelab.transport.connection import Receiver
from voicelab.units import NS_PER_MS, ms_to_ns

MIN_RETRANSMISSION_MS = 200
"""A lost segment is sent again after this long at the earliest: the minimum
retransmission timeout of Linux (`TCP_RTO_MIN`); RFC 6298 would allow a second. Each
further loss of the same segment doubles the timeout (RFC 6298, section 5.5)."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """One direction of a link.

    Attributes:
        delay_ms: mean one-way delay.
        jitter_ms: standard deviation of the delay, which is normal and never below
            zero (Linux's `netem` with `distribution normal`).
        loss_rate: share of messages lost, each of which is sent again, from 0 to 1.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss_rate: float = 0.0


class Link:
    """Decides when each message of one direction arrives.

    Args:
        settings: the direction's delay, jitter and loss.
        seed: any string; equal seeds and equal sendings give equal arrivals.
    """

    def __init__(self, settings: LinkSettings, seed: str) -> None:
        self._delay_ns = ms_to_ns(settings.delay_ms)
        self._jitter_ns = ms_to_ns(settings.jitter_ms)
        self._loss_rate = settings.loss_rate
        self._retransmission_ns = max(
            MIN_RETRANSMISSION_MS * NS_PER_MS, 2 * self._delay_ns
        )
        # random.Random is stable across platforms and versions for these draws
        self._delays = random.Random(f"{seed}/delay")  # noqa: S311
        self._losses = random.Random(f"{seed}/loss")  # noqa: S311
        self._last_ns = 0
        self.lost = 0

    def arrival_ns(self, sent_ns: int) -> int:
        """Return when a message sent at `sent_ns` arrives."""
        arrival_ns = sent_ns + self._delay_ns
        if self._jitter_ns:
            delay_ns = round(self._delays.gauss(self._delay_ns, self._jitter_ns))
            arrival_ns = sent_ns + max(delay_ns, 0)
        if self._loss_rate:
            timeout_ns = self._retransmission_ns
            while self._losses.random() < self._loss_rate:
                self.lost += 1
                arrival_ns += timeout_ns
                timeout_ns *= 2
        self._last_ns = max(self._last_ns, arrival_ns)
        return self._last_ns


class _Direction:
    """Messages under way in one direction, and who takes them."""

    def __init__(self, time: Timebase, link: Link) -> None:
        self.link = link
        self.receiver: Receiver | None = None
        self.open = True
        self._time = time
        self._under_way: deque[bytes] = deque()

    def carry(self, message: bytes) -> None:
        """Let a message arrive when it can; once closed it goes nowhere."""
        if self.open:
            arrival_ns = self.link.arrival_ns(self._time.now_ns())
            self._under_way.append(message)
            self._time.call_at_ns(arrival_ns, self._deliver)

    def close(self) -> None:
        """Carry nothing any more; what is under way is lost."""
        self.open = False
        self.receiver = None
        self._under_way.clear()

    def _deliver(self) -> None:
        if self.open:
            message = self._under_way.popleft()
            if self.receiver is not None:
                self.receiver(message)


class MemoryConnection:
    """One end of a link in memory; made in pairs by `memory_pair`."""

    def __init__(self, outgoing: _Direction, incoming: _Direction) -> None:
        self._outgoing = outgoing
        self._incoming = incoming

    @property
    def lost(self) -> int:
        """How many messages sent from this end were lost and sent again."""
        return self._outgoing.link.lost

    def set_receiver(self, receiver: Receiver) -> None:
        """Say who takes the messages that arrive at this end."""
        self._incoming.receiver = receiver

    def send(self, message: bytes) -> None:
        """Send a message; after `close`, at either end, it goes nowhere."""
        self._outgoing.carry(message)

    def close(self) -> None:
        """Hang up, for both ends; what is under way is lost."""
        self._outgoing.close()
        self._incoming.close()


def memory_pair(
    time: Timebase,
    uplink: LinkSettings | None = None,
    downlink: LinkSettings | None = None,
    *,
    seed: int = 0,
) -> tuple[MemoryConnection, MemoryConnection]:
    """Return the client's and the server's end of a new link."""
    up = _Direction(time, Link(uplink or LinkSettings(), f"{seed}/uplink"))
    down = _Direction(time, Link(downlink or LinkSettings(), f"{seed}/downlink"))
    return MemoryConnection(up, down), MemoryConnection(down, up)
