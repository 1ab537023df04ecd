"""Speed and memory of a long conversation over the full wire, in virtual time.

The conversation is put together from the bundled ones; recordings, Silero, JSON on
both ways, player, event log and audio are all real. `extra_info` of each benchmark
holds the multiple of real time, which is what the budgets in docs speak of.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.long_calls import long_scenario, time_runs
from voicelab.lab.experiment import run_scenario
from voicelab.scenario.model import Scenario
from voicelab.scenario.override import written

pytestmark = pytest.mark.benchmark

MINUTES = 10
HOUR = 60
MEMORY_MB = 400
"""What an hour-long run may take (`ru_maxrss`), everything included."""


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return long_scenario(tmp_path_factory.mktemp("long"), MINUTES)


def test_cold(
    benchmark: BenchmarkFixture,
    ten_minutes: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No score is known: Silero runs on every frame."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("VOICELAB_CACHE", str(cache))
    time_runs(
        benchmark,
        ten_minutes,
        tmp_path / "runs",
        lambda: shutil.rmtree(cache, ignore_errors=True),
    )


def test_warm(
    benchmark: BenchmarkFixture,
    ten_minutes: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same run again: every score is known."""
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    run_scenario(ten_minutes, tmp_path / "runs")
    time_runs(benchmark, ten_minutes, tmp_path / "runs", lambda: None)


_MEASURE = """
import resource, sys
from pathlib import Path
from voicelab.lab.experiment import run_scenario
from voicelab.scenario import load_scenario
run_scenario(load_scenario(Path(sys.argv[1])), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_of_an_hour(
    benchmark: BenchmarkFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour-long run in a process of its own stays within its memory."""
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    scenario = long_scenario(tmp_path, HOUR)
    file = tmp_path / "hour.json"
    file.write_text(json.dumps(written(scenario)), "utf-8")

    def measure() -> float:
        command = [sys.executable, "-c", _MEASURE, str(file), str(tmp_path / "runs")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(done.stdout) / 1024  # Linux tells kibibytes

    peak_mb = benchmark.pedantic(measure, rounds=1)  # type: ignore[no-untyped-call]
    benchmark.extra_info["peak_rss_mb"] = round(peak_mb)
    assert peak_mb <= MEMORY_MB
