"""A configuration that was made worse fails; an unchanged one passes; 20 seeds each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import voicelab as vl
from voicelab.cli import app

SCENARIO = "card-game"
"""The shortest of the bundled conversations."""

SEEDS = 20
PATIENT = {"type": "server_vad", "silence_duration_ms": 900}
LIGHT = {"vad": "energy"}
"""Hears as much of a clean recording as a model does, in less time."""

SLOWER = {"session": {"audio": {"input": {"turn_detection": PATIENT}}}}


def run_seeds(folder: Path, first: int, settings: Mapping[str, Any]) -> Path:
    for seed in range(first, first + SEEDS):
        vl.run(SCENARIO, out=folder, seed=seed, agent=LIGHT, **settings)
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_seeds(tmp_path_factory.mktemp("before"), 0, {})


def check(runs: Path, before: Path, *more: str) -> Result:
    words = ["check", str(runs), "--baseline", str(before), *more]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_same_again_passes(before: Path) -> None:
    result = check(before, before)
    assert result.exit_code == 0
    assert "0 failed, 0 noted" in result.stdout


def test_unchanged_with_other_seeds_passes(before: Path, tmp_path: Path) -> None:
    result = check(run_seeds(tmp_path, 100, {}), before)
    assert result.exit_code == 0, result.stdout
    assert "20 of 20 pairs have different seeds" in result.stdout


def test_a_longer_silence_fails(before: Path, tmp_path: Path) -> None:
    runs = run_seeds(tmp_path, 0, SLOWER)
    found = vl.check(runs, baseline=before)
    assert {row.measure for row in found.failures} == {
        "response_latency_p50_ms",
        "endpointing_delay_p50_ms",
    }
    latency = found.failures[0]
    assert latency.measured is not None
    assert latency.before is not None
    assert latency.measured - latency.before == pytest.approx(400, abs=40)
    assert check(runs, before, "--junit", str(tmp_path / "junit.xml")).exit_code == 1
    wide = "response_latency_p50_ms=500", "endpointing_delay_p50_ms=500"
    tolerant = [word for each in wide for word in ("--tolerance", each)]
    assert check(runs, before, *tolerant).exit_code == 0
