"""The vectorised turn decisions are those of the streaming detector."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicelab.session.decisions import ScoreTrack
from voicelab.session.turn_detection import (
    FRAME_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
)

SCORES = st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.35, 0.5, 0.85, 1.0])
SETTINGS = st.builds(
    TurnSettings,
    threshold=st.floats(0, 1) | st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    prefix_padding_ms=st.integers(0, 600),
    silence_duration_ms=st.integers(0, 10 * FRAME_MS),
)


def streamed(
    scores: list[float], settings: TurnSettings
) -> tuple[list[TurnStart], list[TurnEnd]]:
    detector = TurnDetector(settings)
    found = [detector.feed(score) for score in scores]
    starts = [each for each in found if isinstance(each, TurnStart)]
    return starts, [each for each in found if isinstance(each, TurnEnd)]


def assert_alike(scores: list[float], settings: TurnSettings) -> None:
    starts, ends = streamed(scores, settings)
    at_once = ScoreTrack(scores).decide(settings)
    assert at_once.onset_ms.tolist() == [each.onset_ms for each in starts]
    assert at_once.audio_start_ms.tolist() == [each.audio_start_ms for each in starts]
    assert at_once.last_voiced_ms.tolist() == [each.last_voiced_ms for each in ends]
    assert at_once.audio_end_ms.tolist() == [each.audio_end_ms for each in ends]


@given(scores=st.lists(SCORES, max_size=80), settings=SETTINGS)
def test_any_scores_and_settings(scores: list[float], settings: TurnSettings) -> None:
    assert_alike(scores, settings)


@given(seed=st.integers(0, 2**32 - 1), settings=SETTINGS)
def test_scores_that_come_in_runs(seed: int, settings: TurnSettings) -> None:
    """As speech does: mostly near 0 or 1, for some frames at a time."""
    rng = np.random.default_rng(seed)
    levels = rng.choice([0.02, 0.3, 0.6, 0.97], size=40)
    runs = np.repeat(levels, rng.integers(1, 12, size=40))
    scores = np.clip(runs + rng.normal(0, 0.05, len(runs)), 0, 1)
    assert_alike(scores.tolist(), settings)
