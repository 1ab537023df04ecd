"""From the wire's audio to the 16 kHz frames that voice activity models read.

A turn detector must not wait for its resampler. General-purpose streams hold 20 to
60 ms of audio and hand it out in bursts; here every 32 ms of input give exactly one
frame of 512 samples at once, behind a short linear-phase filter.

The filter is a Kaiser-windowed sinc in polyphase form, evaluated for a whole frame
by one matrix product. Its coefficients are multiples of 2**-20 and the input is
16-bit, so every product and partial sum is an exact float64: the result depends
neither on the order of summation nor on the chunking, the machine or the library.

| from   | taps          | pass band            | stop band                  | delay   |
|--------|---------------|----------------------|----------------------------|---------|
| 24 kHz | 73 at 48 kHz  | ±0.1 dB to 6.5 kHz   | below -60 dB from 9.5 kHz  | 0.75 ms |
| 8 kHz  | 33 at 16 kHz  | ±0.1 dB to 2.9 kHz   | its images below -60 dB    | 1 ms    |
| 16 kHz | none          | identity             |                            | 0       |

Between 6.5 and 9.5 kHz the edges of the spectrum fold onto each other, above all
that a speech model needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from voicelab.audio.pcm import Samples

VAD_RATE_HZ = 16_000
FRAME_SAMPLES = 512
"""One frame: 32 ms at 16 kHz."""

_ROWS = 32
_ROW_OUT = FRAME_SAMPLES // _ROWS
_COEFFICIENT_STEPS = 1 << 20

FRONT_END_ID = "fir-1"
"""Names the filters below; to be changed whenever a frame could come out different."""


@dataclass(frozen=True)
class _Filter:
    """A rational resampler to 16 kHz: up by `up`, low-pass, down by `down`."""

    up: int
    down: int
    taps: int
    beta: float  # of the Kaiser window: 6.5 gives 65 dB or more of attenuation

    @property
    def history(self) -> int:
        return (self.taps - 1) // self.up

    @property
    def row_in(self) -> int:
        return _ROW_OUT * self.down // self.up

    def impulse(self) -> npt.NDArray[np.float64]:
        """Return the taps as multiples of 2**-20, each phase with a gain of one."""
        middle = (self.taps - 1) // 2
        offset = np.arange(self.taps) - middle
        ideal = np.sinc(offset / max(self.up, self.down)) * np.kaiser(
            self.taps, self.beta
        )
        steps = np.zeros(self.taps)
        for phase in range(self.up):
            taps = ideal[phase :: self.up]
            rounded = np.rint(taps * (_COEFFICIENT_STEPS / taps.sum()))
            # The rounding error goes to the largest tap: no ripple at 0 Hz.
            rounded[np.argmax(rounded)] += _COEFFICIENT_STEPS - rounded.sum()
            steps[phase :: self.up] = rounded
        return steps / _COEFFICIENT_STEPS

    def matrix(self) -> npt.NDArray[np.float64]:
        """Return [history + row_in, row out]: one row of outputs from its inputs.

        Output m takes input i through tap `down * m - up * i`.
        """
        impulse = self.impulse()
        source = np.arange(self.history + self.row_in)[:, None] - self.history
        tap = self.down * np.arange(_ROW_OUT)[None, :] - self.up * source
        inside = (tap >= 0) & (tap < self.taps)
        return np.where(inside, impulse[np.clip(tap, 0, self.taps - 1)], 0.0)


_FILTERS = {
    24_000: _Filter(up=2, down=3, taps=73, beta=6.5),
    16_000: _Filter(up=1, down=1, taps=1, beta=0.0),
    8_000: _Filter(up=2, down=1, taps=33, beta=6.5),
}


@cache
def _matrix(rate_hz: int) -> npt.NDArray[np.float64]:
    matrix = _FILTERS[rate_hz].matrix()
    matrix.flags.writeable = False
    return matrix


class VadFrontEnd:
    """Turns wire audio, in chunks of any size, into 16 kHz frames.

    Frame k is complete, and returned, with input sample (k + 1) *
    `frame_in_samples` - 1. What it holds is `delay_samples` input samples older
    than that, for the filter's delay; before the first sample lies silence.

    Attributes:
        rate_hz: the rate of the input: 24,000, 16,000 or 8,000.
        frame_in_samples: input samples a frame: 768, 512 or 256.
        delay_samples: the filter's group delay in input samples: 18, 0 or 8.
    """

    def __init__(self, rate_hz: int) -> None:
        if rate_hz not in _FILTERS:
            known = ", ".join(str(known) for known in _FILTERS)
            raise ValueError(f"no VAD front end for {rate_hz} Hz; there is {known}")
        design = _FILTERS[rate_hz]
        self.rate_hz = rate_hz
        self.frame_in_samples = _ROWS * design.row_in
        self.delay_samples = design.history // 2
        self._matrix = _matrix(rate_hz)
        self._line = np.zeros(design.history + self.frame_in_samples, np.int16)
        self._history = self._line[: design.history]
        self._newest = self._line[self.frame_in_samples :]
        self._body = self._line[design.history :]
        self._exact = np.zeros(len(self._line))
        shape = (_ROWS, design.history + design.row_in)
        stride = self._exact.itemsize
        self._rows = as_strided(self._exact, shape, (design.row_in * stride, stride))
        self._columns = np.empty(shape)
        self._frame = np.empty((_ROWS, _ROW_OUT))
        self._filled = 0

    def push(self, samples: Samples) -> list[Samples]:
        """Take int16 samples [n]; return the frames they complete, int16 [512] each."""
        return [self.frame(window) for window in self.windows(samples)]

    def windows(self, samples: Samples) -> list[Samples]:
        """Take int16 samples [n]; return the window of each frame they complete.

        A window holds all the input that its frame depends on: the frame's own and
        `2 * delay_samples` before it. Whoever knows the window's score already
        need not compute the frame.
        """
        complete: list[Samples] = []
        start, left = 0, len(samples)
        filled = self._filled
        while left >= (missing := self.frame_in_samples - filled):
            self._body[filled:] = samples[start : start + missing]
            complete.append(self._line.copy())
            self._history[:] = self._newest
            start += missing
            left -= missing
            filled = 0
        if left:
            self._body[filled : filled + left] = samples[start:]
        self._filled = filled + left
        return complete

    def frame(self, window: Samples) -> Samples:
        """Return the 16 kHz frame, int16 [512], of a window; a pure function."""
        frame = self._frame
        self._exact[:] = window
        self._columns[:] = self._rows
        np.dot(self._columns, self._matrix, frame)
        np.rint(frame, frame)
        np.maximum(frame, -32768.0, out=frame)
        np.minimum(frame, 32767.0, out=frame)
        return frame.astype(np.int16).reshape(FRAME_SAMPLES)

    def reset(self) -> None:
        """Forget everything: the next sample is the first."""
        self._line[:] = 0
        self._filled = 0


def vad_frames(samples: Samples, rate_hz: int) -> npt.NDArray[np.int16]:
    """Return the 16 kHz frames of a whole recording, int16 [n, 512].

    They are those that a `VadFrontEnd` gives; samples behind the last whole frame
    (less than 32 ms) are left out.

    Raises:
        ValueError: there is no front end for this rate.
    """
    front_end = VadFrontEnd(rate_hz)
    count = len(samples) // front_end.frame_in_samples
    frames = np.empty((count, FRAME_SAMPLES), np.int16)
    step = front_end.frame_in_samples
    for index in range(count):
        (window,) = front_end.windows(samples[index * step : (index + 1) * step])
        frames[index] = front_end.frame(window)
    return frames
