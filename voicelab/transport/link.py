"""What a network does to messages: delay, jitter and loss, drawn from a seed.

Loss is drawn for stretches of 10 ms of sending. Delay is drawn every 50 ms and passes
smoothly from one value to the next, as queues on the way fill and drain. Order is kept
as TCP keeps it: a message that is late, or lost and sent again, holds up all that
follow it (head-of-line blocking), and then they arrive together. A link may also stand
still now and then, as radio does that changes cells: for that time nothing arrives.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from statistics import NormalDist

from voicelab.units import NS_PER_MS, ms_to_ns

MIN_RETRANSMISSION_MS = 200
"""A lost segment is sent again after this long at the earliest: the minimum
retransmission timeout of Linux (`TCP_RTO_MIN`); RFC 6298 would allow a second. Each
further loss of the same segment doubles the timeout (RFC 6298, section 5.5)."""


_LOSS_STRETCH_NS = 10 * NS_PER_MS
_DELAY_STRETCH_NS = 50 * NS_PER_MS
_MASK_64 = (1 << 64) - 1
_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class BurstSettings:
    """A link that stands still now and then, and delivers all at once after it.

    Attributes:
        every_ms: it does once in each stretch of this length, at an instant drawn
            evenly from it.
        lasts_ms: for how long; shorter than `every_ms`.
    """

    every_ms: float
    lasts_ms: float


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """One direction of a link.

    Attributes:
        delay_ms: mean one-way delay.
        jitter_ms: standard deviation of the delay, which is normal and never below
            zero (Linux's `netem` with `distribution normal`).
        loss_rate: share of messages lost, each of which is sent again, from 0 to 1.
        bursts: when messages are held up; None if never.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss_rate: float = 0.0
    bursts: BurstSettings | None = None


class Link:
    """Decides when each message of one direction arrives.

    What the network is like is drawn for stretches of time, not message by message:
    one message more or less changes nothing for the others, and one sent a little
    later takes almost as long. So two runs that differ in one setting, or in their
    clock, meet the same network, and comparing them compares the setting.

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
        bursts = settings.bursts
        self._stalls = None if bursts is None else _Stalls(bursts, f"{seed}/bursts")
        self._zero_ns = 0
        self._last_ns = 0
        self._real_ns = 0
        self._stretch: tuple[int, float, float] = (-1, 0.0, 0.0)
        self.lost = 0

    def set_zero(self, zero_ns: int) -> None:
        """Say from which instant the stretches count; at first it is the clock's 0.

        Runs that begin at different instants of their clocks meet the same network
        if each says when it begins.
        """
        self._zero_ns = zero_ns
        self._stretch = (-1, 0.0, 0.0)

    def set_real_delay(self, delay_ns: int) -> None:
        """Say what a real link adds to this one, to be taken off its delay."""
        self._real_ns = delay_ns

    @property
    def disturbs(self) -> bool:
        """Whether it does anything to a message."""
        steady = self._stalls is None and not (self._jitter_ns or self._loss_rate)
        return bool(self._delay_ns) or not steady

    def arrival_ns(self, sent_ns: int) -> int:
        """Return when a message sent at `sent_ns` arrives."""
        since_ns = sent_ns - self._zero_ns
        arrival_ns = sent_ns + self._delay_ns - self._real_ns
        if self._jitter_ns:
            jitter_ns = round(self._jitter_at(since_ns) * self._jitter_ns)
            arrival_ns += jitter_ns
        if self._loss_rate:
            chance = self._losses.at(since_ns // _LOSS_STRETCH_NS)
            arrival_ns += self._sent_again_ns(chance)
        if self._stalls is not None:
            moves_ns = self._stalls.end_ns(arrival_ns - self._zero_ns)
            arrival_ns = moves_ns + self._zero_ns
        self._last_ns = max(self._last_ns, arrival_ns, sent_ns)
        return self._last_ns

    def _jitter_at(self, since_ns: int) -> float:
        """Return a standard normal number that changes smoothly with time.

        It is the mean of the numbers at the stretch's two ends, weighted by how
        near they are, and scaled to keep its variance.
        """
        index, within_ns = divmod(since_ns, _DELAY_STRETCH_NS)
        known, start, end = self._stretch
        if known != index:
            start, end = self._normal(index), self._normal(index + 1)
            self._stretch = (index, start, end)
        share = within_ns / _DELAY_STRETCH_NS
        mean = start + share * (end - start)
        return mean / math.sqrt(share * share + (1.0 - share) * (1.0 - share))

    def _normal(self, index: int) -> float:
        return _STANDARD_NORMAL.inv_cdf(self._delays.at(index))

    def _sent_again_ns(self, chance: float) -> int:
        """Return how much later a message comes that is lost so many times."""
        spent_ns, timeout_ns, rate = 0, self._retransmission_ns, self._loss_rate
        while chance < rate:
            self.lost += 1
            spent_ns += timeout_ns
            timeout_ns *= 2
            rate *= self._loss_rate
        return spent_ns


class _Stalls:
    """When a link stands still: once in each stretch of time."""

    def __init__(self, settings: BurstSettings, seed: str) -> None:
        self._every_ns = ms_to_ns(settings.every_ms)
        self._lasts_ns = ms_to_ns(settings.lasts_ms)
        self._starts = _TimeNoise(seed)

    def end_ns(self, t_ns: int) -> int:
        """Return the first instant from `t_ns` on at which the link moves.

        A stall may reach into the next stretch, and meet that one's own.
        """
        index = t_ns // self._every_ns
        for stretch in (index - 1, index):
            start_ns = stretch * self._every_ns
            start_ns += int(self._starts.at(stretch) * self._every_ns)
            if start_ns <= t_ns < start_ns + self._lasts_ns:
                return self.end_ns(start_ns + self._lasts_ns)
        return t_ns


class _TimeNoise:
    """A number between 0 and 1, both excluded, for each stretch of time, by index.

    The numbers are those of SplitMix64 (Steele, Lea and Flood 2014), which gives the
    n-th of them directly.
    """

    def __init__(self, seed: str) -> None:
        digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
        self._start = int.from_bytes(digest, "big")

    def at(self, index: int) -> float:
        """Return the number of a stretch."""
        z = (self._start + (index + 1) * 0x9E3779B97F4A7C15) & _MASK_64
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK_64
        return (((z ^ (z >> 31)) >> 11) + 0.5) / 2**53


class Network:
    """Both directions between a client and a server.

    Args:
        uplink: from client to server.
        downlink: from server to client.
        seed: of all that is drawn; the directions do not share draws.
    """

    def __init__(
        self,
        uplink: LinkSettings | None = None,
        downlink: LinkSettings | None = None,
        *,
        seed: int = 0,
    ) -> None:
        self.uplink = Link(uplink or LinkSettings(), f"{seed}/uplink")
        self.downlink = Link(downlink or LinkSettings(), f"{seed}/downlink")

    @property
    def is_transparent(self) -> bool:
        """Whether nothing is done to any message."""
        return not (self.uplink.disturbs or self.downlink.disturbs)

    def set_real_round_trip(self, round_trip_ns: int) -> None:
        """Say how long a real network takes both ways: half of it is one way's."""
        self.uplink.set_real_delay(round_trip_ns // 2)
        self.downlink.set_real_delay(round_trip_ns // 2)

    def set_zero(self, zero_ns: int) -> None:
        """Say when the conversation begins; see `Link.set_zero`."""
        self.uplink.set_zero(zero_ns)
        self.downlink.set_zero(zero_ns)
