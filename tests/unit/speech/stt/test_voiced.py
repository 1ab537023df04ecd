"""Where somebody speaks, and where nobody does."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise, speech_like, tone
from voicelab.audio.pcm import Samples
from voicelab.speech import SileroScorer
from voicelab.speech.stt.voiced import _runs, find_voiced, quietest_sample

RATE_HZ = 16_000


def scores(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("track", "runs"),
    [
        ([], []),
        ([0.4] * 9, []),
        ([0.1, 0.6, 0.6, 0.6, 0.1], [(1, 3)]),
        ([0.6, 0.4, 0.4, 0.3, 0.4], [(0, 2)]),  # above the release it goes on
        ([0.9, 0.9], []),  # a click
        ([0.9, 0.9, 0.9], [(0, 2)]),  # until the end
        ([0.9] * 3 + [0.0] * 6 + [0.9] * 3, [(0, 11)]),  # a plosive
        ([0.9] * 3 + [0.0] * 7 + [0.9] * 3, [(0, 2), (10, 12)]),
        ([0.9, 0.0, 0.9], [(0, 2)]),  # clicks that make one sound
    ],
)
def test_runs_by_hand(track: list[float], runs: list[tuple[int, int]]) -> None:
    assert _runs(scores(*track)) == runs


def hum() -> Samples:
    """Return ten seconds of mains hum."""
    return tone(50, RATE_HZ, 10.0, 0.25) + tone(150, RATE_HZ, 10.0, 0.06)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.int16),
        np.zeros(1, np.int16),
        np.zeros(RATE_HZ, np.int16),
        noise(10 * RATE_HZ),
        hum(),
    ],
    ids=["nothing", "one sample", "silence", "noise", "hum"],
)
def test_without_speech_there_is_no_span(samples: Samples) -> None:
    assert find_voiced(samples, SileroScorer()).spans == ()


def test_every_sample_has_a_score_and_no_span_leaves_the_audio() -> None:
    samples = speech_like(1.0)[:15_001]
    voiced = find_voiced(samples, SileroScorer())
    assert len(voiced.scores) == 30  # 29 whole frames, and one filled up
    assert all(0 <= s.start_samples < s.end_samples <= 15_001 for s in voiced.spans)


def test_the_quietest_frame_is_found_between_two_samples() -> None:
    track = scores(0.0, 0.9, 0.5, 0.2, 0.9, 0.1)
    assert quietest_sample(track, 512, 5 * 512) == 3 * 512 + 256
    assert quietest_sample(track, 512, 700) == 512 + 256
