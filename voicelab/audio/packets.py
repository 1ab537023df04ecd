"""Audio packets that are lost, and what is played in their place.

Losses come in bursts, by the model of Gilbert (1960): a chain of two states, in one of
which every packet is lost. Its two chances follow from the share of packets lost and
the mean length of a burst.

Concealment by repetition follows ITU-T G.711 Appendix I (09/1999) in spirit: the last
pitch period before the gap goes on, for 10 ms as it is, then fading until it is silent
60 ms into the gap; behind the gap it fades over into what arrives. Unlike there,
nothing is delayed, so the gap's beginning is not smoothed, and the period that is
repeated does not grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from voicelab.audio.fir import Exact
from voicelab.audio.pcm import Samples
from voicelab.audio.seeding import generator

Concealment = Literal["none", "repeat"]

PACKET_MS = 20
"""The length of a packet: the default of RTP audio (RFC 3551, section 4.2)."""

_MIN_PITCH_MS = 5
_MAX_PITCH_MS = 15
_MATCH_MS = 20
_HISTORY_MS = _MAX_PITCH_MS + _MATCH_MS
_WHOLE_MS = 10
_SILENT_MS = 60
"""Appendix I: pitch from 200 down to 66 Hz, found by matching the last 20 ms; no fading
in the first 10 ms, then 20 % each 10 ms."""

_JOIN_MS = 4
_MAX_JOIN_MS = 10
"""Appendix I: the fade at the gap's end lasts a quarter of a period, and 4 ms more for
each further 10 ms of the gap, 10 ms at most."""


@dataclass(frozen=True, slots=True)
class PacketSettings:
    """What happens to packets.

    Attributes:
        loss_rate: the share of packets lost, from 0 up to, not including, 1.
        burst_ms: the mean length of a gap; None if packets are lost independently.
        concealment: what is played in a gap: silence (`none`), or the last pitch
            period again and again (`repeat`).
    """

    loss_rate: float = 0.0
    burst_ms: float | None = None
    concealment: Concealment = "none"


class Losses:
    """Says of each packet in turn whether it is lost.

    Args:
        settings: how many, and in what bursts.
        seed: any string; equal seeds and settings give equal losses.
    """

    def __init__(self, settings: PacketSettings, seed: str) -> None:
        rate = settings.loss_rate
        if settings.burst_ms is None:
            self._begins = rate
            self._goes_on = rate
        else:
            ends = min(PACKET_MS / settings.burst_ms, 1.0)
            self._goes_on = 1.0 - ends
            self._begins = min(rate * ends / (1.0 - rate), 1.0)
        self._random = generator(f"{seed}/packets")
        self._lost = bool(self._random.random() < rate)  # the chain is under way

    def next(self) -> bool:
        """Return whether the next packet is lost."""
        chance = self._goes_on if self._lost else self._begins
        self._lost = bool(self._random.random() < chance)
        return self._lost


class PacketStage:
    """Carries audio in packets, some of which do not arrive.

    Args:
        settings: how many are lost, and what is played instead.
        rate_hz: the rate of the audio.
        seed: any string.

    Attributes:
        packets: how many packets have begun.
        lost: how many of them were lost.
    """

    def __init__(self, settings: PacketSettings, rate_hz: int, seed: str) -> None:
        self._losses = Losses(settings, seed)
        self._conceals = settings.concealment == "repeat"
        self._rate_hz = rate_hz
        self._packet_samples = PACKET_MS * rate_hz // 1000
        self._left = 0  # samples, of the packet that has begun
        self._gap: _Gap | None = None
        self._joining = 0  # samples since the last gap
        self._played: Samples = np.zeros(_HISTORY_MS * rate_hz // 1000, np.int16)
        self._lost = False
        self.packets = 0
        self.lost = 0

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        out = samples.copy()
        at = 0
        while at < len(out):
            if not self._left:
                self._begin_packet()
            count = min(self._left, len(out) - at)
            self._carry(out[at : at + count])
            self._remember(out[at : at + count])
            self._left -= count
            at += count
        return out

    def _begin_packet(self) -> None:
        was_lost, self._lost = self._lost, self._losses.next()
        self.packets += 1
        self.lost += self._lost
        self._left = self._packet_samples
        self._joining = 0
        if self._lost and not was_lost and self._conceals:
            self._gap = _Gap(self._played, self._rate_hz)

    def _carry(self, piece: Samples) -> None:
        """Put into a part of a packet what is played for it."""
        if self._lost:
            piece[:] = 0 if self._gap is None else self._gap.take(len(piece))
        elif self._gap is not None:
            count = min(self._gap.join_samples - self._joining, len(piece))
            piece[:count] = self._gap.join(piece[:count], self._joining)
            self._joining += count
            if self._joining == self._gap.join_samples:
                self._gap = None

    def _remember(self, piece: Samples) -> None:
        if self._conceals:
            line = np.concatenate([self._played, piece])
            self._played = line[-len(self._played) :]


class _Gap:
    """What goes on through one gap, made from what was played before it.

    Args:
        played: what was played, to the gap's first sample.
        rate_hz: its rate.
    """

    def __init__(self, played: Samples, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._period = played[-_pitch_samples(played, rate_hz) :].astype(np.float64)
        self._taken = 0

    @property
    def join_samples(self) -> int:
        """How long it is faded over into what arrives behind the gap."""
        further_ms = max(self._taken_ms() - 10.0, 0.0)
        own_ms = len(self._period) * 250 / self._rate_hz
        join_ms = min(own_ms + _JOIN_MS * further_ms / 10, _MAX_JOIN_MS)
        return round(join_ms * self._rate_hz / 1000)

    def take(self, count: int) -> Samples:
        """Return the next samples of the gap."""
        taken = self._at(self._taken, count)
        self._taken += count
        return np.rint(taken).astype(np.int16)

    def join(self, arrived: Samples, since: int) -> Samples:
        """Return samples from `since` behind the gap on, faded over."""
        goes_on = self._at(self._taken + since, len(arrived))
        share = (since + 1 + np.arange(len(arrived))) / (self.join_samples + 1)
        mixed = share * arrived + (1.0 - share) * goes_on
        return np.rint(mixed).astype(np.int16)

    def _at(self, start: int, count: int) -> Exact:
        index = np.arange(start, start + count)
        faded_ms = index * 1000 / self._rate_hz - _WHOLE_MS
        loud = np.clip(1.0 - faded_ms / (_SILENT_MS - _WHOLE_MS), 0.0, 1.0)
        return np.asarray(loud * self._period[index % len(self._period)])

    def _taken_ms(self) -> float:
        return self._taken * 1000 / self._rate_hz


def _pitch_samples(played: Samples, rate_hz: int) -> int:
    """Return the lag at which the last 20 ms match best what was before them.

    It is that of the largest normalised cross-correlation, the shortest of equals.
    """
    low, high = (ms * rate_hz // 1000 for ms in (_MIN_PITCH_MS, _MAX_PITCH_MS))
    count = _MATCH_MS * rate_hz // 1000
    line = played[-(count + high) :].astype(np.float64)
    last = line[-count:]
    matches = np.correlate(line, last, "valid")[::-1]  # [lag], from 0 to `high`
    energy = np.convolve(line * line, np.ones(count), "valid")[::-1]
    likeness = matches[low:] / np.sqrt(np.maximum(energy[low:], 1.0))
    return low + int(np.argmax(likeness))
