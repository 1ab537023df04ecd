"""What every recogniser offers: the words in a stretch of speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicelab.audio.pcm import Samples


@dataclass(frozen=True, slots=True)
class RecognisedWord:
    """A word that was heard.

    Attributes:
        text: the word as the recogniser writes it, with its punctuation.
        start_ms: its onset, from the start of the audio.
        end_ms: its offset; never before the onset.
    """

    text: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood.

    Attributes:
        text: all of it, one space between words; empty where nobody speaks.
        words: the words with their times, in order of time; empty if the
            recogniser knows no times.
    """

    text: str
    words: tuple[RecognisedWord, ...] = ()


class Recogniser(Protocol):
    """Turns speech into text.

    The same samples give the same transcript, on the same machine, bit for bit.
    """

    @property
    def name(self) -> str:
        """The name that `make_recogniser` knows it by."""

    @property
    def identity(self) -> str:
        """Everything that a transcript depends on, besides the audio, as one string."""

    @property
    def has_word_times(self) -> bool:
        """Whether its transcripts have words with times."""

    def recognise(self, samples: Samples) -> Transcript:
        """Return what is said in int16 mono at 16 kHz, of any length, even none.

        Silence around and inside the speech is found and dealt with: without speech
        the transcript is empty.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
