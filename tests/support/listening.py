"""Recognisers that need no model."""

from __future__ import annotations

from collections.abc import Callable

from voicelab.audio import Samples
from voicelab.speech.stt import RecognisedWord, Transcript

RATE_HZ = 16_000


class EchoEngine:
    """Hears one word a second, named by its number, and counts what it is given."""

    name = "echo"
    has_word_times = True

    def __init__(self, *, limit_s: float = 28, identity: str = "echo") -> None:
        self.identity = identity
        self.limit_samples = round(limit_s * RATE_HZ)
        self.heard_samples: list[int] = []

    def hear(self, samples: Samples) -> Transcript:
        """Return a word for each second."""
        self.heard_samples.append(len(samples))
        words = tuple(
            RecognisedWord(f"w{second}", 1_000.0 * second, 1_000.0 * second + 400)
            for second in range(len(samples) // RATE_HZ)
        )
        return Transcript(" ".join(word.text for word in words), words)


class ToldRecogniser:
    """Says what a function of the audio's length in seconds tells.

    Attributes:
        asked_samples: the length of each audio that it was asked about.
    """

    name = "told"
    identity = "told"

    def __init__(
        self, tell: Callable[[float], Transcript], *, has_word_times: bool = False
    ) -> None:
        self._tell = tell
        self.has_word_times = has_word_times
        self.asked_samples: list[int] = []

    def recognise(self, samples: Samples) -> Transcript:
        """Return what the function says."""
        self.asked_samples.append(len(samples))
        return self._tell(len(samples) / RATE_HZ)
