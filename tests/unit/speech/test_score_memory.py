"""Scores that runs share are those of the model, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from tests.support.scoring import EXPECTED, FRAMES, CountingSilero
from voicelab.audio import Samples
from voicelab.speech import (
    EnergyScorer,
    RememberingScorer,
    ScoreMemory,
    SileroScorer,
    score_memory,
)
from voicelab.speech.cached_scorer import LazyScorer
from voicelab.speech.vad import VadScorer

STRIDE = 16


def play(memory: ScoreMemory, frames: Iterable[Samples]) -> tuple[list[float], int]:
    """Return the scores of one run and how many frames the model had to score."""
    model = CountingSilero()
    scorer = RememberingScorer(model, memory)
    return [scorer.score(frame) for frame in frames], model.frames


def test_what_was_heard_before_needs_no_model() -> None:
    memory = ScoreMemory()
    scores, scored = play(memory, FRAMES)
    assert scores == EXPECTED
    assert 0 < scored <= len(FRAMES)  # of pairs of frames that come twice, one
    assert play(memory, FRAMES) == (EXPECTED, 0)


@pytest.mark.parametrize(
    "index", [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 200, len(FRAMES) - 1]
)
def test_the_model_takes_over_at_the_first_difference(index: int) -> None:
    memory = ScoreMemory()
    play(memory, FRAMES)
    frames = FRAMES.copy()
    frames[index, 7] ^= 5
    scores, scored = play(memory, frames)
    assert scores == SileroScorer().score_file(frames).tolist()
    assert scored <= len(frames) - index + STRIDE
    # both streams are known from now on
    assert play(memory, frames) == (scores, 0)
    assert play(memory, FRAMES) == (EXPECTED, 0)


def test_a_pair_of_frames_is_encoded_once_wherever_it_stands() -> None:
    memory = ScoreMemory()
    play(memory, FRAMES)
    late = np.concatenate([FRAMES[:3], FRAMES])
    scores, scored = play(memory, late)
    assert scores == SileroScorer().score_file(late).tolist()
    assert scores[3:] != EXPECTED  # what was heard before still counts
    assert scored == 1  # the first frame, which now comes after another one


def test_a_model_goes_on_alike_after_frames_that_came_encoded() -> None:
    """Whether it scores the next itself, or is told it, or is put back and asked."""
    teacher, model = SileroScorer(), SileroScorer()
    encoded = []
    for frame in FRAMES[:60]:
        teacher.score(frame)
        encoded.append(teacher.encoded())
    told = [model.score_encoded(each) for each in encoded[:30]]
    assert told == EXPECTED[:30]
    snapshot = model.snapshot()
    assert model.score(FRAMES[30]) == EXPECTED[30]
    assert model.score_encoded(encoded[31]) == EXPECTED[31]
    assert np.array_equal(model.encoded(), encoded[31])
    model.restore(snapshot)
    assert [model.score(frame) for frame in FRAMES[30:60]] == EXPECTED[30:60]


def test_what_was_encoded_is_kept_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(score_memory, "KEPT_ENCODED", 10)
    memory = ScoreMemory()
    assert play(memory, FRAMES)[0] == EXPECTED
    assert len(memory.encoded) == 10


def test_one_scorer_serves_stream_after_stream() -> None:
    scorer = RememberingScorer(SileroScorer(), ScoreMemory())
    for _ in range(2):
        assert scorer.score_file(FRAMES).tolist() == EXPECTED
    assert scorer.score_file(FRAMES[5:]).tolist() != EXPECTED[5:]


def test_what_was_forgotten_is_scored_again() -> None:
    memory = ScoreMemory(kept_scores=40)
    play(memory, FRAMES)
    assert len(memory.scores) == 40
    assert play(memory, FRAMES)[0] == EXPECTED
    assert len(memory.scores) == 40
    assert len(memory.snapshots) <= 40 // STRIDE + 1


@pytest.mark.parametrize("kept", [1, 17, 100, 150])
def test_a_gap_in_the_memory_changes_no_score(kept: int) -> None:
    """Scores are forgotten one by one, so a stream may be known in its middle only."""
    memory = ScoreMemory(kept_scores=kept)
    play(memory, FRAMES)
    for key in list(memory.scores)[: kept // 2]:
        del memory.scores[key]
    assert play(memory, FRAMES)[0] == EXPECTED


def test_scorers_of_other_kinds_do_not_mix() -> None:
    class Snapshots(EnergyScorer):
        def snapshot(self) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
            return np.zeros(0, np.float32)

        def restore(self, snapshot: object) -> None:
            del snapshot
            self.reset()

    memory = ScoreMemory()
    play(memory, FRAMES)
    scorer = RememberingScorer(Snapshots(), memory)
    assert [scorer.score(frame) for frame in FRAMES] != EXPECTED


def test_it_says_what_it_stands_for() -> None:
    model: VadScorer = SileroScorer()
    scorer = RememberingScorer(SileroScorer(), ScoreMemory())
    assert isinstance(scorer, LazyScorer)
    told = (scorer.name, scorer.identity, scorer.frame_samples)
    assert told == (model.name, model.identity, model.frame_samples)
