"""The telephone's band: 300 to 3400 Hz.

A Kaiser-windowed band-pass, turned into its minimum-phase twin: the same magnitude at
the least delay, as the analogue filters of a telephone have it. Within the band the
gain is flat to 0.1 dB, and from 400 to 3000 Hz what passes is less than 1 ms late;
mains hum (50 and 60 Hz) and all from 3.8 kHz on is down by more than 50 dB. That is
better than the limits of ITU-T G.712 (11/2001) for one channel of a telephone exchange.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from voicelab.audio.fir import Exact, Fir
from voicelab.audio.levels import saturated
from voicelab.audio.pcm import Samples

LOW_HZ = 300
HIGH_HZ = 3400
"""Between these a telephone channel passes (ITU-T G.712)."""

_SKIRT_HZ = 200  # between where the band ends and where it is shut
_BETA = 4.5  # of the Kaiser window: some 50 dB
_TAPS_TIMES_SKIRT = 3.0  # n = 3.0 * rate / skirt: Kaiser's formula for 50 dB
_FLOOR = 1e-4  # of the magnitude, whose logarithm must exist
_POINTS = 1 << 14


class TelephoneBand:
    """Passes what a telephone does.

    Args:
        rate_hz: the rate of the audio, at least 8,000.
    """

    def __init__(self, rate_hz: int) -> None:
        self._fir = Fir(_taps(rate_hz))

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        return saturated(self._fir.process(samples))[0]


@cache
def _taps(rate_hz: int) -> Exact:
    taps = _minimum_phase(_linear_phase(rate_hz))
    taps.flags.writeable = False
    return taps


def _linear_phase(rate_hz: int) -> Exact:
    """Return a band-pass whose edges lie half a skirt outside the band."""
    half = round(_TAPS_TIMES_SKIRT * rate_hz / _SKIRT_HZ) // 2
    offset = np.arange(-half, half + 1)

    def low_pass(cutoff_hz: float) -> Exact:
        share = 2 * cutoff_hz / rate_hz
        return np.asarray(share * np.sinc(share * offset), np.float64)

    ideal = low_pass(HIGH_HZ + _SKIRT_HZ / 2) - low_pass(LOW_HZ - _SKIRT_HZ / 2)
    return ideal * np.kaiser(len(offset), _BETA)


def _minimum_phase(taps: Exact) -> Exact:
    """Return the filter of the same magnitude and length with the least delay.

    By its cepstrum: folding that of the magnitude onto positive time gives it
    (Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 13).
    """
    magnitude = np.maximum(np.abs(np.fft.rfft(taps, _POINTS)), _FLOOR)
    cepstrum = np.fft.irfft(np.log(magnitude), _POINTS)
    cepstrum[1 : _POINTS // 2] *= 2
    cepstrum[_POINTS // 2 + 1 :] = 0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), _POINTS)
    return response[: len(taps)]
