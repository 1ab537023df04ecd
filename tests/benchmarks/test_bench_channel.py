"""What each effect of the channel costs, beside a run without any.

The same conversation of a minute each time, with warm caches; `extra_info` holds the
multiple of real time.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.long_calls import note_speed
from tests.support.runs import bundled
from voicelab.lab.experiment import run_scenario

pytestmark = pytest.mark.benchmark

ROUNDS = 5
ECHO = {"delay_ms": 120, "gain_db": -60}
PACKETS = {"packets": {"loss_rate": 0.05, "concealment": "repeat"}}
CHANNELS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "noise": {"noise": {"audio": "street", "snr_db": 30}},
    "echo": {"echo": ECHO},
    "echo in a small room": {"echo": {**ECHO, "room": "small"}},
    "echo in a large room": {"echo": {**ECHO, "room": "large"}},
    "narrow": {"band": "narrow"},
    "packets": {"uplink": PACKETS, "downlink": PACKETS},
    "bursts": {"uplink": {"bursts": {"every_s": 5, "lasts_ms": 200}}},
}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_conversation(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    scenario = bundled("dentist", channel=CHANNELS[name])
    run_scenario(scenario, tmp_path / "warm")
    out = tmp_path / "out"

    def again() -> tuple[tuple[Any, ...], dict[str, Any]]:
        shutil.rmtree(out, ignore_errors=True)
        return (scenario, out), {}

    run = benchmark.pedantic(  # type: ignore[no-untyped-call]
        run_scenario, setup=again, rounds=ROUNDS
    )
    note_speed(benchmark, run)
