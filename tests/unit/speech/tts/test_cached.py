from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicelab.speech.cache import ArrayCache
from voicelab.speech.tts.cached import CachedVoice
from voicelab.speech.tts.model import Synthesised, SynthesisedWord


class Counting:
    """Speaks as many samples as the text has letters, and counts how often."""

    rate_hz = 8000

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.calls = 0

    @property
    def identity(self) -> str:
        return f"{self.name} 1"

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        self.calls += 1
        words = tuple(SynthesisedWord(w, 0, round(5 / speed)) for w in text.split())
        return Synthesised(np.arange(len(text), dtype=np.int16), self.rate_hz, words)


@pytest.fixture
def cache(tmp_path: Path) -> ArrayCache:
    return ArrayCache(tmp_path)


def test_the_same_is_spoken_once_also_by_a_new_voice(cache: ArrayCache) -> None:
    first, second = Counting(), Counting()
    fresh = CachedVoice(first, cache).synthesise("one two", 1.25)
    kept = CachedVoice(second, cache).synthesise("one two", 1.25)
    assert (first.calls, second.calls) == (1, 0)
    np.testing.assert_array_equal(kept.samples, fresh.samples)
    assert (kept.words, kept.rate_hz) == (fresh.words, fresh.rate_hz)


def test_another_text_speed_or_voice_is_spoken_anew(cache: ArrayCache) -> None:
    voice, other = Counting(), Counting("other")
    CachedVoice(voice, cache).synthesise("one two")
    CachedVoice(voice, cache).synthesise("one three")
    CachedVoice(voice, cache).synthesise("one two", 1.5)
    CachedVoice(other, cache).synthesise("one two")
    assert (voice.calls, other.calls) == (3, 1)


def test_a_damaged_entry_is_spoken_anew(cache: ArrayCache, tmp_path: Path) -> None:
    voice = Counting()
    CachedVoice(voice, cache).synthesise("one two")
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:-1])
    assert len(CachedVoice(voice, cache).synthesise("one two").words) == 2
    assert voice.calls == 2


def test_no_text_and_odd_text_are_kept_too(cache: ArrayCache) -> None:
    voice = CachedVoice(Counting(), cache)
    assert voice.synthesise("").words == voice.synthesise("").words == ()
    assert voice.synthesise("\ud800").words == voice.synthesise("\ud800").words


def test_it_passes_for_the_voice_behind(cache: ArrayCache) -> None:
    voice = CachedVoice(Counting(), cache)
    assert (voice.name, voice.identity, voice.rate_hz) == (
        "counting",
        "counting 1",
        8000,
    )
