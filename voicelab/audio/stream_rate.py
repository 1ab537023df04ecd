"""Another rate for a stream, sample by sample and without drift.

What soxr gives out of a stream comes in bursts, tens of milliseconds late. Here, for
`n` samples that went in, `n * to / from` have come out at any moment, however the
stream was cut, and every sound comes out a known millisecond or so later.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np

from voicelab.audio.fir import Exact, Fir
from voicelab.audio.levels import saturated
from voicelab.audio.pcm import Samples

_CROSSINGS = 13  # of the kernel's zeros, on each side, at the lower of both rates
_BETA = 6.5  # of the Kaiser window: 65 dB
_MAX_FACTOR = 6
"""8 kHz to 48 kHz, or 16 to 24; more would be slow, and no leg needs it."""


class StreamRate:
    """Changes the rate of a stream; equal rates leave it as it is.

    Both rates are turned into a common multiple, low-passed at half the lower one
    (sounds up to 85 % of that pass whole, from 115 % on nothing does) and thinned out.

    Args:
        from_hz: the rate of what goes in.
        to_hz: the rate of what comes out.

    Raises:
        ValueError: the rates have no small common multiple.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        if max(self._up, self._down) > _MAX_FACTOR:
            raise ValueError(f"from {from_hz} to {to_hz} Hz there is no short way")
        # in samples of the common multiple, a period of the lower rate
        period = max(self._up, self._down)
        self._fir = Fir(_low_pass(period) * self._up)
        self._taken = 0
        equal = self._up == self._down
        self.delay_ns = 0 if equal else _CROSSINGS * 10**9 // min(from_hz, to_hz)
        """How much later a sound comes out, in nanoseconds."""

    def process(self, samples: Samples) -> Samples:
        """Return the stream's next samples at the other rate, int16."""
        if self._up == self._down:
            return samples
        stuffed = np.zeros(len(samples) * self._up, np.int16)
        stuffed[:: self._up] = samples
        first = -self._taken % self._down
        self._taken += len(stuffed)
        return saturated(self._fir.process(stuffed)[first :: self._down])[0]


@cache
def _low_pass(period: int) -> Exact:
    """Return a low-pass at half the rate whose period is given, with a gain of 1."""
    half = _CROSSINGS * period
    offset = np.arange(-half, half + 1)
    taps = np.sinc(offset / period) * np.kaiser(len(offset), _BETA)
    taps /= taps.sum()
    taps.flags.writeable = False
    return taps
