from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from voicelab.cli import app, doctor
from voicelab.errors import InputError, MissingPartError
from voicelab.paths import data_dir


def found(name: str) -> doctor.Finding:
    (finding,) = [each for each in doctor.examine() if each.name == name]
    return finding


def visit(*options: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *options])


def test_nothing_is_missing_here() -> None:
    result = visit()
    assert result.exit_code == 0, result.stdout
    assert f"numpy               ok        {np.__version__}" in result.stdout


def test_the_model_is_known_by_its_hash() -> None:
    assert found("silero vad model").detail.startswith("sha256 1a153a22f450, ")


def test_the_data_is_counted() -> None:
    scenarios = len(list((data_dir() / "scenarios").rglob("*.yaml")))
    assert f" {scenarios} scenarios" in found("bundled data").detail


def test_json_holds_all_findings() -> None:
    findings = json.loads(visit("--json").stdout)
    assert [set(each) for each in findings] == [
        {"name", "status", "detail", "fix"}
    ] * len(findings)
    assert "voicelab-realtime" in {each["name"] for each in findings}


def test_every_dependency_is_looked_at() -> None:
    wanted = {
        requirement.partition(">=")[0]
        for requirement in metadata.requires("voicelab-realtime") or []
        if "extra" not in requirement
    }
    assert wanted <= {finding.name for finding in doctor.packages()}


@pytest.mark.parametrize(
    ("installed", "least", "enough"),
    [
        ("2.4.6", "1.26", True),
        ("1.26.0", "1.26", True),
        ("1.26", "1.26.0", False),
        ("1.9", "1.26", False),
        ("2.0.14.post1", "2.0.14", True),
        ("10", "9.9", True),
    ],
)
def test_versions_are_compared_by_number(
    monkeypatch: pytest.MonkeyPatch, installed: str, least: str, *, enough: bool
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: installed)
    finding = doctor.package("thing", least)
    assert finding.failed is not enough
    if not enough:
        assert finding.detail == f"{installed} is older than {least}"
        assert finding.fix == f"pip install 'thing>={least}'"


def test_a_missing_optional_package_is_no_failure() -> None:
    finding = doctor.package("no-such-package-here", "1", "notebooks")
    assert finding.status == "optional"
    assert finding.fix == "pip install 'voicelab-realtime[notebooks]'"


def test_a_missing_package_is_a_failure() -> None:
    finding = doctor.package("no-such-package-here", "1")
    assert (finding.status, finding.detail) == ("failed", "not installed")


def test_a_package_that_is_not_installed_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-package-here")
    (finding,) = doctor.packages()
    assert finding.failed


def test_a_missing_model_fails_and_names_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> bytes:
        raise MissingPartError("it is not there", fix="pip install it")

    monkeypatch.setattr("voicelab.speech.silero_weights.silero_model_bytes", missing)
    result = visit()
    assert result.exit_code == 1
    assert "silero vad model    failed    it is not there; pip install it" in (
        result.stdout
    )


def test_missing_data_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise InputError("the bundled data is missing", fix="install it")

    monkeypatch.setattr(doctor, "data_dir", missing)
    assert found("bundled data").failed


def test_a_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "file" / "cache"))
    finding = found("cache folder")
    assert finding.status == "ok"
    assert "not writable (Not a directory)" in finding.detail


def test_a_cache_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", "")
    assert found("cache folder").detail.startswith("off")
