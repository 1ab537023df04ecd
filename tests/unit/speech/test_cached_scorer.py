"""A remembered stream gives the scores that the model would, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from tests.support.scoring import EXPECTED, FRAMES, CountingSilero
from voicelab.audio import Samples
from voicelab.speech import (
    ArrayCache,
    CachedScorer,
    Frames,
    SileroScorer,
    SnapshotScorer,
)
from voicelab.speech.cache import cache_key

STRIDE = 64


def play(
    folder: Path, frames: Iterable[Samples], hint: str = "here"
) -> tuple[list[float], int]:
    """Return the scores of one run and how many frames the model had to score."""
    model = CountingSilero()
    scorer = CachedScorer(model, hint, ArrayCache(folder))
    scores = [scorer.score(frame) for frame in frames]
    scorer.save()
    return scores, model.frames


def changed_from(index: int) -> Frames:
    frames = FRAMES.copy()
    frames[index:, 7] ^= 5
    return frames


def test_the_second_run_needs_no_model(tmp_path: Path) -> None:
    assert play(tmp_path, FRAMES) == (EXPECTED, len(FRAMES))
    assert play(tmp_path, FRAMES) == (EXPECTED, 0)


@pytest.mark.parametrize(
    "index", [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 2 * STRIDE, 200, len(FRAMES) - 1]
)
def test_the_model_takes_over_at_the_first_difference(
    tmp_path: Path, index: int
) -> None:
    play(tmp_path, FRAMES)
    frames = changed_from(index)
    fresh = SileroScorer().score_file(frames).tolist()
    scores, scored = play(tmp_path, frames)
    assert scores == fresh
    assert scores[index:] != EXPECTED[index:]
    assert scored <= len(frames) - index + STRIDE
    # What was new is kept in turn.
    assert play(tmp_path, frames) == (fresh, 0)


def test_frames_that_return_to_the_old_stream_are_still_scored(tmp_path: Path) -> None:
    play(tmp_path, FRAMES)
    frames = FRAMES.copy()
    frames[100, 7] ^= 5
    assert play(tmp_path, frames)[0] == SileroScorer().score_file(frames).tolist()


def test_a_longer_stream_goes_on_and_a_shorter_one_loses_nothing(
    tmp_path: Path,
) -> None:
    play(tmp_path, FRAMES[:130])
    scores, scored = play(tmp_path, FRAMES)
    assert scores == EXPECTED
    assert scored <= len(FRAMES) - 130 + STRIDE
    assert play(tmp_path, FRAMES[:50]) == (EXPECTED[:50], 0)
    assert play(tmp_path, FRAMES) == (EXPECTED, 0)


def test_a_wrong_hint_costs_time_and_no_score(tmp_path: Path) -> None:
    play(tmp_path, FRAMES, "one")
    play(tmp_path, FRAMES[::-1], "two")
    assert play(tmp_path, FRAMES, "two") == (EXPECTED, len(FRAMES))


def test_streams_of_another_identity_are_not_found(tmp_path: Path) -> None:
    play(tmp_path, FRAMES)

    class Other(CountingSilero):
        @property
        def identity(self) -> str:
            return "another model"

    other = Other()
    CachedScorer(other, "here", ArrayCache(tmp_path)).score(FRAMES[0])
    assert other.frames == 1


def test_a_damaged_stream_is_scored_anew(tmp_path: Path) -> None:
    play(tmp_path, FRAMES)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert play(tmp_path, FRAMES) == (EXPECTED, len(FRAMES))


@pytest.mark.parametrize(
    "arrays",
    [
        [],
        [np.zeros((2, 16), np.uint8), np.zeros(2, np.float32)],
        [np.zeros((2, 8), np.uint8), np.zeros(2, np.float32), np.zeros((1, 320))],
        [np.zeros((2, 16), np.uint8), np.zeros(2), np.zeros((1, 320), np.float32)],
        [
            np.zeros((2, 16), np.uint8),
            np.zeros(2, np.float32),
            np.zeros((0, 320), np.float32),
        ],
    ],
)
def test_an_entry_of_another_kind_is_as_good_as_none(
    tmp_path: Path, arrays: list[np.ndarray]
) -> None:
    key = cache_key("stream", SileroScorer().identity, "here")
    ArrayCache(tmp_path).store(key, *arrays)
    assert play(tmp_path, FRAMES[:5]) == (EXPECTED[:5], 5)


def test_reset_goes_back_to_the_start(tmp_path: Path) -> None:
    model = CountingSilero()
    scorer = CachedScorer(model, "here", ArrayCache(tmp_path))
    assert scorer.score_file(FRAMES).tolist() == EXPECTED
    assert scorer.score_file(FRAMES).tolist() == EXPECTED  # from memory
    assert model.frames == len(FRAMES)
    changed = changed_from(70)
    fresh = SileroScorer().score_file(changed).tolist()
    assert scorer.score_file(changed).tolist() == fresh
    assert scorer.score_file(FRAMES).tolist() == EXPECTED


def test_a_frame_may_be_overwritten_after_it_was_scored(tmp_path: Path) -> None:
    play(tmp_path, FRAMES)
    model = CountingSilero()
    scorer = CachedScorer(model, "here", ArrayCache(tmp_path))
    reused = np.empty(512, np.int16)
    frames = changed_from(40)
    scores = []
    for frame in frames:
        reused[:] = frame
        scores.append(scorer.score(reused))
    assert scores == SileroScorer().score_file(frames).tolist()


def test_nothing_is_written_before_save_nor_without_news(tmp_path: Path) -> None:
    scorer = CachedScorer(SileroScorer(), "here", ArrayCache(tmp_path))
    scorer.score_file(FRAMES[:10])
    assert list(tmp_path.iterdir()) == []
    scorer.save()
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.unlink()
    scorer.save()
    assert not file.exists()


def test_without_a_cache_it_is_the_scorer_behind() -> None:
    scorer = CachedScorer(SileroScorer(), "here", ArrayCache(None))
    assert scorer.score_file(FRAMES).tolist() == EXPECTED
    scorer.save()


def test_it_bears_the_name_of_the_scorer_behind(tmp_path: Path) -> None:
    model: SnapshotScorer = SileroScorer()
    scorer = CachedScorer(model, "here", ArrayCache(tmp_path))
    assert (scorer.name, scorer.identity) == (model.name, model.identity)
    assert scorer.frame_samples == 512


def test_a_frame_of_another_shape_is_refused(tmp_path: Path) -> None:
    scorer = CachedScorer(SileroScorer(), "here", ArrayCache(tmp_path))
    with pytest.raises(ValueError, match="shape"):
        scorer.score(np.zeros(100, np.int16))
