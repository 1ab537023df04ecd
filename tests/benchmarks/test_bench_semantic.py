"""What semantic turn detection costs: one judgement, and a long conversation with it.

Budgets: 60 ms a judgement on one core; ten minutes with judged pauses and transcripts
25 times real time with nothing known, 400 times with everything known.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.long_calls import long_scenario, time_runs
from tests.support.recordings import speech_like_frames
from voicelab.lab.experiment import run_scenario
from voicelab.scenario.model import Scenario
from voicelab.speech import ArrayCache
from voicelab.speech.end_of_turn import (
    CachedEndOfTurn,
    SmartTurn,
    TurnAudio,
    cached,
    log_mel,
)

pytestmark = pytest.mark.benchmark

MINUTES = 10
EIGHT_SECONDS = speech_like_frames()[:250]


def test_one_judgement(benchmark: BenchmarkFixture) -> None:
    model, samples = SmartTurn(), EIGHT_SECONDS.ravel()
    model.probability(samples)  # loads it
    assert 0 <= benchmark(model.probability, samples) <= 1


def test_its_features(benchmark: BenchmarkFixture) -> None:
    assert benchmark(log_mel, EIGHT_SECONDS.ravel()).shape == (80, 800)


def test_a_judgement_known_on_disk(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    windows = tuple(np.tile(frame, 2)[:804] for frame in EIGHT_SECONDS)
    audio = TurnAudio(windows, 24_000)
    folder = ArrayCache(tmp_path)
    CachedEndOfTurn(SmartTurn(), folder).probability_of(audio)

    def again() -> float:
        return CachedEndOfTurn(SmartTurn(), folder).probability_of(audio)

    assert 0 <= benchmark(again) <= 1


@pytest.fixture(scope="module", params=["labels", "moonshine"])
def ten_minutes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Scenario:
    """Transcripts come from the labels, or are worked out, at each pause."""
    folder = tmp_path_factory.mktemp("long")
    detection = {"type": "semantic_vad", "eagerness": "auto"}
    heard = {"turn_detection": detection, "transcription": {"model": "gpt-t"}}
    session = {"type": "realtime", "audio": {"input": heard}}
    agent: dict[str, Any] = {"responder": "recorded"}
    if request.param != "labels":
        pytest.importorskip("moonshine_voice", reason="the recogniser is not installed")
        agent = {"responder": "cascade", "cascade": {"stt": request.param}}
    return long_scenario(folder, MINUTES, session=session, agent=agent)


def test_ten_minutes_cold(
    benchmark: BenchmarkFixture,
    ten_minutes: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("VOICELAB_CACHE", str(cache))

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        cached.smart_turn.cache_clear()

    time_runs(benchmark, ten_minutes, tmp_path / "runs", forget, rounds=2)


def test_ten_minutes_warm(
    benchmark: BenchmarkFixture,
    ten_minutes: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process has run it before: all is known, on disk only."""
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    run_scenario(ten_minutes, tmp_path / "runs")
    forget = cached.smart_turn.cache_clear
    time_runs(benchmark, ten_minutes, tmp_path / "runs", forget, rounds=5)
