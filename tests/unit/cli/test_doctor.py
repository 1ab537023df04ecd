from __future__ import annotations

import json
import re
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from voicelab.cli import app, doctor
from voicelab.cli.optional_parts import OPTIONAL_PARTS, OptionalPart
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
    assert f"numpy                 ok        {np.__version__}" in result.stdout


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


VERSIONS = {"one": "1.2", "two": "2.0", "three": "3", "four": "4"}
PART = OptionalPart("a part", "speech", ("one", "two"), "something good")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what the doctor takes for installed; tests change it."""
    versions = dict(VERSIONS)

    def version(name: str) -> str:
        if name in versions:
            return versions[name]
        raise metadata.PackageNotFoundError(name)

    wanted = ["one==1.2; extra == 'speech'", 'two>=1.5; extra == "speech"', "six>=6"]
    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    return versions


def test_a_part_whose_packages_are_there(installed: dict[str, str]) -> None:
    assert installed == VERSIONS
    assert doctor.optional_part(PART) == doctor.Finding(
        "a part", "ok", "one 1.2, two 2.0"
    )


def test_of_many_packages_some_are_named(installed: dict[str, str]) -> None:
    part = OptionalPart("a part", "speech", tuple(installed), "something good")
    assert doctor.optional_part(part).detail == "one 1.2, two 2.0, 2 more"


@pytest.mark.parametrize(
    ("name", "version", "problem"),
    [
        ("one", None, "one not installed"),
        ("two", None, "two not installed"),
        ("one", "1.3", "one 1.3 is not 1.2"),
        ("two", "1.4", "two 1.4 is older than 1.5"),
    ],
)
def test_what_a_missing_part_would_add_and_how(
    installed: dict[str, str], name: str, version: str | None, problem: str
) -> None:
    del installed[name]
    if version:
        installed[name] = version
    assert doctor.optional_part(PART) == doctor.Finding(
        "a part",
        "optional",
        f"{problem}; it would add something good",
        "pip install 'voicelab-realtime[speech]'",
    )


@pytest.mark.parametrize("part", OPTIONAL_PARTS, ids=lambda part: part.name)
def test_a_part_without_packages_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, part: OptionalPart
) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name in part.packages:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    result = visit()
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith(part.name)]
    (line,) = lines
    assert line == (
        f"{part.name:20}  optional  {part.packages[0]} not installed; it would add "
        f"{part.adds}; pip install 'voicelab-realtime[{part.extra}]'"
    )


def test_the_parts_are_those_of_the_project_file() -> None:
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for extra in {part.extra for part in OPTIONAL_PARTS}:
        packages = {p for part in OPTIONAL_PARTS if part.extra == extra
                    for p in part.packages}  # fmt: skip
        assert packages == {re.split("[>=]", wanted)[0] for wanted in extras[extra]}
    assert {part.extra for part in OPTIONAL_PARTS} == set(extras) - {"dev", "all"}


def test_a_damaged_end_of_turn_model_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "smart-turn-v3.2-cpu.onnx").write_bytes(b"no model")
    module = import_module("voicelab.speech.end_of_turn.smart_turn")
    monkeypatch.setattr(module, "data_dir", lambda: tmp_path)
    finding = found("end-of-turn model")
    assert (finding.status, finding.fix) == (
        "failed",
        "install voicelab-realtime again",
    )
    assert finding.detail.startswith("is not the Smart Turn v3.2 model (sha256 ")


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
    assert "silero vad model      failed    it is not there; pip install it" in (
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
