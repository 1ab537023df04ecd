"""Samples as numbers: the 16-bit form that everything here works in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Mono audio, one dimension, 16-bit signed."""

FULL_SCALE = 32768
"""The 16-bit value that stands for 1.0: 16-bit / `FULL_SCALE` is exact in float32."""


def int16_from_float(samples: npt.NDArray[np.floating]) -> Samples:
    """Return samples whose full scale is 1.0 as 16-bit: nearest value, clipped.

    A 16-bit sample that was divided by `FULL_SCALE` comes back unchanged.
    """
    scaled = np.rint(samples * FULL_SCALE)
    clipped: Samples = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return clipped
