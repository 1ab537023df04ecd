"""Transcripts are kept by what was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.listening import ToldRecogniser
from voicelab.speech import ArrayCache
from voicelab.speech.stt import CachedRecogniser, RecognisedWord, Transcript

HEARD = Transcript("zo\u00eb, yes", (RecognisedWord("zo\u00eb,", 0.1, 20.25),))
AUDIO = np.arange(100, dtype=np.int16)


def cached(folder: Path) -> tuple[ToldRecogniser, CachedRecogniser]:
    behind = ToldRecogniser(lambda _: HEARD, has_word_times=True)
    return behind, CachedRecogniser(behind, ArrayCache(folder))


def test_the_same_audio_is_heard_once(tmp_path: Path) -> None:
    behind, front = cached(tmp_path)
    assert front.recognise(AUDIO) == front.recognise(AUDIO.copy()) == HEARD
    assert len(behind.asked_samples) == 1
    again, front = cached(tmp_path)
    assert front.recognise(AUDIO) == HEARD
    assert again.asked_samples == []


def test_other_audio_is_heard_anew(tmp_path: Path) -> None:
    behind, front = cached(tmp_path)
    for audio in (AUDIO, AUDIO[:-1], AUDIO[::2], AUDIO + 1):
        front.recognise(audio)
    assert behind.asked_samples == [100, 99, 50, 100]


def test_another_recogniser_finds_nothing_of_it(tmp_path: Path) -> None:
    _, front = cached(tmp_path)
    front.recognise(AUDIO)
    other, front = cached(tmp_path)
    other.identity = "other"
    front.recognise(AUDIO)
    assert other.asked_samples == [100]


def test_it_is_known_as_the_recogniser_behind(tmp_path: Path) -> None:
    behind, front = cached(tmp_path)
    assert (front.name, front.identity) == (behind.name, behind.identity)
    assert front.has_word_times


def test_a_damaged_entry_is_heard_anew(tmp_path: Path) -> None:
    _, front = cached(tmp_path)
    front.recognise(AUDIO)
    (entry,) = [file for file in tmp_path.rglob("*") if file.is_file()]
    entry.write_bytes(entry.read_bytes()[:-3])
    behind, front = cached(tmp_path)
    assert front.recognise(AUDIO) == HEARD
    assert behind.asked_samples == [100]


def test_without_a_cache_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", "")
    behind = ToldRecogniser(lambda _: HEARD)
    front = CachedRecogniser(behind)
    assert front.recognise(AUDIO) == front.recognise(AUDIO) == HEARD
    assert len(behind.asked_samples) == 2
