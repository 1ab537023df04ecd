"""Resampling of whole recordings, for which delay does not matter."""

from __future__ import annotations

import numpy as np

from voicelab.audio.pcm import FULL_SCALE, Samples, int16_from_float


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return int16 audio at another rate: soxr HQ, no delay, clipped to 16 bits.

    The length is `len(samples) * to_hz / from_hz`, rounded by soxr to a whole
    number of samples. Equal rates give `samples` itself.
    """
    if from_hz == to_hz:
        return samples
    import soxr  # noqa: PLC0415 - needed only where rates differ

    scaled = samples.astype(np.float32) / FULL_SCALE
    return int16_from_float(soxr.resample(scaled, from_hz, to_hz, quality="HQ"))
