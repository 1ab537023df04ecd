"""From a model that hears one short window to a recogniser of any audio."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from voicelab.audio.pcm import Samples
from voicelab.speech.cache import cache_key
from voicelab.speech.silero import SileroScorer
from voicelab.speech.stt.model import RecognisedWord, Transcript
from voicelab.speech.stt.voiced import VOICED_ID, find_voiced
from voicelab.speech.stt.windows import WINDOWS_ID, windows

_KEPT_WINDOWS = 16
"""What was heard last and is remembered; the oldest is forgotten first."""


class Engine(Protocol):
    """A model and how it is asked."""

    @property
    def name(self) -> str:
        """The name that `make_recogniser` knows it by."""

    @property
    def identity(self) -> str:
        """Its weights, its version, and how it is asked, as one string."""

    @property
    def has_word_times(self) -> bool:
        """Whether it tells when words are said."""

    @property
    def limit_samples(self) -> int:
        """How much it hears at a time, at 16 kHz."""

    def hear(self, samples: Samples) -> Transcript:
        """Return what is said in one window, int16 mono at 16 kHz.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """


class EngineRecogniser:
    """A recogniser: finds the speech, and has the engine hear it window by window.

    It may be used from several threads; one is served at a time.

    Args:
        engine: the model.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._scorer = SileroScorer()
        self._lock = Lock()
        self._heard: dict[str, Transcript] = {}

    @property
    def name(self) -> str:
        """The engine's name."""
        return self._engine.name

    @property
    def identity(self) -> str:
        """The engine, and what chooses what it hears."""
        parts = (self._engine.identity, WINDOWS_ID, VOICED_ID, self._scorer.identity)
        return "-".join(parts)

    @property
    def has_word_times(self) -> bool:
        """Whether its transcripts have words with times."""
        return self._engine.has_word_times

    def recognise(self, samples: Samples) -> Transcript:
        """Return what is said in int16 mono at 16 kHz, of any length, even none.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        with self._lock:
            return self._recognise(samples)

    def _recognise(self, samples: Samples) -> Transcript:
        voiced = find_voiced(samples, self._scorer)
        texts: list[str] = []
        words: list[RecognisedWord] = []
        for window in windows(voiced, len(samples), self._engine.limit_samples):
            heard = self._hear(window.samples(samples))
            texts += heard.text.split()
            words += window.placed(heard.words)
        return Transcript(" ".join(texts), tuple(words))

    def _hear(self, window: Samples) -> Transcript:
        """Return what is said in a window, heard only if it is new.

        Silence behind the speech is in no window: the end of a turn, asked about once
        the speaker has been silent for a while, was heard before.
        """
        key = cache_key(window.data)
        if key not in self._heard:
            self._heard[key] = self._engine.hear(window)
        while len(self._heard) > _KEPT_WINDOWS:
            del self._heard[next(iter(self._heard))]
        return self._heard[key]
