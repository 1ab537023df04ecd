"""A recogniser hears speech only, window by window."""

from __future__ import annotations

import numpy as np

from tests.support.listening import EchoEngine
from tests.support.recordings import speech_like
from voicelab.speech.stt import EngineRecogniser

RATE_HZ = 16_000


def test_the_engine_is_not_asked_about_silence() -> None:
    engine = EchoEngine()
    recogniser = EngineRecogniser(engine)
    for size in (0, 1, 511, 5 * RATE_HZ):
        heard = recogniser.recognise(np.zeros(size, np.int16))
        assert (heard.text, heard.words) == ("", ())
    assert engine.heard_samples == []


def test_long_speech_comes_in_windows_and_words_in_order() -> None:
    engine = EchoEngine(limit_s=4)
    samples = speech_like(30.0)
    heard = EngineRecogniser(engine).recognise(samples)
    assert len(engine.heard_samples) > 3
    assert max(engine.heard_samples) <= 4 * RATE_HZ + 2 * 4_800
    assert heard.text.split() == [word.text for word in heard.words]
    starts_ms = [word.start_ms for word in heard.words]
    assert starts_ms == sorted(starts_ms)
    assert starts_ms[-1] > 25_000
    assert all(0 <= w.start_ms < w.end_ms <= 30_000 for w in heard.words)


def test_whatever_changes_a_transcript_is_in_the_identity() -> None:
    one, other = (EngineRecogniser(EchoEngine(identity=i)) for i in ("one", "other"))
    assert one.identity != other.identity
    assert "windows" in one.identity
    assert "silero" in one.identity
    assert (one.name, one.has_word_times) == ("echo", True)


def test_silence_behind_the_speech_is_not_heard_anew() -> None:
    engine = EchoEngine()
    recogniser = EngineRecogniser(engine)
    speech = speech_like(1.6)
    silence = np.zeros(RATE_HZ, np.int16)
    first = recogniser.recognise(np.concatenate((speech, silence[: RATE_HZ // 2])))
    assert recogniser.recognise(np.concatenate((speech, silence))) == first
    assert len(engine.heard_samples) == 1
    recogniser.recognise(np.concatenate((speech + 1, silence)))
    assert len(engine.heard_samples) == 2


def test_few_windows_are_remembered() -> None:
    engine = EchoEngine(limit_s=1)
    recogniser = EngineRecogniser(engine)
    samples = speech_like(60.0)
    recogniser.recognise(samples)
    windows = len(engine.heard_samples)
    assert windows > 16
    recogniser.recognise(samples)
    assert len(engine.heard_samples) == 2 * windows
