"""Spoken text kept by what was asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicelab.speech.cache import AnyArray, ArrayCache, cache_key, default_cache
from voicelab.speech.tts.model import Synthesised, SynthesisedWord, Voice


class CachedVoice:
    """A voice in front of another one that speaks only what is new.

    Audio and words are the same as those of the voice behind.

    Args:
        voice: the voice behind.
        cache: where to keep speech; left out, the default cache.
    """

    def __init__(self, voice: Voice, cache: ArrayCache | None = None) -> None:
        self._voice = voice
        self._cache = cache

    @property
    def name(self) -> str:
        """The name of the voice behind."""
        return self._voice.name

    @property
    def identity(self) -> str:
        """The identity of the voice behind: the speech is the same."""
        return self._voice.identity

    @property
    def rate_hz(self) -> int:
        """The sample rate of the voice behind."""
        return self._voice.rate_hz

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        """Return `text` spoken; a text without a word gives no audio.

        Raises:
            ScenarioError: as the voice behind.
            MissingPartError: as the voice behind, if the speech is new.
        """
        words = text.split()
        cache = default_cache() if self._cache is None else self._cache
        spelt = " ".join(words).encode("utf-8", "surrogatepass")
        key = cache_key("speech", self.identity, repr(float(speed)), memoryview(spelt))
        kept = _speech(cache.load(key), words, self.rate_hz)
        if kept is not None:
            return kept
        fresh = self._voice.synthesise(text, speed)
        cache.store(key, fresh.samples, _spans(fresh))
        return fresh


def _spans(speech: Synthesised) -> npt.NDArray[np.int64]:
    spans = [(word.start_samples, word.end_samples) for word in speech.words]
    return np.array(spans, np.int64).reshape(-1, 2)


def _speech(
    arrays: list[AnyArray] | None, words: list[str], rate_hz: int
) -> Synthesised | None:
    """Return kept speech; None if there is none that is as it should be."""
    match arrays:
        case [samples, spans] if (
            samples.dtype == np.int16
            and spans.dtype == np.int64
            and spans.shape == (len(words), 2)
        ):
            return Synthesised(
                samples=samples.astype(np.int16, copy=False),
                rate_hz=rate_hz,
                words=tuple(
                    SynthesisedWord(word, int(start), int(end))
                    for word, (start, end) in zip(words, spans.tolist(), strict=True)
                ),
            )
    return None
