"""A streaming FIR filter whose output is exact, however the stream is cut.

Taps are multiples of 2**-20 and input is 16-bit, so every output is a multiple of
2**-20 that a float64 holds exactly. Short filters are summed directly; every partial
sum is exact. Long ones go through an FFT, whose error is below half a step, so that
rounding to whole steps removes it. It is about eps * log2(n) * |input| * |taps|
(Higham, Accuracy and Stability of Numerical Algorithms, chapter 24): at most 2**-3
steps for 32,768 points of 16-bit input and taps of the largest norm allowed. So the
result depends neither on the cutting nor on the machine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples

Exact = npt.NDArray[np.float64]
"""Samples on the scale of 16-bit ones, not yet rounded to them."""

TAP_STEPS = 1 << 20
"""How many steps make a tap of 1.0."""

_DIRECT_TAPS = 512
"""Up to this length, summing is faster than transforming."""

_MAX_NORM = 4.0
"""The largest norm of the taps; a filter that passes sound as it is has about 1."""

_MAX_TAPS = 1 << 14
_BLOCK_SAMPLES = 1 << 14
"""As much as is ever transformed at once, besides the history."""


class Fir:
    """A filter with a finite impulse response.

    Args:
        taps: the impulse response, [n]; rounded to whole steps.

    Raises:
        ValueError: there are no taps, too many, or too large ones to be exact.
    """

    def __init__(self, taps: npt.ArrayLike) -> None:
        self._steps = np.rint(np.asarray(taps, np.float64) * TAP_STEPS)
        if not 0 < len(self._steps) <= _MAX_TAPS:
            raise ValueError(f"a filter has 1 to {_MAX_TAPS} taps")
        if np.linalg.norm(self._steps) > _MAX_NORM * TAP_STEPS:
            raise ValueError("these taps are too large to be summed exactly")
        self._history = np.zeros(len(self._steps) - 1)
        self._spectra: dict[int, npt.NDArray[np.complex128]] = {}

    @property
    def taps(self) -> Exact:
        """The impulse response as it is used, [n]."""
        return self._steps / TAP_STEPS

    def process(self, samples: Samples) -> Exact:
        """Take int16 samples [n]; return the filter's next n outputs, unrounded."""
        blocks = range(0, len(samples), _BLOCK_SAMPLES)
        parts = [self._next(samples[at : at + _BLOCK_SAMPLES]) for at in blocks]
        return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.zeros(0)])

    def _next(self, samples: Samples) -> Exact:
        line = np.concatenate([self._history, samples])
        self._history = line[len(samples) :]
        if not line.any():
            return np.zeros(len(samples))
        if len(self._steps) <= _DIRECT_TAPS:
            return np.convolve(line, self._steps, "valid") / TAP_STEPS
        return self._by_fft(line) / TAP_STEPS

    def _by_fft(self, line: Exact) -> Exact:
        """Return what `np.convolve(line, steps, "valid")` would, rounded to steps.

        A circular convolution as long as the line is wrong only where it wraps
        around, which is where the history lies.
        """
        size = 1 << (len(line) - 1).bit_length()
        spectrum = self._spectra.get(size)
        if spectrum is None:
            spectrum = self._spectra[size] = np.fft.rfft(self._steps, size)
        whole = np.fft.irfft(np.fft.rfft(line, size) * spectrum, size)
        valid: Exact = np.rint(whole[len(self._steps) - 1 : len(line)])
        return valid
