"""What every voice offers: text in, audio and the place of each word in it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicelab.audio.pcm import Samples

MIN_SPEED = 0.5
MAX_SPEED = 2.0
"""How fast a voice can be asked to speak, 1.0 being its own pace."""


@dataclass(frozen=True, slots=True)
class SynthesisedWord:
    """One written word and where it is heard.

    Attributes:
        text: the word as it is written, with the punctuation that hangs on it.
        start_samples: its first sample.
        end_samples: the sample behind its last one; equal to the start for what the
            voice cannot say.
    """

    text: str
    start_samples: int
    end_samples: int

    @property
    def is_spoken(self) -> bool:
        """Whether anything is heard of it."""
        return self.end_samples > self.start_samples


@dataclass(frozen=True, slots=True, eq=False)
class Synthesised:
    """Spoken text.

    Attributes:
        samples: the audio, int16 mono.
        rate_hz: its sample rate.
        words: every word of the text (what white space parts), in order. No two
            overlap, and none leaves the audio: words and the silences between them
            cover it exactly once.
    """

    samples: Samples
    rate_hz: int
    words: tuple[SynthesisedWord, ...]

    @property
    def unspoken(self) -> tuple[str, ...]:
        """The words of which nothing is heard, such as emoji."""
        return tuple(word.text for word in self.words if not word.is_spoken)

    @property
    def duration_samples(self) -> int:
        """The length of the audio."""
        return len(self.samples)


class Voice(Protocol):
    """Speaks text; the same text, voice and speed give the same bytes."""

    @property
    def name(self) -> str:
        """The name that `make_voice` knows it by."""

    @property
    def identity(self) -> str:
        """Everything that its audio depends on, besides text and speed."""

    @property
    def rate_hz(self) -> int:
        """The sample rate of its audio."""

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        """Return `text` spoken; a text without a word gives no audio.

        Args:
            text: of any length, in English.
            speed: from `MIN_SPEED` to `MAX_SPEED`; 1.0 is the voice's own pace.

        Raises:
            ScenarioError: the speed is not in that range.
            MissingPartError: a file of the voice is damaged or missing.
        """
