"""How loud audio is, and adding one to another.

Levels are mean power, in decibels relative to full scale (dBFS): 0 dBFS is the power of
a constant 1.0, which a square wave can reach; a sine of full scale has -3.01 dBFS.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import FULL_SCALE, Samples

ACTIVE_MARGIN_DB = 15.9
"""A stretch counts as active down to this far below the active level itself (ITU-T
P.56, method B)."""

ACTIVE_FRAME_MS = 20
"""The length of the stretches that are told apart."""

_MAX_ROUNDS = 100


def mean_power(samples: npt.NDArray[np.number]) -> float:
    """Return the mean power of samples on the 16-bit scale, where full scale is 1.0."""
    if not len(samples):
        return 0.0
    floats = samples.astype(np.float64)
    return float(np.dot(floats, floats)) / len(floats) / FULL_SCALE**2


def dbfs(power: float) -> float:
    """Return a power as a level; of none at all, minus infinity."""
    return 10.0 * math.log10(power) if power > 0 else -math.inf


def active_power(samples: Samples, rate_hz: int) -> float:
    """Return the mean power of audio while there is any: its active level, as power.

    Stretches of `ACTIVE_FRAME_MS` count that lie less than `ACTIVE_MARGIN_DB` below the
    mean of those that count: the level of ITU-T P.56, found by leaving out what is too
    quiet until nothing is. Steady sound has its mean power; of single bursts, the
    silence between them does not count. Silence has 0.
    """
    frame = ACTIVE_FRAME_MS * rate_hz // 1000
    whole = samples[: len(samples) // frame * frame]
    if not len(whole):
        return mean_power(samples)
    floats = whole.reshape(-1, frame).astype(np.float64)
    powers = np.einsum("ij,ij->i", floats, floats) / frame / FULL_SCALE**2
    for _ in range(_MAX_ROUNDS):
        floor = powers.mean() * 10 ** (-ACTIVE_MARGIN_DB / 10)
        kept = powers[powers >= floor]
        if len(kept) == len(powers):
            break
        powers = kept
    return float(powers.mean())


def saturated(exact: npt.NDArray[np.float64]) -> tuple[Samples, int]:
    """Return sound on the 16-bit scale as 16-bit samples, and how many were clipped.

    Values are rounded to the nearest; what lies beyond full scale stays there.
    """
    rounded = np.rint(exact)
    clipped = np.clip(rounded, -FULL_SCALE, FULL_SCALE - 1)
    return clipped.astype(np.int16), int(np.count_nonzero(clipped != rounded))
