"""Turns cut out of a recording, by labels and by ear."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.audio import read_audio
from voicelab.errors import LabelError
from voicelab.lab.relations import Opening, ReplyGap
from voicelab.lab.turns import (
    POST_ROLL_MS,
    PRE_ROLL_MS,
    TURN_SILENCE_MS,
    CallerTurn,
    turns_by_vad,
    turns_from_labels,
)
from voicelab.paths import data_dir
from voicelab.scenario.label_model import Labels, LabelTurn, Word
from voicelab.scenario.labels import load_labels
from voicelab.speech.scorers import make_scorer

RATE_HZ = 8_000
MS = 8


def recording(duration_ms: int = 10_000) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return samples each of which tells its millisecond."""
    return np.repeat(np.arange(duration_ms), MS).astype(np.int16)


def cut(*spans_ms: tuple[float, float]) -> list[CallerTurn]:
    turns = tuple(LabelTurn("caller", start, end) for start, end in spans_ms)
    return turns_from_labels(recording(), RATE_HZ, Labels(turns=turns))


def extent_ms(turn: CallerTurn) -> tuple[int, int]:
    return int(turn.clip[0]), int(turn.clip[-1]) + 1


def test_a_clip_has_a_little_of_what_lies_around_it() -> None:
    (turn,) = cut((1000, 2500))
    assert extent_ms(turn) == (1000 - PRE_ROLL_MS, 2500 + POST_ROLL_MS)
    assert turn.onset_samples == PRE_ROLL_MS * MS
    assert turn.speech_samples == 1500 * MS
    assert turn.clip[turn.onset_samples] == 1000


def test_the_recording_s_ends_limit_it() -> None:
    first, last = cut((30, 900), (8000, 9950))
    assert extent_ms(first)[0] == 0
    assert first.onset_samples == 30 * MS
    assert extent_ms(last)[1] == 10_000


def test_a_neighbouring_turn_limits_it() -> None:
    before, after = cut((1000, 2000), (2050, 3000))
    assert extent_ms(before) == (920, 2050)
    assert extent_ms(after) == (2000, 3160)
    assert after.onset_samples == 50 * MS


def test_fractional_times_round_down_to_samples() -> None:
    (turn,) = cut((1000.2, 2000.9))
    assert turn.clip[turn.onset_samples] == 1000
    assert turn.speech_samples == 16_007 - 8_001


def test_words_count_from_the_onset() -> None:
    words = (Word("yes", 1000, 1200), Word("please", 1300, 1700))
    labels = Labels(turns=(LabelTurn("caller", 1000, 1700, words=words),))
    (turn,) = turns_from_labels(recording(), RATE_HZ, labels)
    assert turn.words == (Word("yes", 0, 200), Word("please", 300, 700))


def test_labels_without_a_caller_are_refused() -> None:
    labels = Labels(turns=(LabelTurn("agent", 0, 1),))
    with pytest.raises(LabelError, match="no turn of the caller"):
        turns_from_labels(recording(), RATE_HZ, labels)


def test_another_rate_keeps_all_times() -> None:
    (turn,) = cut((1000, 2500))
    twice = turn.at_rate(24_000)
    assert turn.at_rate(RATE_HZ) is turn
    assert len(twice.clip) == 3 * len(turn.clip)
    assert twice.onset_samples == 3 * turn.onset_samples
    assert twice.speech_samples == 3 * turn.speech_samples


@pytest.mark.parametrize("name", ["bank-card", "directions"])
def test_turns_found_by_ear_are_the_labelled_ones(name: str) -> None:
    """Turns that a silence parts are found, to within a frame or two."""
    path = data_dir() / "conversations" / f"{name}.wav"
    audio = read_audio(path, channel=0, rate_hz=None)
    labels = load_labels(path.with_suffix(".json"))
    found = turns_by_vad(
        audio.samples, audio.rate_hz, make_scorer("silero"), reply_gap_ms=600
    )
    spans = [
        (turn.recorded_ms, turn.recorded_ms + turn.speech_samples / turn.rate_hz * 1000)
        for turn in found
    ]
    expected = _parted(labels)
    assert len(spans) == len(expected)
    for (start_ms, end_ms), (label_start_ms, label_end_ms) in zip(
        spans, expected, strict=True
    ):
        assert start_ms == pytest.approx(label_start_ms, abs=100)
        assert end_ms == pytest.approx(label_end_ms, abs=200)
    assert found[0].relation == Opening(found[0].recorded_ms)
    assert {turn.relation for turn in found[1:]} == {ReplyGap(600)}


def _parted(labels: Labels) -> list[tuple[float, float]]:
    """Return the caller's words between silences long enough to part turns."""
    spans: list[tuple[float, float]] = []
    for turn in labels.caller_turns():
        for word in turn.words:
            if spans and word.start_ms - spans[-1][1] < TURN_SILENCE_MS:
                spans[-1] = (spans[-1][0], word.end_ms)
            else:
                spans.append((word.start_ms, word.end_ms))
    return spans


def test_speech_up_to_the_recording_s_end_is_a_turn() -> None:
    path = data_dir() / "conversations" / "bank-card.wav"
    audio = read_audio(path, channel=0, rate_hz=None)
    first = load_labels(path.with_suffix(".json")).caller_turns()[0]
    longest = max(first.words, key=lambda word: word.end_ms - word.start_ms)
    mid_word_ms = (longest.start_ms + longest.end_ms) / 2
    found = turns_by_vad(
        audio.samples[: int(mid_word_ms * audio.rate_hz / 1000)],
        audio.rate_hz,
        make_scorer("silero"),
        reply_gap_ms=600,
    )
    last = found[-1]
    end_ms = last.recorded_ms + last.speech_samples / last.rate_hz * 1000
    assert end_ms == pytest.approx(mid_word_ms, abs=33)


def test_silence_holds_no_turn() -> None:
    silence = np.zeros(5 * RATE_HZ, np.int16)
    assert turns_by_vad(silence, RATE_HZ, make_scorer("silero"), reply_gap_ms=0) == []
