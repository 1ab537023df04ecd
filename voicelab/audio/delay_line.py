"""Gives back a stream some samples later."""

from __future__ import annotations

import numpy as np

from voicelab.audio.pcm import Samples


class DelayLine:
    """Holds `delay_samples` samples; before the first sample lies silence."""

    def __init__(self, delay_samples: int) -> None:
        self._held: Samples = np.zeros(delay_samples, np.int16)

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        line = np.concatenate([self._held, samples])
        self._held = line[len(samples) :]
        return line[: len(samples)]
