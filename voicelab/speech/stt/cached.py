"""Transcripts kept by what was heard."""

from __future__ import annotations

import msgspec
import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.speech.cache import ArrayCache, cache_key, default_cache
from voicelab.speech.stt.model import Recogniser, Transcript


class CachedRecogniser:
    """A recogniser in front of another one that is asked only for what is new.

    Transcripts are the same as those of the recogniser behind.

    Args:
        recogniser: the recogniser behind.
        cache: where to keep transcripts; left out, the default cache.

    Attributes:
        recogniser: the recogniser behind.
    """

    def __init__(self, recogniser: Recogniser, cache: ArrayCache | None = None) -> None:
        self.recogniser = recogniser
        self._cache = cache

    @property
    def name(self) -> str:
        """The name of the recogniser behind."""
        return self.recogniser.name

    @property
    def identity(self) -> str:
        """The identity of the recogniser behind: the transcripts are the same."""
        return self.recogniser.identity

    @property
    def has_word_times(self) -> bool:
        """Whether its transcripts have words with times."""
        return self.recogniser.has_word_times

    def recognise(self, samples: Samples) -> Transcript:
        """Return what is said in int16 mono at 16 kHz, of any length, even none.

        Raises:
            MissingPartError: as the recogniser behind, if the audio is new.
        """
        cache = default_cache() if self._cache is None else self._cache
        key = cache_key("transcript", self.identity, np.ascontiguousarray(samples).data)
        match cache.load(key):
            case [kept] if kept.dtype == np.uint8:
                return msgspec.json.decode(kept.tobytes(), type=Transcript)
        transcript = self.recogniser.recognise(samples)
        cache.store(key, np.frombuffer(msgspec.json.encode(transcript), np.uint8))
        return transcript
