"""What the caller's microphone picks up, sample by sample."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from voicelab.audio.pcm import Samples

MIN_LOOP_S = 0.25
"""Shorter silences are no use as background."""

MAX_LOOP_S = 10.0
"""As much background as is ever kept."""


class Background:
    """What is heard between turns: the recording's own quiet, played in a loop.

    The loop runs forwards and then backwards, so that its ends always fit.
    """

    def __init__(self, quiet: Samples) -> None:
        loop = np.concatenate([quiet, quiet[::-1]]) if len(quiet) else quiet
        self._loop = loop

    def take(self, start: int, count: int) -> Samples:
        """Return `count` samples from position `start` of an endless background."""
        if not len(self._loop):
            return np.zeros(count, dtype=np.int16)
        first = start % len(self._loop)
        if first + count <= len(self._loop):
            return self._loop[first : first + count]
        return np.take(self._loop, range(first, first + count), mode="wrap")


def longest_quiet(
    samples: Samples, rate_hz: int, busy: list[tuple[int, int]]
) -> Samples:
    """Return the longest stretch of a recording outside the `busy` ones.

    Args:
        samples: the recording.
        rate_hz: its rate.
        busy: [start, end) in samples of what is speech, sorted.
    """
    longest = (0, 0)
    at = 0
    for start, end in [*busy, (len(samples), len(samples))]:
        if start - at > longest[1] - longest[0]:
            longest = (at, start)
        at = max(at, end)
    start, end = longest
    if end - start < MIN_LOOP_S * rate_hz:
        return samples[:0]
    return samples[start : min(end, start + int(MAX_LOOP_S * rate_hz))].copy()


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int
    clip: Samples

    @property
    def end(self) -> int:
        return self.start + len(self.clip)


class Mouth:
    """Composes microphone frames from background and placed clips."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._placed: deque[_Placed] = deque()

    def place(self, clip: Samples, at_samples: int) -> None:
        """Let `clip` be heard from position `at_samples` on.

        Clips follow one another: each begins where or after the last one ends.
        """
        if self._placed and self._placed[-1].end > at_samples:
            last = self._placed.pop()
            kept = last.clip[: max(at_samples - last.start, 0)]
            self._placed.append(_Placed(last.start, kept))
        self._placed.append(_Placed(at_samples, clip))

    def frame(self, start: int, count: int) -> Samples:
        """Return the samples [start, start + count); each frame after the last."""
        placed = self._placed
        while placed and placed[0].end <= start:
            placed.popleft()
        end = start + count
        if not placed or placed[0].start >= end:
            return self._background.take(start, count)
        first = placed[0]
        if first.start <= start and first.end >= end:
            return first.clip[start - first.start : end - first.start]
        mixed = self._background.take(start, count).copy()
        for piece in placed:
            low, high = max(piece.start, start), min(piece.end, end)
            if low < high:
                mixed[low - start : high - start] = piece.clip[
                    low - piece.start : high - piece.start
                ]
        return mixed
