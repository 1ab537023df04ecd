"""What semantic turn detection costs: one judgement, and a long conversation with it.

Budgets: 60 ms a judgement on one core; ten minutes with judged pauses and transcripts
25 times real time with nothing known, 400 times with everything known.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.build.long_call import build_long
from tests.support.recordings import speech_like_frames
from voicelab.lab.experiment import run_scenario
from voicelab.scenario import scenario_from
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


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder = tmp_path_factory.mktemp("long")
    audio = build_long(MINUTES, folder / "long.wav")
    detection = {"type": "semantic_vad", "eagerness": "auto"}
    heard = {"turn_detection": detection, "transcription": {"model": "gpt-t"}}
    link = {"delay_ms": 40, "jitter_ms": 10}
    mapping = {
        "voicelab": 1,
        "name": "long-semantic",
        "caller": {
            "audio": audio,
            "channel": 0,
            "labels": audio.with_suffix(".json"),
        },
        "agent": {"responder": "recorded"},
        "session": {"type": "realtime", "audio": {"input": heard}},
        "channel": {"uplink": link, "downlink": link},
        "seed": 1,
    }
    return scenario_from(mapping, folder)


def _measure(
    benchmark: BenchmarkFixture,
    scenario: Scenario,
    out: Path,
    before_each: Callable[[], None],
    rounds: int,
) -> None:
    run = benchmark.pedantic(  # type: ignore[no-untyped-call]
        run_scenario, args=(scenario, out), setup=before_each, rounds=rounds
    )
    conversation_s = json.loads((run / "manifest.json").read_text())["conversation_s"]
    if benchmark.stats:
        wall_s = benchmark.stats["median"]
        benchmark.extra_info["times_real_time"] = round(conversation_s / wall_s)


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

    _measure(benchmark, ten_minutes, tmp_path / "runs", forget, rounds=2)


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
    _measure(benchmark, ten_minutes, tmp_path / "runs", forget, rounds=5)
