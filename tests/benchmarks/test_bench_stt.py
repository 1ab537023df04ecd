"""How fast speech is recognised on one core, and how fast a recording is labelled.

Recognition is timed by the processor time of all its threads, so that it tells of one
core however many there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.recordings import ROOT
from voicelab.audio import Samples, read_audio
from voicelab.clock import Stopwatch
from voicelab.labelling import label
from voicelab.speech.stt import Engine, EngineRecogniser
from voicelab.speech.stt.moonshine import MoonshineEngine
from voicelab.speech.stt.whisper import WhisperEngine

pytestmark = pytest.mark.benchmark

RATE_HZ = 16_000
CALL = ROOT / "data" / "conversations" / "dentist.wav"
MAX_REAL_TIME_SHARE = 0.15


@pytest.fixture(scope="module")
def caller() -> Samples:
    """Return 48 s of a call, of which the caller speaks less than half."""
    return read_audio(CALL, channel=0, rate_hz=RATE_HZ).samples


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("make", [MoonshineEngine, WhisperEngine])
def test_a_call_is_recognised_in_a_fraction_of_its_time(
    benchmark: BenchmarkFixture, caller: Samples, make: Callable[[], Engine]
) -> None:
    engine = make()
    EngineRecogniser(engine).recognise(caller[: 10 * RATE_HZ])  # loads the model
    # a new one each time: a recogniser remembers what it heard last
    benchmark(lambda: EngineRecogniser(engine).recognise(caller))
    if benchmark.stats:
        took_s = float(np.median(benchmark.stats.stats.data))
        assert took_s <= MAX_REAL_TIME_SHARE * len(caller) / RATE_HZ


def test_a_known_recording_is_labelled_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    first = label(CALL)
    watch = Stopwatch()
    assert label(CALL) == first
    assert watch.elapsed_s() <= 1.0
