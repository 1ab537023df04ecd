"""Whatever two streams share and wherever they part, the cache changes no bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.recordings import speech_like_frames
from voicelab.speech import ArrayCache, CachedScorer, Frames, SileroScorer

repeatable = settings(derandomize=True, deadline=None, max_examples=25)
FRAMES = speech_like_frames()

runs = st.lists(
    st.tuples(st.integers(0, 180), st.integers(0, 180), st.integers(0, 3)),
    min_size=2,
    max_size=5,
)


def stream(length: int, parting: int, variant: int) -> Frames:
    frames = FRAMES[:length].copy()
    frames[parting:, 0] += np.int16(variant)
    return frames


@repeatable
@given(runs=runs)
def test_any_sequence_of_runs_has_the_model_s_scores(
    runs: list[tuple[int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for length, parting, variant in runs:
            frames = stream(length, parting, variant)
            cache = ArrayCache(Path(folder))
            scorer = CachedScorer(SileroScorer(), "hint", cache)
            scores = [scorer.score(frame) for frame in frames]
            scorer.save()
            assert scores == SileroScorer().score_file(frames).tolist()


@repeatable
@given(cuts=st.lists(st.integers(0, 180), max_size=3), seed=st.integers(0, 9))
def test_snapshots_anywhere_change_no_bit(cuts: list[int], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(180)
    frames = FRAMES[order]
    expected = SileroScorer().score_file(frames).tolist()
    scorer, scores = SileroScorer(), []
    for index, frame in enumerate(frames):
        if index in cuts:
            snapshot = scorer.snapshot()
            scorer = SileroScorer()
            scorer.restore(snapshot)
        scores.append(scorer.score(frame))
    assert scores == expected
