"""The numpy engine gives the reference engine's scores, always the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.recordings import (
    ROOT,
    noise,
    recorded_frames,
    shared_audio,
    speech_like_frames,
)
from voicelab.speech import Frames, SileroOnnxScorer, SileroScorer

TOLERANCE = 1e-4
SHARED = [
    "jfk.wav",
    "librivox/sense_and_sensibility_01_austen_64kb-0870.wav",
    "calls/google_phone_order_mono_8k.wav",
]
CONVERSATIONS = sorted((ROOT / "data/conversations").glob("*.wav"))


def assert_as_reference(frames: Frames) -> None:
    scores = SileroScorer().score_file(frames)
    reference = SileroOnnxScorer().score_file(frames)
    np.testing.assert_allclose(scores, reference, rtol=0, atol=TOLERANCE)


def test_speech_like_signals_have_the_reference_s_scores() -> None:
    frames = speech_like_frames()
    scores = SileroOnnxScorer().score_file(frames)
    assert scores.min() < 0.01  # the signal covers the range of scores
    assert scores.max() > 0.99
    assert np.mean((scores > 0.1) & (scores < 0.9)) > 0.1
    assert_as_reference(frames)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(20_480, np.int16),
        noise(20_480, peak=3),
        noise(20_480, peak=32_767),
        np.full(20_480, -32_768, np.int16),
        np.tile(np.array([32_767, -32_768], np.int16), 10_240),
        np.where(np.arange(20_480) % 777 == 0, 20_000, 0).astype(np.int16),
    ],
    ids=["silence", "hiss", "loud", "constant", "nyquist", "clicks"],
)
def test_extreme_signals_have_the_reference_s_scores(samples: np.ndarray) -> None:
    assert_as_reference(samples.reshape(-1, 512))


@pytest.mark.parametrize("name", SHARED)
def test_human_speech_has_the_reference_s_scores(name: str) -> None:
    assert_as_reference(recorded_frames(shared_audio(name)))


@pytest.mark.skipif(not CONVERSATIONS, reason="no conversations are built")
def test_the_conversations_have_the_reference_s_scores() -> None:
    for path in CONVERSATIONS[::3]:
        assert_as_reference(recorded_frames(path)[:400])


def test_silence_is_recognised_without_changing_a_bit() -> None:
    frames = speech_like_frames()
    frames[20:60] = 0
    frames[60:64, :-1] = 0  # silent but for the last sample
    frames[64:67, 1:] = 0  # silent but for the first
    frames[66:70] = 0
    assert (frames == 0).all(axis=1).sum() > 100
    in_full = SileroScorer()
    scores = []
    for frame in frames:
        in_full._encoder._heard_silence = False
        scores.append(in_full.score(frame))
    assert SileroScorer().score_file(frames).tolist() == scores


@pytest.mark.parametrize("engine", [SileroScorer, SileroOnnxScorer])
def test_a_snapshot_goes_on_with_the_same_bits(
    engine: type[SileroScorer | SileroOnnxScorer],
) -> None:
    frames = speech_like_frames()
    whole = engine().score_file(frames)
    silent = (frames == 0).all(axis=1)
    falling_silent = int(np.flatnonzero(~silent[:-1] & silent[1:])[0]) + 1
    for cut in (0, 1, 57, 100, falling_silent, falling_silent + 1):
        first, second = engine(), engine()
        first.score_file(frames[:cut])
        snapshot = first.snapshot()
        second.score_file(frames[200:210])
        first.score(frames[300])  # the snapshot is a copy
        second.restore(snapshot)
        assert [second.score(frame) for frame in frames[cut:]] == whole[cut:].tolist()


def test_two_scorers_do_not_disturb_each_other() -> None:
    frames = speech_like_frames()[:100]
    alone = SileroScorer().score_file(frames).tolist()
    one, two = SileroScorer(), SileroScorer()
    together = []
    for frame, other in zip(frames, frames[::-1], strict=True):
        together.append(one.score(frame))
        two.score(other)
    assert together == alone


PROBE = """
import sys
from tests.support.recordings import speech_like_frames
from voicelab.speech import SileroScorer
sys.stdout.buffer.write(SileroScorer().score_file(speech_like_frames()).tobytes())
"""


def scores_with_threads(threads: int) -> bytes:
    counts = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)
    )
    path = os.pathsep.join([str(Path(ROOT)), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        check=True,
        capture_output=True,
        env={**os.environ, **counts, "PYTHONPATH": path},
    )
    return done.stdout


def test_the_number_of_threads_changes_no_bit() -> None:
    assert scores_with_threads(1) == scores_with_threads(2)
