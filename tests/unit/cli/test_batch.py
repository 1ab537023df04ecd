from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.cli.batch import load_scenarios
from voicelab.errors import ScenarioError
from voicelab.paths import data_dir


def names(*paths: str) -> list[str]:
    return [scenario.name for scenario in load_scenarios(paths, [], None)]


def test_names_and_files_keep_their_order() -> None:
    file = data_dir() / "scenarios" / "hotel-cafe.yaml"
    assert names("recipe", str(file), "dentist") == ["recipe", "hotel-cafe", "dentist"]


def test_a_folder_stands_for_its_scenarios() -> None:
    folder = data_dir() / "scenarios"
    assert names(str(folder)) == sorted(file.stem for file in folder.glob("*.yaml"))


def test_settings_and_seed_reach_every_scenario() -> None:
    scenarios = load_scenarios(["dentist", "recipe"], ["client.frame_ms=40"], 11)
    assert [each.client.frame_ms for each in scenarios] == [40, 40]
    assert [each.seed for each in scenarios] == [11, 11]


def test_without_a_seed_each_keeps_its_own() -> None:
    (own,) = load_scenarios(["dentist"], ["seed=4"], None)
    assert own.seed == 4


def test_a_folder_without_scenarios_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    with pytest.raises(ScenarioError, match=r"there is no \*\.yaml file in this"):
        load_scenarios([str(tmp_path)], [], None)


def test_an_unknown_name_is_wrong() -> None:
    with pytest.raises(ScenarioError, match="did you mean dentist"):
        load_scenarios(["dentits"], [], None)
