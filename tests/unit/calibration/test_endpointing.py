"""Ends of turns against our own detector, on real runs with known delays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.comparing import Line, changed
from tests.support.results import make_run
from tests.support.runs import bundled
from voicelab.calibration.endpointing import endpointing
from voicelab.lab.experiment import run_scenario
from voicelab.result import Run, load_run

STOPPED = "input_audio_buffer.speech_stopped"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    still = {"delay_ms": 40, "jitter_ms": 0}
    channel = {"uplink": still, "downlink": still}
    scenario = bundled("dentist", channel=channel)
    return run_scenario(scenario, tmp_path_factory.mktemp("runs"))


def altered(folder: Path, change: Callable[[Line], Line], **manifest: Any) -> Run:
    run = load_run(folder)
    raw = (folder / "events.jsonl").read_bytes()
    log = changed(raw, lambda lines: [change(line) for line in lines])
    return Run({**run.manifest, **manifest}, log, run.audio)


def told_later(by_ms: int) -> Callable[[Line], Line]:
    def change(line: Line) -> Line:
        if line["lane"] == "client" and line["type"] == STOPPED:
            return {**line, "t_ns": line["t_ns"] + by_ms * 1_000_000}
        return line

    return change


def test_our_own_server_ends_turns_when_our_detector_does(folder: Path) -> None:
    """To the nanosecond: no jitter, and the delays are the scenario's own."""
    seen = endpointing(load_run(folder))
    assert len(seen.surplus_ms) == 6
    assert seen.unmatched == 0
    assert np.abs(seen.surplus_ms).max() < 1e-5


@pytest.mark.parametrize("by_ms", [-100, 35, 400])
def test_another_servers_surplus_comes_out_as_it_went_in(
    folder: Path, by_ms: int
) -> None:
    seen = endpointing(altered(folder, told_later(by_ms)))
    assert seen.surplus_ms == pytest.approx([by_ms] * len(seen.surplus_ms))
    assert seen.observed_ms == pytest.approx(
        [ms + by_ms for ms in endpointing(load_run(folder)).observed_ms]
    )


def test_delays_that_the_scenario_did_not_make_are_part_of_it(folder: Path) -> None:
    manifest = load_run(folder).manifest
    scenario = {**manifest["scenario"], "channel": {}}
    seen = endpointing(altered(folder, lambda line: line, scenario=scenario))
    assert seen.surplus_ms == pytest.approx([80] * len(seen.surplus_ms))


def test_an_end_that_was_not_told_is_counted(folder: Path) -> None:
    def change(line: Line) -> Line:
        if line["lane"] == "client" and line["type"] == STOPPED:
            return {**line, "type": "vendor.thoughts"}
        return line

    seen = endpointing(altered(folder, change))
    assert (seen.surplus_ms, seen.unmatched) == ([], 6)


@pytest.mark.parametrize(
    ("detection", "surplus_ms"),
    [
        ({"type": "server_vad"}, 0),  # what is not said has the documented default
        ({"type": "server_vad", "silence_duration_ms": 308, "vendor": 1}, 192),
        ({"type": "semantic_vad", "eagerness": "high"}, -1500),  # waits for 2 s
        (None, None),  # turns are manual
    ],
)
def test_the_settings_are_those_that_the_server_confirmed(
    folder: Path, detection: Any, surplus_ms: Any
) -> None:
    def change(line: Line) -> Line:
        if line["type"] in ("session.created", "session.updated"):
            line["data"]["session"]["audio"]["input"]["turn_detection"] = detection
        return line

    seen = endpointing(altered(folder, change))
    if surplus_ms is None:
        assert (seen.surplus_ms, seen.unmatched) == ([], 0)
    else:  # to within the frame that is sent at once
        assert np.abs(np.array(seen.surplus_ms) - surplus_ms).max() <= 20


def test_runs_without_turns_tell_nothing() -> None:
    seen = endpointing(make_run())
    assert seen.surplus_ms == []
