"""Turn decisions over a whole track, by hand; the property test does the rest."""

from __future__ import annotations

from voicelab.session.decisions import ScoreTrack
from voicelab.session.turn_detection import TurnSettings

SETTINGS = TurnSettings(threshold=0.5, prefix_padding_ms=50, silence_duration_ms=64)
#          0    1    2    3    4     5    6    7    8    9    10
SCORES = [0.1, 0.6, 0.4, 0.3, 0.45, 0.2, 0.9, 0.8, 0.1, 0.1, 0.1]


def test_two_turns_worked_out_by_hand() -> None:
    """0.4 is no silence yet; 0.3 is, and lasts 64 ms when frame 5 begins."""
    found = ScoreTrack(SCORES).decide(SETTINGS)
    assert found.onset_ms.tolist() == [32, 192]
    assert found.audio_start_ms.tolist() == [0, 192]  # not before the first one's end
    assert found.last_voiced_ms.tolist() == [96, 256]
    assert found.audio_end_ms.tolist() == [192, 352]


def test_a_track_that_ends_within_a_turn_has_one_end_fewer() -> None:
    found = ScoreTrack(SCORES[:-1]).decide(SETTINGS)
    assert found.onset_ms.tolist() == [32, 192]
    assert found.audio_end_ms.tolist() == [192]


def test_nothing_is_found_where_nothing_reaches_the_threshold() -> None:
    for scores in ([], SCORES):
        found = ScoreTrack(scores).decide(TurnSettings(threshold=0.95))
        assert len(found.onset_ms) == len(found.audio_end_ms) == 0


def test_one_track_serves_many_settings() -> None:
    track = ScoreTrack(SCORES)
    patient = TurnSettings(threshold=0.5, silence_duration_ms=128)
    assert track.decide(SETTINGS).onset_ms.tolist() == [32, 192]
    assert track.decide(patient).onset_ms.tolist() == [32]
    assert track.decide(SETTINGS).onset_ms.tolist() == [32, 192]
    assert len(track) == len(SCORES)
