from __future__ import annotations

import numpy as np
import pytest

from voicelab.audio import AudioFormat
from voicelab.session.reply import SpeechPiece, SpokenWord
from voicelab.session.timeline import AudioTimeline
from voicelab.session.usage import Tokens


def timeline(
    *lengths: int, audio_format: AudioFormat = AudioFormat.PCM
) -> AudioTimeline:
    whole = AudioTimeline(audio_format)
    for number, length in enumerate(lengths):
        word = SpokenWord(f"w{number}", whole.samples, whole.samples + length)
        samples = np.arange(length, dtype=np.int16)
        whole.add(SpeechPiece(samples, (word,), f"w{number} "))
    return whole


def test_pieces_add_up() -> None:
    whole = timeline(2400, 1200)
    assert (whole.samples, whole.duration_ms, whole.held_ms) == (3600, 150, 150)
    assert whole.transcript == "w0 w1 "
    assert [word.text for word in whole.words] == ["w0", "w1"]
    expected = np.concatenate([np.arange(2400), np.arange(1200)])
    np.testing.assert_array_equal(whole.held_audio(), expected)


def test_nothing_said_holds_nothing() -> None:
    empty = AudioTimeline(AudioFormat.PCM)
    assert (empty.duration_ms, len(empty.held_audio())) == (0, 0)
    assert empty.tokens() == Tokens()
    assert empty.reaches(0)
    assert not empty.reaches(1)


@pytest.mark.parametrize(
    ("samples", "reached", "beyond"), [(2400, 100, 101), (2401, 101, 102), (23, 1, 2)]
)
def test_a_started_millisecond_is_reached(
    samples: int, reached: int, beyond: int
) -> None:
    whole = timeline(samples)
    assert whole.reaches(reached)
    assert not whole.reaches(beyond)


def test_a_cut_keeps_audio_and_words_but_no_text() -> None:
    whole = timeline(2400, 2400)
    whole.truncate(75)
    assert (whole.held_samples, whole.held_ms, whole.duration_ms) == (1800, 75, 200)
    assert whole.transcript == ""
    assert len(whole.words) == 2  # what was said stays said
    np.testing.assert_array_equal(whole.held_audio(), np.arange(1800))
    assert not whole.reaches(76)


def test_a_cut_never_grows() -> None:
    whole = timeline(2400)
    whole.truncate(50)
    whole.truncate(100)
    assert whole.held_ms == 50


def test_what_comes_after_a_cut_is_not_held() -> None:
    whole = timeline(2400)
    whole.truncate(100)
    whole.add(SpeechPiece(np.ones(2400, np.int16), (), "more"))
    assert (whole.held_ms, whole.duration_ms, whole.transcript) == (100, 200, "")


def test_tokens_follow_the_cut() -> None:
    whole = timeline(24_000)
    assert whole.tokens() == Tokens(text=1, audio=20)
    whole.truncate(499)
    assert whole.tokens() == Tokens(text=0, audio=9)


def test_audio_that_is_let_go_leaves_its_length() -> None:
    whole = timeline(24_000)
    assert whole.audio_bytes == 48_000
    whole.let_go_of_audio()
    assert (whole.audio_bytes, len(whole.held_audio())) == (0, 0)
    assert (whole.held_ms, whole.tokens().audio) == (1000, 20)
    whole.truncate(100)
    assert whole.held_ms == 100


def test_g711_counts_at_its_rate() -> None:
    whole = timeline(8000, audio_format=AudioFormat.PCMU)
    whole.truncate(250)
    assert (whole.duration_ms, whole.held_samples) == (1000, 2000)
