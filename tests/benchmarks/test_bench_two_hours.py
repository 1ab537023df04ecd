"""A call of two hours through each player: speed, and no drift to the last sample.

Each stretch of agent audio takes as long as its samples, is heard after the device's
latency and begins as long after its first delta as the player's settings say: in the
last minutes as in the first, in nanoseconds.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.long_calls import long_scenario, note_speed
from voicelab.lab.experiment import run_scenario
from voicelab.playback import PLAYERS
from voicelab.record.log_reader import Event, Log
from voicelab.result import Run, load_run
from voicelab.scenario import override
from voicelab.scenario.model import Scenario
from voicelab.units import samples_to_ns

pytestmark = pytest.mark.benchmark

TWO_HOURS = 120
DELTA = "response.output_audio.delta"
RATE_HZ = 24_000


@pytest.fixture(scope="module")
def two_hours(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return long_scenario(tmp_path_factory.mktemp("long"), TWO_HOURS)


@pytest.mark.parametrize("player", PLAYERS)
def test_two_hours_leave_no_drift(
    benchmark: BenchmarkFixture, two_hours: Scenario, player: str, tmp_path: Path
) -> None:
    scenario = override(two_hours, client={"player": player})
    folder = benchmark.pedantic(  # type: ignore[no-untyped-call]
        run_scenario, args=(scenario, tmp_path), rounds=1
    )
    run = load_run(folder)
    assert run.manifest["conversation_s"] >= TWO_HOURS * 60
    note_speed(benchmark, folder)
    _check(run, player)


def _check(run: Run, player: str) -> None:
    settings = PLAYERS[player]
    started = run.log.of("player", "playback.start")
    stopped = run.log.of("player", "playback.stop")
    heard = [*run.log.of("agent", "heard.start"), *run.log.of("agent", "heard.stop")]
    assert len(started) > 1_000
    for start, stop in zip(started, stopped, strict=True):
        assert start.item_id == stop.item_id
        samples = stop.data["to_samples"] - start.data["from_samples"]
        assert stop.t_ns - start.t_ns == samples_to_ns(samples, RATE_HZ)
    instants = sorted(event.t_ns for event in heard)
    late_ns = settings.device_latency_ns
    assert instants == sorted(event.t_ns + late_ns for event in [*started, *stopped])
    first = _first_deltas(run.log)
    for start in started:
        if start.data["from_samples"] == 0:
            waited_ns = start.t_ns - first[start.item_id]
            assert waited_ns == settings.command_delay_ns + settings.lead_ns
    errors = run.truncations.truncation_error_ms
    assert len(errors) > 100
    assert errors.between(-71, 0).all()


def _first_deltas(log: Log) -> dict[str | None, int]:
    first: dict[str | None, int] = {}
    events: list[Event] = log.of("client", DELTA)
    for event in events:
        first.setdefault(event.item_id, event.t_ns)
    return first
