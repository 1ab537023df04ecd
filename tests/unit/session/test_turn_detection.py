from __future__ import annotations

import pytest

from voicelab.session.turn_detection import (
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
)

SETTINGS = TurnSettings(threshold=0.5, prefix_padding_ms=64, silence_duration_ms=96)


def decisions(
    scores: list[float], settings: TurnSettings = SETTINGS
) -> list[TurnStart | TurnEnd]:
    detector = TurnDetector(settings)
    found = (detector.feed(score) for score in scores)
    return [change for change in found if change is not None]


def test_a_turn_from_its_first_frame_to_the_end_of_the_silence() -> None:
    assert decisions([0, 0, 0, 1, 1, 0, 0, 0, 0, 0]) == [
        TurnStart(audio_start_ms=32, onset_ms=96),
        TurnEnd(audio_end_ms=288, last_voiced_ms=160),
    ]


def test_the_threshold_itself_is_speech() -> None:
    assert decisions([0.5]) == [TurnStart(0, 0)]
    assert decisions([0.4999]) == []


def test_a_score_between_release_and_threshold_neither_starts_nor_ends() -> None:
    between = 0.36
    assert decisions([between] * 9) == []
    assert decisions([1, *[between] * 9]) == [TurnStart(0, 0)]


def test_silence_goes_on_over_scores_between_release_and_threshold() -> None:
    scores = [1, 0, 0.4, 0.4, 0.4]
    assert decisions(scores)[1] == TurnEnd(audio_end_ms=160, last_voiced_ms=32)


def test_speech_within_the_silence_starts_it_anew() -> None:
    assert decisions([1, 0, 0, 0, 1, 0, 0, 0]) == [TurnStart(0, 0)]
    assert decisions([1, 0, 0, 0, 1, 0, 0, 0, 0])[1] == TurnEnd(288, 160)


def test_padding_stops_at_the_previous_turns_end() -> None:
    _, end, second = decisions([1, 0, 0, 0, 0, 0, 1])
    assert end == TurnEnd(160, 32)
    assert second == TurnStart(audio_start_ms=160, onset_ms=192)


@pytest.mark.parametrize(
    ("silence_ms", "frames"), [(0, 0), (1, 1), (32, 1), (33, 2), (200, 7), (500, 16)]
)
def test_silence_lasts_whole_frames_after_its_first(
    silence_ms: int, frames: int
) -> None:
    settings = TurnSettings(silence_duration_ms=silence_ms)
    assert decisions([1, *[0.0] * 20], settings)[1] == TurnEnd((2 + frames) * 32, 32)


def test_the_release_threshold_has_a_floor() -> None:
    assert TurnSettings(threshold=0.5).release_threshold == pytest.approx(0.35)
    assert TurnSettings(threshold=0.1).release_threshold == 0.01
    settings = TurnSettings(threshold=0.1, silence_duration_ms=32)
    assert decisions([0.2, 0.02, 0.0, 0.0], settings)[1] == TurnEnd(128, 64)


def test_other_settings_apply_to_a_running_turn() -> None:
    detector = TurnDetector(SETTINGS)
    detector.feed(1.0)
    detector.feed(0.0)
    detector.reconfigure(TurnSettings(silence_duration_ms=32))
    assert detector.speaking
    assert detector.feed(0.0) == TurnEnd(96, 32)


def test_an_interrupted_turn_ends_without_a_word() -> None:
    detector = TurnDetector(SETTINGS)
    detector.feed(1.0)
    detector.interrupt()
    assert not detector.speaking
    assert [detector.feed(0.0) for _ in range(9)] == [None] * 9
    assert detector.feed(1.0) == TurnStart(10 * 32 - 64, 10 * 32)


def test_padding_stops_where_a_turn_was_interrupted() -> None:
    detector = TurnDetector(SETTINGS)
    detector.feed(0.0)
    detector.interrupt()
    assert detector.feed(1.0) == TurnStart(32, 32)


def test_frames_that_nobody_judged_count() -> None:
    detector = TurnDetector(SETTINGS)
    for _ in range(5):
        detector.skip()
    assert detector.position_ms == 160
    assert detector.feed(1.0) == TurnStart(96, 160)


def test_counting_resumes_anywhere() -> None:
    detector = TurnDetector(SETTINGS)
    detector.feed(1.0)
    detector.resume_at(1001)
    assert not detector.speaking
    assert detector.feed(1.0) == TurnStart(1001, 1001)
    detector.interrupt()
    assert detector.position_ms == 1033
