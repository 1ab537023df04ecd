"""Long conversations, and how many times faster than they sound they are run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from data.build.long_call import build_long
from voicelab.lab.experiment import run_scenario
from voicelab.scenario import scenario_from
from voicelab.scenario.model import Scenario


def long_scenario(folder: Path, minutes: float, **settings: Any) -> Scenario:
    """Return a scenario of at least so many minutes; its files go into `folder`."""
    audio = build_long(minutes, folder / "long.wav")
    link = {"delay_ms": 40, "jitter_ms": 10}
    mapping: dict[str, Any] = {
        "voicelab": 1,
        "name": f"long-{minutes:g}",
        "caller": {
            "audio": audio,
            "channel": 0,
            "labels": audio.with_suffix(".json"),
        },
        "agent": {"responder": "recorded"},
        "channel": {"uplink": link, "downlink": link},
        "seed": 1,
    }
    return scenario_from(mapping | settings, folder)


def time_runs(
    benchmark: BenchmarkFixture,
    scenario: Scenario,
    out: Path,
    before_each: Callable[[], None],
    rounds: int = 5,
) -> None:
    """Take the time that a scenario takes, and note its speed."""
    run = benchmark.pedantic(  # type: ignore[no-untyped-call]
        run_scenario, args=(scenario, out), setup=before_each, rounds=rounds
    )
    note_speed(benchmark, run)


def note_speed(benchmark: BenchmarkFixture, run: Path) -> None:
    """Note how long a run's conversation is, and the multiple of real time."""
    conversation_s = json.loads((run / "manifest.json").read_text())["conversation_s"]
    benchmark.extra_info["conversation_s"] = conversation_s
    if benchmark.stats:
        times = conversation_s / benchmark.stats["median"]
        benchmark.extra_info["times_real_time"] = round(times)
