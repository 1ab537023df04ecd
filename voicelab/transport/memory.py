"""A link in memory, with the delay, jitter and loss of a real one.

Delay and loss are drawn for each 10 ms of sending. Order is kept as TCP keeps it: a
message that is late, or lost and sent again, holds up all that follow it
(head-of-line blocking), and then they arrive together.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from statistics import NormalDist

from voicelab.clock import Timebase
from voicelab.transport.connection import Closing, HangUpListener, Receiver
from voicelab.units import NS_PER_MS, ms_to_ns

MIN_RETRANSMISSION_MS = 200
"""A lost segment is sent again after this long at the earliest: the minimum
retransmission timeout of Linux (`TCP_RTO_MIN`); RFC 6298 would allow a second. Each
further loss of the same segment doubles the timeout (RFC 6298, section 5.5)."""


_STRETCH_NS = 10 * NS_PER_MS
_MASK_64 = (1 << 64) - 1
_STANDARD_NORMAL = NormalDist()


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

    What the network is like is drawn for stretches of time, not message by message:
    one message more or less changes nothing for the others. So two runs that differ
    in one setting meet the same network, and comparing them compares the setting.

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
        self._delays = _TimeNoise(f"{seed}/delay")
        self._losses = _TimeNoise(f"{seed}/loss")
        self._last_ns = 0
        self.lost = 0

    def arrival_ns(self, sent_ns: int) -> int:
        """Return when a message sent at `sent_ns` arrives."""
        arrival_ns = sent_ns + self._delay_ns
        if self._jitter_ns:
            jitter = _STANDARD_NORMAL.inv_cdf(self._delays.at(sent_ns))
            arrival_ns = max(arrival_ns + round(jitter * self._jitter_ns), sent_ns)
        if self._loss_rate:
            arrival_ns += self._sent_again_ns(self._losses.at(sent_ns))
        self._last_ns = max(self._last_ns, arrival_ns)
        return self._last_ns

    def _sent_again_ns(self, chance: float) -> int:
        """Return how much later a message comes that is lost so many times."""
        spent_ns, timeout_ns, rate = 0, self._retransmission_ns, self._loss_rate
        while chance < rate:
            self.lost += 1
            spent_ns += timeout_ns
            timeout_ns *= 2
            rate *= self._loss_rate
        return spent_ns


class _TimeNoise:
    """A number between 0 and 1, both excluded, for each stretch of time.

    The numbers are those of SplitMix64 (Steele, Lea and Flood 2014), which gives the
    n-th of them directly.
    """

    def __init__(self, seed: str) -> None:
        digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
        self._start = int.from_bytes(digest, "big")

    def at(self, t_ns: int) -> float:
        """Return the number of the stretch in which `t_ns` lies."""
        z = (self._start + (t_ns // _STRETCH_NS + 1) * 0x9E3779B97F4A7C15) & _MASK_64
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK_64
        return (((z ^ (z >> 31)) >> 11) + 0.5) / 2**53


class _Direction:
    """Messages under way in one direction, and who takes them."""

    def __init__(self, time: Timebase, link: Link) -> None:
        self.link = link
        self.receiver: Receiver | None = None
        self.on_hang_up: HangUpListener | None = None
        self.open = True
        self._time = time
        self._under_way: deque[bytes] = deque()

    def carry(self, message: bytes) -> None:
        """Let a message arrive when it can; once closed it goes nowhere."""
        if self.open:
            arrival_ns = self.link.arrival_ns(self._time.now_ns())
            self._under_way.append(message)
            self._time.call_at_ns(arrival_ns, self._deliver)

    def carry_end(self, closing: Closing) -> None:
        """Let the end arrive after what was sent before it."""
        if self.open:
            self.open = False
            arrival_ns = self.link.arrival_ns(self._time.now_ns())
            self._time.call_at_ns(arrival_ns, self._end, closing)

    def drop(self) -> None:
        """Carry and deliver nothing any more; what is under way is lost."""
        self.open = False
        self.receiver = None
        self.on_hang_up = None
        self._under_way.clear()

    def _deliver(self) -> None:
        if self._under_way:
            message = self._under_way.popleft()
            if self.receiver is not None:
                self.receiver(message)

    def _end(self, closing: Closing) -> None:
        listener = self.on_hang_up
        self.drop()
        if listener is not None:
            listener(closing)


class MemoryConnection:
    """One end of a link in memory; made in pairs by `memory_pair`."""

    def __init__(self, outgoing: _Direction, incoming: _Direction) -> None:
        self._outgoing = outgoing
        self._incoming = incoming

    @property
    def lost(self) -> int:
        """How many messages sent from this end were lost and sent again."""
        return self._outgoing.link.lost

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
