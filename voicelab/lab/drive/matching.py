"""How alike two stretches of audio are, and where one stands in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voicelab.lab.drive.reference import Floats

_TINY = 1e-9
_FLOOR = 16.0
"""A level, as a root mean square, below which rounding is as loud as what was said."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where something was found.

    Attributes:
        position: the place of its first sample.
        likeness: the normalised correlation there, at most 1.
    """

    position: int
    likeness: float


def loudness(audio: Floats) -> float:
    """Return the root mean square of 16-bit samples; 0 of none."""
    return float(np.sqrt(np.mean(np.square(audio)))) if len(audio) else 0.0


def likeness(audio: Floats, other: Floats) -> float:
    """Return the normalised correlation of two stretches of the same length."""
    scale = float(np.linalg.norm(audio) * np.linalg.norm(other))
    return float(audio @ other) / scale if scale > _TINY else 0.0


def find(audio: Floats, line: Floats, start: int, end: int) -> Match | None:
    """Return where audio stands best in a line, at a place in [start, end).

    Args:
        audio: what is looked for.
        line: where.
        start: the first place to try.
        end: the place after the last to try.
    """
    start = max(start, 0)
    end = min(end, len(line) - len(audio) + 1)
    if start >= end or not np.any(audio):
        return None
    part = line[start : end + len(audio) - 1]
    products = _correlate(part, audio)
    squares = np.concatenate(([0.0], np.cumsum(np.square(part, dtype=np.float64))))
    least = len(audio) * _FLOOR**2  # silence is like nothing
    norms = np.sqrt(np.maximum(squares[len(audio) :] - squares[: -len(audio)], least))
    found = products / (norms * float(np.linalg.norm(audio)))
    best = int(np.argmax(found))
    return Match(start + best, float(found[best]))


_DIRECT_PRODUCTS = 1 << 18
"""Below this much work, summing is faster than transforming."""


def _correlate(part: Floats, audio: Floats) -> Floats:
    count = len(part) - len(audio) + 1
    if count * len(audio) <= _DIRECT_PRODUCTS:
        return np.correlate(part, audio, "valid")
    size = 1 << (len(part) - 1).bit_length()
    wide, narrow = part.astype(np.float64), audio.astype(np.float64)
    spectrum = np.fft.rfft(wide, size) * np.conj(np.fft.rfft(narrow, size))
    return np.fft.irfft(spectrum, size)[:count].astype(np.float32)
