"""The log-mel spectrogram that Whisper's encoder reads, of the last eight seconds.

The recipe is that of Radford et al., "Robust Speech Recognition via Large-Scale Weak
Supervision" (2022), as the feature extractor of Hugging Face's transformers states
it: 25 ms windows every 10 ms, 80 mel bands to 8 kHz, log10, cut 80 dB below the
loudest band, and brought to about -1 to 1. The mel scale is Slaney's (Auditory
Toolbox, 1998): linear to 1 kHz, logarithmic above, each band of equal area. Before
all that the waveform gets a mean of zero and a variance of one, so loudness says
nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from voicelab.audio.pcm import FULL_SCALE, Samples

RATE_HZ = 16_000
HEARD_S = 8
HEARD_SAMPLES = HEARD_S * RATE_HZ
"""What the model hears: the newest 8 s; less is padded with silence in front."""

BANDS = 80
STEPS = 800

LOG_MEL_ID = "whisper-8s-1"
"""Names what is computed here; to be changed whenever a value could come out
different."""

_WINDOW_SAMPLES = 400
_HOP_SAMPLES = 160
_BINS = _WINDOW_SAMPLES // 2 + 1
_LEAST_POWER = 1e-10
_LEAST_VARIANCE = 1e-7
_RANGE = 8.0  # decades of power, 80 dB

_LINEAR_HZ = 200 / 3  # a mel below the bend
_BEND_HZ = 1000.0
_BEND_MEL = _BEND_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27  # a mel above it

Features = npt.NDArray[np.float32]
"""Log-mel features, float32 [80, 800]: bands by steps of 10 ms, the newest last."""


def log_mel(samples: Samples) -> Features:
    """Return the features of the last 8 s of a recording, int16 [n] at 16 kHz."""
    power = _power(_standardised(_last_seconds(samples)))
    # not `@`: with another number of threads BLAS adds up in another order
    sums = np.einsum("tf,fb->tb", power, _mel_bands())
    bands = np.log10(np.maximum(sums, _LEAST_POWER))
    bands = np.maximum(bands, bands.max() - _RANGE)
    return np.ascontiguousarray(((bands + 4) / 4).T, np.float32)


def _last_seconds(samples: Samples) -> npt.NDArray[np.float32]:
    """Return the newest 8 s from -1 to 1, float32, silence in front if need be."""
    heard = np.zeros(HEARD_SAMPLES, np.float32)
    newest = samples[-HEARD_SAMPLES:]
    if len(newest):
        heard[-len(newest) :] = newest
    return heard / np.float32(FULL_SCALE)


def _standardised(wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # in float32, as the model was trained with
    spread = np.sqrt(wave.var() + np.float32(_LEAST_VARIANCE))
    standardised: npt.NDArray[np.float32] = (wave - wave.mean()) / spread
    return standardised


def _power(wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the power spectrum of each step, [800, 201]."""
    half = _WINDOW_SAMPLES // 2
    mirrored = np.pad(wave.astype(np.float64), half, mode="reflect")
    windows = sliding_window_view(mirrored, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
    spectrum = np.fft.rfft(windows[:STEPS] * _hann())
    return spectrum.real**2 + spectrum.imag**2


@cache
def _hann() -> npt.NDArray[np.float64]:
    """Return a periodic Hann window."""
    phase = 2 * np.pi * np.arange(_WINDOW_SAMPLES) / _WINDOW_SAMPLES
    return _frozen(0.5 - 0.5 * np.cos(phase))


@cache
def _mel_bands() -> npt.NDArray[np.float64]:
    """Return the triangular bands, [201, 80], from bins of the spectrum to mel."""
    top_mel = _mel(RATE_HZ / 2)
    corners = _hertz(np.linspace(0, top_mel, BANDS + 2))
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    bins = np.linspace(0, RATE_HZ / 2, _BINS)[:, None]
    rise = (bins - low) / (middle - low)
    fall = (high - bins) / (high - middle)
    triangles = np.maximum(np.minimum(rise, fall), 0)
    return _frozen(triangles * (2 / (high - low)))


def _mel(frequency_hz: float) -> float:
    if frequency_hz < _BEND_HZ:
        return frequency_hz / _LINEAR_HZ
    return float(_BEND_MEL + np.log(frequency_hz / _BEND_HZ) / _LOG_STEP)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _BEND_HZ * np.exp(_LOG_STEP * (mel - _BEND_MEL))
    return np.where(mel < _BEND_MEL, mel * _LINEAR_HZ, above)


def _frozen(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values.flags.writeable = False
    return values
