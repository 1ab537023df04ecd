"""The outline of a waveform: the lowest and highest sample of each short span."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import FULL_SCALE, Samples

FloatArray = npt.NDArray[np.float64]


def waveform_envelope(
    samples: Samples, rate_hz: int, *, spans: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the outline of a waveform in at most `spans` spans of equal length.

    Args:
        samples: int16 [n].
        rate_hz: their rate.
        spans: how many spans are wanted; fewer if there are fewer samples.

    Returns:
        The start of each span in seconds, its lowest and its highest sample (full
        scale 1.0), each float64 [spans].
    """
    if len(samples) == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    width = -(-len(samples) // spans)
    starts = np.arange(0, len(samples), width)
    low = np.minimum.reduceat(samples, starts) / FULL_SCALE
    high = np.maximum.reduceat(samples, starts) / FULL_SCALE
    return starts / rate_hz, low, high
