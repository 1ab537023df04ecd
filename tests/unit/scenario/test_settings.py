from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from voicelab.errors import ScenarioError
from voicelab.scenario import apply_settings, load_scenario, scenario_from


def test_a_setting_counts_as_if_it_stood_in_the_file(
    folder: Path, scripted: dict[str, Any]
) -> None:
    file = folder / "a.yaml"
    file.write_text(yaml.safe_dump(scripted))
    settings = [
        "client.player=browser",
        "seed=11",
        "session.audio.input.turn_detection.threshold=1e-1",
        "agent.replies[0].text=No, never.",
        "expect.cut_ins.max=2",
    ]
    scenario = load_scenario(file, settings)

    scripted["client"]["player"] = "browser"
    scripted["seed"] = 11
    scripted["session"]["audio"]["input"]["turn_detection"]["threshold"] = 0.1
    scripted["agent"]["replies"][0]["text"] = "No, never."
    scripted["expect"]["cut_ins"]["max"] = 2
    assert scenario == scenario_from(scripted, folder, source=file)


def test_the_mapping_is_kept_and_missing_mappings_are_made(
    recorded: dict[str, Any],
) -> None:
    before = copy.deepcopy(recorded)
    changed = apply_settings(recorded, ["channel.uplink.delay_ms=40"])
    assert recorded == before
    assert changed == {**before, "channel": {"uplink": {"delay_ms": 40}}}


def test_a_value_replaces_what_stood_there(scripted: dict[str, Any]) -> None:
    path = "session.audio.input.turn_detection"
    for text, value in (
        ("null", None),
        ("", None),
        ("{type: semantic_vad}", {"type": "semantic_vad"}),
    ):
        changed = apply_settings(scripted, [f"{path}={text}"])
        assert changed["session"]["audio"]["input"]["turn_detection"] == value


def test_the_last_setting_counts(recorded: dict[str, Any]) -> None:
    assert apply_settings(recorded, ["seed=1", "seed=2"])["seed"] == 2


def test_a_key_inside_a_null_is_made(scripted: dict[str, Any]) -> None:
    path = "session.audio.input.turn_detection"
    changed = apply_settings(scripted, [f"{path}=null", f"{path}.type=semantic_vad"])
    assert changed["session"]["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad"
    }


@pytest.mark.parametrize(
    ("setting", "path", "says"),
    [
        ("clinet.player=ideal", "clinet", "did you mean client?"),
        ("client.plaier=ideal", "client.plaier", "did you mean player?"),
        ("expect.cut_ins.maxi=1", "expect.cut_ins.maxi", "did you mean max?"),
        (
            "session.audio.input.turn_detection.eagerness=low",
            "eagerness",
            "known: type",
        ),
        ("seed.x=1", "seed.x", "has no keys"),
        ("client[0]=1", "client[0]", "has no values"),
        ("agent.replies[2].text=x", "agent.replies[2]", "has 2 values"),
        ("agent.replies.text=x", "agent.replies.text", "has no keys"),
        ("seed", None, "write it like client.frame_ms=40"),
        ("=3", None, "write it like client.frame_ms=40"),
        ("a..b=3", None, "write it like client.frame_ms=40"),
        ("seed=[", "seed", "not YAML"),
        ("seed=*x", "seed", "not YAML"),
        ("seed=.nan", "seed", "not a finite number"),
        ("seed={a: 1, a: 2}", "seed", "twice"),
    ],
)
def test_wrong_settings(
    scripted: dict[str, Any], setting: str, path: str | None, says: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        apply_settings(scripted, [setting])
    assert says in str(caught.value)
    assert setting in str(caught.value)
    assert (caught.value.path or "").endswith(path or "")


def test_a_wrong_value_from_a_setting_has_a_path_but_no_line(
    folder: Path, scripted: dict[str, Any]
) -> None:
    file = folder / "a.yaml"
    file.write_text(yaml.safe_dump(scripted))
    for setting in ("client.frame_ms=7", "client={frame_ms: 7}"):
        with pytest.raises(ScenarioError, match="from 10 to 100") as caught:
            load_scenario(file, [setting])
        assert (caught.value.path, caught.value.line) == ("client.frame_ms", None)
