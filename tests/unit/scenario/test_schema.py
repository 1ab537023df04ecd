from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from voicelab.scenario import json_schema, scenario_from


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_good_scenarios_pass(
    validator: Any, scripted: dict[str, Any], recorded: dict[str, Any]
) -> None:
    assert not list(validator.iter_errors(scripted))
    assert not list(validator.iter_errors(recorded))
    scripted["agent"]["replies"][0]["words"] = "words.json"
    scripted["session"]["audio"]["input"]["turn_detection"] = None
    assert not list(validator.iter_errors(scripted))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("voicelab",), 2),
        (("name",), ""),
        (("name",), "a/b"),
        (("nane",), "x"),
        (("seed",), -1),
        (("caller", "audio"), 3),
        (("caller", "audio"), ""),
        (("caller", "channel"), -1),
        (("caller", "drive"), "wild"),
        (("agent", "responder"), "cascaded"),
        (("agent", "replies", 0, "txt"), "x"),
        (("agent", "replies", 0, "words", 0, "start_ms"), "0"),
        (("agent", "vad"), "loud"),
        (("channel", "noise"), {"audio": "cafe"}),
        (("channel", "echo", "delay_ms"), -1),
        (("channel", "echo", "room"), "hall"),
        (("channel", "band"), "medium"),
        (("channel", "uplink", "packets", "burst_ms"), 10),
        (("channel", "uplink", "bursts"), {"every_s": 5}),
        (("channel", "uplink", "loss_rate"), 1),
        (("client", "frame_ms"), 5),
        (("client", "player_options", "lead_ms"), -1),
        (("expect", "cut_ins"), 3),
        (("session", "type"), "transcription"),
        (("session", "max_output_tokens"), 5000),
        (("session", "output_modalities"), ["audio", "text"]),
        (("session", "audio", "input", "turn_detection", "threshold"), 1.5),
        (("session", "audio", "input", "format", "rate"), 16000),
    ],
)
def test_broken_scenarios_fail_in_the_schema_and_in_the_loader(
    folder: Path, validator: Any, scripted: dict[str, Any], path: Any, value: Any
) -> None:
    holder = scripted
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert list(validator.iter_errors(scripted))
    with pytest.raises(Exception, match=r"."):
        scenario_from(scripted, folder)


@pytest.mark.parametrize("key", ["voicelab", "name", "caller", "agent"])
def test_missing_keys_fail(validator: Any, recorded: dict[str, Any], key: str) -> None:
    broken = copy.deepcopy(recorded)
    del broken[key]
    assert list(validator.iter_errors(broken))


def test_every_key_of_the_scenario_itself_is_described() -> None:
    definitions = json_schema()["$defs"]
    for name in ("ScenarioFile", "Caller", "Agent", "Reply", "Channel", "Client"):
        definition = definitions[name]
        assert "Attributes" not in definition["description"]
        for key, value in definition["properties"].items():
            assert value.get("description"), f"{name}.{key}"
