"""G.711, the telephone's 8-bit codec: µ-law and A-law by table.

The tables follow ITU-T G.711 (11/1988), tables 1 and 2, with the code bits on the
wire as sent (µ-law inverted, A-law with even bits inverted). The encoder works on
the upper 14 (µ-law) or 13 (A-law) bits of a 16-bit sample, as the reference code
of ITU-T G.191 and Python's former `audioop` module do, and agrees with the latter
in all 65,536 inputs.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples

Codes = npt.NDArray[np.uint8]
"""G.711 code words, one a sample."""

_Table = TypeVar("_Table", bound=npt.NDArray[np.generic])

_SIGN = 0x80
_MU_BIAS_14BIT = 33
_MU_TOP_14BIT = 8191
_MU_BIAS_16BIT = 132
_A_EVEN_BITS = 0x55


def encode_ulaw(samples: Samples) -> Codes:
    """Return int16 samples as µ-law code words of the same shape."""
    return _ulaw_codes()[samples.view(np.uint16)]


def decode_ulaw(codes: Codes) -> Samples:
    """Return µ-law code words as int16 samples of the same shape."""
    return _ulaw_levels()[codes]


def encode_alaw(samples: Samples) -> Codes:
    """Return int16 samples as A-law code words of the same shape."""
    return _alaw_codes()[samples.view(np.uint16)]


def decode_alaw(codes: Codes) -> Samples:
    """Return A-law code words as int16 samples of the same shape."""
    return _alaw_levels()[codes]


def _every_sample() -> npt.NDArray[np.int32]:
    """Return all 16-bit values, each at the index of its unsigned twin."""
    return np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)


def _segment(magnitude: npt.NDArray[np.int32], first_end: int) -> npt.NDArray[np.int32]:
    """Return the number of segment ends (`first_end` << n) - 1 below each value."""
    ends = (first_end << np.arange(7)) - 1
    return np.searchsorted(ends, magnitude).astype(np.int32)


@cache
def _ulaw_codes() -> Codes:
    sample = _every_sample() >> 2
    level = np.minimum(np.abs(sample) + _MU_BIAS_14BIT, _MU_TOP_14BIT)
    segment = _segment(level, 64)
    code = (segment << 4) | ((level >> (segment + 1)) & 0x0F)
    return _frozen((code ^ np.where(sample < 0, 0x7F, 0xFF)).astype(np.uint8))


@cache
def _ulaw_levels() -> Samples:
    code = ~np.arange(256) & 0xFF
    level = ((code & 0x0F) << 3) + _MU_BIAS_16BIT
    level = (level << ((code & 0x70) >> 4)) - _MU_BIAS_16BIT
    return _frozen(np.where(code & _SIGN, -level, level).astype(np.int16))


@cache
def _alaw_codes() -> Codes:
    sample = _every_sample() >> 3
    level = np.where(sample < 0, -sample - 1, sample)
    segment = _segment(level, 32)
    code = (segment << 4) | ((level >> np.maximum(segment, 1)) & 0x0F)
    sign = np.where(sample < 0, 0, _SIGN)
    return _frozen((code ^ sign ^ _A_EVEN_BITS).astype(np.uint8))


@cache
def _alaw_levels() -> Samples:
    code = np.arange(256) ^ _A_EVEN_BITS
    segment = (code & 0x70) >> 4
    step = ((code & 0x0F) << 4) + 8
    level = np.where(segment, (step + 0x100) << np.maximum(segment - 1, 0), step)
    return _frozen(np.where(code & _SIGN, level, -level).astype(np.int16))


def _frozen(table: _Table) -> _Table:
    table.flags.writeable = False
    return table
