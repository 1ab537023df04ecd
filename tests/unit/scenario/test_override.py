from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voicelab.errors import ScenarioError
from voicelab.scenario import override, scenario_from


def test_override_changes_only_what_is_named(
    folder: Path, scripted: dict[str, Any]
) -> None:
    scenario = scenario_from(scripted, folder)
    changed = override(
        scenario,
        seed=8,
        client={"player": "browser"},
        session={"audio": {"input": {"turn_detection": {"threshold": 0.9}}}},
    )
    scripted["seed"] = 8
    scripted["client"]["player"] = "browser"
    scripted["session"]["audio"]["input"]["turn_detection"]["threshold"] = 0.9
    assert changed == scenario_from(scripted, folder)


def test_override_without_changes_is_the_same_scenario(
    folder: Path, scripted: dict[str, Any], recorded: dict[str, Any]
) -> None:
    for mapping in (scripted, recorded):
        scenario = scenario_from(mapping, folder, source=folder / "x.yaml")
        assert override(scenario) == scenario


def test_override_replaces_a_mapping_of_another_type(
    folder: Path, scripted: dict[str, Any]
) -> None:
    scenario = scenario_from(scripted, folder)
    semantic = {"type": "semantic_vad", "eagerness": "low"}
    changed = override(
        scenario, session={"audio": {"input": {"turn_detection": semantic}}}
    )
    assert changed.session["audio"]["input"]["turn_detection"] == semantic
    assert changed.session["audio"]["output"] == scripted["session"]["audio"]["output"]
    assert scenario.session == scripted["session"]


def test_override_tells_faults_like_a_file(
    folder: Path, scripted: dict[str, Any]
) -> None:
    scenario = scenario_from(scripted, folder)
    with pytest.raises(ScenarioError, match="did you mean seed"):
        override(scenario, sead=3)
    with pytest.raises(ScenarioError, match="from 10 to 100"):
        override(scenario, client={"frame_ms": 500})
