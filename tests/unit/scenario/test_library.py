from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.errors import ScenarioError
from voicelab.scenario import case_names, find_scenario, scenario_names


@pytest.fixture
def bundled(folder: Path) -> Path:
    scenarios = folder / "data/scenarios"
    for name in ("pizza-order", "dentist"):
        (scenarios / f"{name}.yaml").touch()
    (scenarios / "README.md").touch()
    (scenarios / "bugs").mkdir()
    (scenarios / "bugs" / "bug-zero.yaml").touch()
    return scenarios


def test_names_are_sorted(bundled: Path) -> None:
    assert bundled.is_dir()
    assert scenario_names() == ["dentist", "pizza-order"]


def test_those_that_show_one_thing_lie_in_folders_and_have_names_alike(
    bundled: Path,
) -> None:
    assert case_names() == ["bug-zero"]
    assert find_scenario("bug-zero") == bundled / "bugs" / "bug-zero.yaml"


def test_a_name_is_looked_up_and_a_path_is_taken(
    bundled: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_scenario("dentist") == bundled / "dentist.yaml"
    mine = folder / "mine.yaml"
    mine.touch()
    assert find_scenario(mine) == mine
    monkeypatch.chdir(folder)
    assert find_scenario("mine.yaml") == Path("mine.yaml")
    (folder / "dentist").mkdir()
    assert find_scenario("dentist") == bundled / "dentist.yaml"


def test_what_is_not_there(bundled: Path, folder: Path) -> None:
    assert bundled.is_dir()
    for asked, says in (
        ("dentsit", "did you mean dentist?"),
        ("zebra", "known: dentist, pizza-order, bug-zero"),
        ("bug-zeor", "did you mean bug-zero?"),
        ("*", "known: dentist, pizza-order, bug-zero"),
        ("dentist.yaml", "no such scenario file"),
        (str(folder / "none.yaml"), "no such scenario file"),
        (str(folder), "folder"),
    ):
        with pytest.raises(ScenarioError) as caught:
            find_scenario(asked)
        assert says in str(caught.value)
