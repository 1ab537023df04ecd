"""Running a scenario: what stands in the manifest, and what a failure leaves."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

import voicelab.lab.app
from tests.support.runs import RunLog, bundled
from voicelab.errors import EndpointError
from voicelab.lab.experiment import run_scenario
from voicelab.transport import SessionHost


def test_the_manifest_holds_all_that_the_run_depends_on(tmp_path: Path) -> None:
    scenario = bundled("dentist", seed=42)
    run = RunLog.of(scenario, tmp_path)
    manifest = run.manifest
    assert run.folder.name == manifest["run_id"]
    assert manifest["schema_version"] == 1
    assert manifest["name"] == manifest["scenario"]["name"] == "dentist"
    assert manifest["clock"] == "virtual"
    assert manifest["seed"] == manifest["scenario"]["seed"] == 42
    assert manifest["turns_from"] == "labels"
    assert manifest["profile"]["name"] == "measured-median"
    assert manifest["session"]["type"] == "realtime"
    assert {"dentist.wav", "dentist.json", "measured-median.yaml"} <= set(
        manifest["inputs"]
    )
    assert all(len(sha256) == 64 for sha256 in manifest["inputs"].values())
    assert manifest["packages"]["voicelab-realtime"]


def test_speed_and_length_are_those_of_the_run(tmp_path: Path) -> None:
    run = RunLog.of(bundled("book-club"), tmp_path)
    manifest = run.manifest
    assert len(run.audio) == int(manifest["conversation_s"] * 24_000)
    factor = manifest["conversation_s"] / manifest["wall_s"]
    assert manifest["real_time_factor"] == pytest.approx(factor, abs=0.1)


def test_no_value_of_the_wall_clock_stands_outside_the_manifest(tmp_path: Path) -> None:
    run = RunLog.of(bundled("book-club"), tmp_path)
    created = next(run.on("server", "session.created"))
    # counted from a fixed epoch in virtual time
    assert created["data"]["session"]["expires_at"] == 3600


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"client": {"truncation": "zero"}},
        {"caller": {"patience_ms": 4999}},
        {"channel": {"uplink": {"delay_ms": 41}}},
        {"agent": {"profile": "slow"}},
        {"expect": {"cut_ins": {"max": 0}}},
    ],
)
def test_any_change_makes_another_run(change: dict[str, Any], tmp_path: Path) -> None:
    one = run_scenario(bundled("book-club", seed=0), tmp_path)
    other = run_scenario(bundled("book-club", **{"seed": 0, **change}), tmp_path)
    assert one.name != other.name


def test_a_conversation_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder, no open file, and the error itself rather than a wrapped one."""

    def fail(*_: object) -> None:
        raise RuntimeError("the player broke")

    monkeypatch.setattr(voicelab.lab.app.ClientApp, "_audio_arrived", fail)
    with pytest.raises(RuntimeError, match="the player broke"):
        run_scenario(bundled("book-club"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    gc.collect()  # an open file would be told now, and a warning is an error


def test_a_server_that_never_confirms_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionHost, "start", lambda _: None)
    with pytest.raises(EndpointError, match="did not confirm the session"):
        run_scenario(bundled("book-club"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    gc.collect()
