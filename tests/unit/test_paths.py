from __future__ import annotations

from pathlib import Path

import pytest

from voicelab import paths
from voicelab.errors import EXIT_BAD_INPUT, InputError


@pytest.mark.parametrize("name", ["a/b", "./a", "../a", "a.yaml", "a.YML", "/a", "a/"])
def test_paths(name: str) -> None:
    assert paths.is_path(name)


@pytest.mark.parametrize("name", ["dentist", "dentist-2.1", "a.wav", ""])
def test_names(name: str) -> None:
    assert not paths.is_path(name)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "voicelab"
    package.mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", package)
    return package


def test_an_installed_package_carries_its_data(package: Path) -> None:
    (package / "_data").mkdir()
    assert paths.data_dir() == package / "_data"


def test_a_checkout_has_its_data_at_the_root(package: Path) -> None:
    (package.parent / "data").mkdir()
    (package.parent / "pyproject.toml").touch()
    assert paths.data_dir() == package.parent / "data"


def test_a_folder_beside_the_package_is_not_taken_for_ours(package: Path) -> None:
    (package.parent / "data").mkdir()
    with pytest.raises(InputError, match="bundled data is missing") as caught:
        paths.data_dir()
    assert caught.value.exit_code == EXIT_BAD_INPUT


def test_what_a_killed_run_leaves_is_no_run(tmp_path: Path) -> None:
    for name in ("b", "a", ".a-k1lled", "other"):
        (tmp_path / name).mkdir()
        if name != "other":
            (tmp_path / name / "manifest.json").touch()
    assert paths.run_folders(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert paths.run_folders(tmp_path / "a") == [tmp_path / "a"]
    assert paths.run_folders(tmp_path / "other") == [tmp_path / "other"]
