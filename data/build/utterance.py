"""What one turn sounds like: samples and the words in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Word:
    """One word and the samples that it covers, `[start_samples, end_samples)`."""

    text: str
    start_samples: int
    end_samples: int

    def moved(self, by_samples: int) -> Word:
        """Return the word so many samples later."""
        return Word(
            self.text, self.start_samples + by_samples, self.end_samples + by_samples
        )


@dataclass(frozen=True)
class Utterance:
    """The sound of one turn at `RATE_HZ`, with a little silence around the words.

    Attributes:
        samples: float32, nominally within [-1, 1).
        words: in order, not overlapping, inside the samples.
        pauses: (start_samples, end_samples) of each thinking pause.
    """

    samples: Samples
    words: tuple[Word, ...]
    pauses: tuple[tuple[int, int], ...] = ()

    @property
    def onset_samples(self) -> int:
        """Where the first word starts."""
        return self.words[0].start_samples

    @property
    def end_samples(self) -> int:
        """Where the last word ends."""
        return self.words[-1].end_samples

    @property
    def speech_samples(self) -> int:
        """Length from the first word's start to the last word's end."""
        return self.end_samples - self.onset_samples

    def scaled(self, gain: float) -> Utterance:
        """Return the utterance at another level."""
        return replace(self, samples=(self.samples * gain).astype(np.float32))


def ms_to_samples(ms: float) -> int:
    """Return milliseconds as samples at `RATE_HZ` (nearest)."""
    return round(ms * RATE_HZ / 1000)


def samples_to_ms(samples: int) -> float:
    """Return samples at `RATE_HZ` as milliseconds; exact, a multiple of 1/16 ms."""
    return samples * 1000 / RATE_HZ


def faded(samples: Samples, fade_ms: float = 5.0) -> Samples:
    """Return a copy whose two ends rise from and fall to silence linearly."""
    length = min(ms_to_samples(fade_ms), len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    out = samples.copy()
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out
