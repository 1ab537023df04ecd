"""What a piece of audio passes through on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from voicelab.audio.pcm import Samples


class Stage(Protocol):
    """Does something to a stream of audio.

    As many samples come out as go in, and what comes out does not depend on how
    the stream is cut: only on all that has gone in so far, and on the seed.
    """

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        ...


class Chain:
    """Stages one after the other, in the order given; without any, nothing is done."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._stages: Sequence[Stage] = tuple(stages)

    def __bool__(self) -> bool:
        return bool(self._stages)

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        for stage in self._stages:
            samples = stage.process(samples)
        return samples
