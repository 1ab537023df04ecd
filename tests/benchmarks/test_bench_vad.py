"""What a frame of 32 ms costs, on one thread.

Every benchmark handles the same 375 frames (12 s); divide by that. A whole file at
450 times real time is 71 µs a frame: 26.7 ms here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.recordings import speech_like, speech_like_frames
from voicelab.audio import AudioFormat, VadFrontEnd, read_audio, resample, write_wav
from voicelab.speech import (
    ArrayCache,
    CachedScorer,
    SileroScorer,
    VadScorer,
    make_scorer,
)

pytestmark = pytest.mark.benchmark

FRAMES = speech_like_frames()
FULL = FRAMES | 1  # no digital silence: the encoder runs for every frame


def stream(scorer: VadScorer) -> float:
    return sum(scorer.score(frame) for frame in FULL)


@pytest.mark.parametrize("name", ["silero", "silero-onnx", "webrtc", "energy"])
def test_whole_file(benchmark: BenchmarkFixture, name: str) -> None:
    scores = benchmark(make_scorer(name).score_file, FULL)
    assert len(scores) == len(FULL)


@pytest.mark.parametrize("name", ["silero", "silero-onnx"])
def test_streaming(benchmark: BenchmarkFixture, name: str) -> None:
    assert benchmark(stream, make_scorer(name)) > 0


def test_silero_on_digital_silence(benchmark: BenchmarkFixture) -> None:
    scores = benchmark(make_scorer("silero").score_file, np.zeros_like(FULL))
    assert scores.max() < 0.1


def test_stream_found_in_the_cache(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    cold = CachedScorer(SileroScorer(), "bench", ArrayCache(tmp_path))
    stream(cold)
    cold.save()
    warm = CachedScorer(SileroScorer(), "bench", ArrayCache(tmp_path))

    def again() -> float:
        warm.reset()
        return stream(warm)

    assert benchmark(again) > 0


@pytest.mark.parametrize("rate_hz", [24_000, 16_000, 8_000])
def test_front_end(benchmark: BenchmarkFixture, rate_hz: int) -> None:
    """In chunks of 20 ms, as a client sends them."""
    samples = resample(speech_like(), 16_000, rate_hz)
    chunks = samples.reshape(-1, rate_hz // 50)

    def push_all() -> int:
        front_end = VadFrontEnd(rate_hz)
        return sum(len(front_end.push(chunk)) for chunk in chunks)

    assert benchmark(push_all) == len(FRAMES)


@pytest.mark.parametrize("fmt", list(AudioFormat))
def test_encode_and_decode_20_ms(benchmark: BenchmarkFixture, fmt: AudioFormat) -> None:
    samples = speech_like()[16_000:][: fmt.rate_hz // 50]
    assert len(benchmark(lambda: fmt.decode(fmt.encode(samples)))) == len(samples)


def test_read_a_minute_of_48_khz(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "minute.wav"
    block = resample(speech_like(), 16_000, 48_000)
    write_wav(path, [block] * 5, 48_000, 1)
    recording = benchmark(read_audio, path)
    assert len(recording.samples) == 60 * 24_000
