from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from voicelab.errors import EXIT_BAD_INPUT, LabelError, ScenarioError
from voicelab.scenario import Word, load_scenario, named_files, scenario_from
from voicelab.scenario.override import written

GOOD = """\
voicelab: 1
name: dentist
caller:
  audio: call.wav
  channel: 0
agent:
  responder: recorded
  profile: instant
session:
  type: realtime
  audio:
    input:
      turn_detection: {type: server_vad, threshold: 0.5}
client: {frame_ms: 20}
expect: {latency_ms: {max: 900}}
"""


def fault_of(folder: Path, text: str) -> ScenarioError:
    file = folder / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert caught.value.exit_code == EXIT_BAD_INPUT
    assert caught.value.file == file
    assert "\n" not in str(caught.value)
    return caught.value


def test_every_value_arrives(folder: Path, scripted: dict[str, Any]) -> None:
    file = folder / "full.yaml"
    file.write_text(yaml.safe_dump(scripted))

    scenario = load_scenario(file)

    assert scenario.source == file
    assert scenario.session == scripted["session"]
    assert scenario.caller.audio == folder / "call.wav"
    assert scenario.caller.labels == folder / "call.json"
    assert scenario.agent.profile == str(folder / "fast.yaml")
    assert scenario.agent.replies[0].words == (
        Word("Of", 20.0, 120.0),
        Word("course.", 130.5, 480.0),
    )
    back = written(scenario)
    back["caller"] |= {"audio": "call.wav", "labels": "call.json"}
    back["agent"]["profile"] = "fast.yaml"
    assert back["agent"].pop("cascade") is None
    back["agent"]["replies"][0]["audio"] = "reply.wav"
    for holder in (*back["agent"]["replies"], *back["expect"].values()):
        for key in [key for key, value in holder.items() if value is None]:
            del holder[key]
    back["agent"]["replies"][1].pop("text")
    assert back["agent"]["replies"][1]["function_call"].pop("output") is None
    back["agent"]["replies"][0].pop("function_call", None)
    back["channel"]["downlink"] = {"delay_ms": 35.0}
    assert back == scripted


def test_what_is_left_out_has_its_documented_default(
    folder: Path, recorded: dict[str, Any]
) -> None:
    scenario = scenario_from(recorded, folder)

    assert scenario.caller.drive == "reactive"
    assert scenario.caller.patience_ms == 5000
    assert scenario.caller.reply_gap_ms == 600
    assert scenario.agent.profile == "measured-median"
    assert scenario.agent.vad == "silero"
    assert scenario.session == {"type": "realtime"}
    assert scenario.channel.codec == "pcm"
    assert scenario.channel.band == "wide"
    assert (scenario.channel.noise, scenario.channel.echo) == (None, None)
    uplink = scenario.channel.uplink
    assert (uplink.bursts, uplink.packets) == (None, None)
    assert scenario.channel.uplink.delay_ms == scenario.channel.downlink.loss_rate == 0
    assert scenario.client.frame_ms == 20
    assert scenario.client.player == "browser"
    assert scenario.client.truncation == "played"
    assert (scenario.seed, scenario.expect, scenario.source) == (0, {}, None)


def test_json_and_yaml_say_the_same(folder: Path, scripted: dict[str, Any]) -> None:
    (folder / "a.yaml").write_text(yaml.safe_dump(scripted))
    (folder / "a.json").write_text(json.dumps(scripted, indent="\t"))

    from_yaml = written(load_scenario(folder / "a.yaml"))

    assert written(load_scenario(folder / "a.json")) == from_yaml
    assert written(scenario_from(scripted, folder)) == from_yaml


def test_paths_are_relative_to_the_file_not_to_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "scenarios").mkdir()
    text = GOOD.replace("call.wav", "../call.wav")
    (folder / "scenarios" / "dentist.yaml").write_text(text)
    monkeypatch.chdir(folder)

    scenario = load_scenario("scenarios/dentist.yaml")

    assert scenario.caller.audio.samefile(folder / "call.wav")
    assert scenario.caller.audio.is_absolute()


def test_a_mapping_may_hold_python_values(
    folder: Path, recorded: dict[str, Any]
) -> None:
    recorded["caller"] = {"audio": folder / "call.wav", "channel": np.int64(1)}
    recorded["session"] = {"type": "realtime", "output_modalities": ("audio",)}
    recorded["channel"] = {"uplink": {"delay_ms": np.float32(12.5)}}

    scenario = scenario_from(recorded, folder)

    assert scenario.caller.channel == 1
    assert scenario.channel.uplink.delay_ms == 12.5
    assert scenario.session["output_modalities"] == ["audio"]
    json.dumps(written(scenario))


def test_the_mapping_is_not_kept(folder: Path, scripted: dict[str, Any]) -> None:
    scenario = scenario_from(scripted, folder)
    scripted["session"]["audio"]["output"]["speed"] = 0.5
    assert scenario.session["audio"]["output"]["speed"] == 1.0


def test_words_may_come_from_a_file(folder: Path, scripted: dict[str, Any]) -> None:
    words = scripted["agent"]["replies"][0]["words"]
    (folder / "words.json").write_text(json.dumps(words))
    inline = scenario_from(scripted, folder)
    scripted["agent"]["replies"][0]["words"] = "words.json"
    assert scenario_from(scripted, folder) == inline


def test_a_wrong_file_of_words_is_told_as_such(
    folder: Path, scripted: dict[str, Any]
) -> None:
    (folder / "words.json").write_text('[{"text": "Of", "start_ms": 20}]')
    scripted["agent"]["replies"][0]["words"] = "words.json"
    with pytest.raises(LabelError, match=r"words\.json: words\[0\].*end_ms is missing"):
        scenario_from(scripted, folder)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "says"),
    [
        ("voicelab: 1\n", "", 1, None, "add voicelab: 1"),
        ("voicelab: 1", "voicelab: 2", 1, "voicelab", "reads version 1"),
        ("voicelab: 1", "voicelab: true", 1, "voicelab", "reads version 1"),
        ("name: dentist\n", "", 1, None, "key name is missing"),
        ("name: dentist", "nane: dentist", 2, "nane", "did you mean name?"),
        ("name: dentist", "name: a/b", 2, "name", "without slashes"),
        ("name: dentist", 'name: "a\\n"', 2, "name", "without slashes"),
        ("name: dentist", "name: ''", 2, "name", "empty"),
        ("name: dentist", "name: [a]", 2, "name", "is a list"),
        ("name: dentist", "name: a\nname: b", 3, "name", "first on line 2"),
        ("name: dentist", "name: a\nseed: -1", 3, "seed", "at least 0"),
        ("name: dentist", "name: a\nseed: 1.5", 3, "seed", "whole number"),
        ("name: dentist", "name: a\nseed: 99999999999999999999", 3, "seed", "64 bits"),
        ("agent:", "agents:", 6, "agents", "did you mean agent?"),
        ("call.wav", "none.wav", 4, "caller.audio", "none.wav does not exist"),
        ("call.wav", ".", 4, "caller.audio", "is a folder"),
        ("call.wav", "3", 4, "caller.audio", "give a path"),
        ("call.wav", "''", 4, "caller.audio", "empty"),
        ("channel: 0", "channel: -1", 5, "caller.channel", "out of range"),
        ("channel: 0", "channel: left", 5, "caller.channel", "'left' is text"),
        ("channel: 0", "chanel: 0", 5, "caller.chanel", "did you mean channel?"),
        ("channel: 0", "labels: x.json", 5, "caller.labels", "x.json does not exist"),
        ("channel: 0", "patience_ms: -5", 5, "caller.patience_ms", "out of range"),
        ("recorded", "recorderd", 7, "agent.responder", "did you mean recorded?"),
        ("recorded", "scripted", 6, "agent.replies", "nothing to say"),
        ("instant", "instnat", 8, "agent.profile", "did you mean instant?"),
        ("instant", "none.yaml", 8, "agent.profile", "none.yaml"),
        ("type: realtime", "type: transcription", 10, "session.type", "give realtime"),
        ("type: realtime", "model: x", 9, "session", "add type: realtime"),
        ("0.5", "5", 13, "turn_detection.threshold", "give a number from 0 to 1"),
        ("0.5", ".nan", 13, "turn_detection.threshold", "not a finite number"),
        ("0.5", ".inf", 13, "turn_detection.threshold", "not a finite number"),
        ("threshold", "treshold", 13, "detection.treshold", "did you mean threshold?"),
        ("server_vad", "servervad", 13, "detection.type", "did you mean server_vad?"),
        ("server_vad", "semantic_vad", 13, "detection.threshold", "eagerness"),
        ("type: server_vad, ", "", 13, "turn_detection", "type is missing"),
        ("frame_ms: 20", "frame_ms: 5", 14, "client.frame_ms", "from 10 to 100"),
        ("frame_ms: 20", "frame_ms: 20.5", 14, "client.frame_ms", "with a fraction"),
        ("frame_ms: 20", "frame_ms: true", 14, "client.frame_ms", "a truth value"),
        ("frame_ms: 20", "frame_ms:", 14, "client.frame_ms", "null is empty"),
        ("frame_ms: 20", "truncation: plaid", 14, "client.truncation", "played"),
        ("{max: 900}", "{mx: 900}", 15, "expect.latency_ms.mx", "did you mean max?"),
        ("{max: 900}", "{max: lots}", 15, "expect.latency_ms.max", "'lots' is text"),
        ("{max: 900}", "{}", 15, "expect.latency_ms", "no limit"),
        ("{max: 900}", "{min: 2, max: 1}", 15, "expect.latency_ms", "between 2 and 1"),
        ("{max: 900}", "900", 15, "expect.latency_ms", "give a mapping"),
        ("{max: 900}", "!!set {a}", 15, "expect.latency_ms", "the tag"),
        ("dentist", "[dentist", 3, None, "not YAML"),
        ("dentist", "a\tb: c", 2, None, "not YAML"),
        ("name: dentist", "name: dentist\n1: x", 3, None, "1 is a key but not text"),
    ],
)
def test_a_fault_names_line_and_path_and_the_way_out(
    folder: Path, old: str, new: str, line: int, path: str | None, says: str
) -> None:
    assert GOOD.count(old) >= 1
    fault = fault_of(folder, GOOD.replace(old, new, 1))
    assert fault.line == line
    assert (fault.path or "").endswith(path or "")
    assert bool(fault.path) == bool(path)
    assert says in str(fault)


def test_the_text_of_the_parametrised_faults_is_itself_good(folder: Path) -> None:
    (folder / "good.yaml").write_text(GOOD)
    assert load_scenario(folder / "good.yaml").name == "dentist"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("- a\n- b\n", "is a list; give a mapping"),
        ("hello", "is text; give a mapping"),
        ("[" * 5000, "nested too deeply"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("a: \x07", "not a text file"),
    ],
)
def test_what_is_no_scenario_at_all(folder: Path, text: str, says: str) -> None:
    assert says in str(fault_of(folder, text))


def test_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "sound.yaml").write_bytes(b"RIFF\xff\xfe\x00")
    for name, says in (
        ("none.yaml", "no such"),
        (".", "folder"),
        ("sound.yaml", "text"),
    ):
        with pytest.raises(ScenarioError, match=says) as caught:
            load_scenario(folder / name)
        assert caught.value.file == folder / name


@pytest.mark.parametrize(
    ("reply", "path", "says"),
    [
        ({"text": "Yes."}, "", "text but no audio"),
        ({}, "", "says nothing"),
        ({"text": "Yes.", "audio": "none.wav"}, ".audio", "does not exist"),
        ({"audio": "reply.wav", "words": "none.json"}, ".words", "does not exist"),
        ({"audio": "reply.wav", "words": 3}, ".words", "a list of words or the path"),
        (
            {
                "audio": "reply.wav",
                "words": [{"text": "a", "start_ms": 5, "end_ms": 5}],
            },
            ".words[0]",
            "start_ms before the end_ms",
        ),
        (
            {
                "audio": "reply.wav",
                "words": [
                    {"text": "a", "start_ms": 5, "end_ms": 9},
                    {"text": "b", "start_ms": 2, "end_ms": 9},
                ],
            },
            ".words[1]",
            "sort by start_ms",
        ),
        (
            {
                "audio": "reply.wav",
                "words": [{"text": "a", "start_ms": -5, "end_ms": 9}],
            },
            ".words[0].start_ms",
            "out of range",
        ),
        (
            {"function_call": {"name": "f", "arguments": "x"}},
            ".function_call.arguments",
            "give a mapping",
        ),
        ({"function_call": {"arguments": {}}}, ".function_call", "name is missing"),
        ("Yes.", "", "give a mapping"),
    ],
)
def test_faulty_replies(
    folder: Path, scripted: dict[str, Any], reply: Any, path: str, says: str
) -> None:
    scripted["agent"]["replies"][1] = reply
    with pytest.raises(ScenarioError) as caught:
        scenario_from(scripted, folder)
    assert caught.value.path == "agent.replies[1]" + path
    assert says in str(caught.value)


def test_a_text_session_needs_no_audio_but_then_words_have_no_place(
    folder: Path, scripted: dict[str, Any]
) -> None:
    scripted["session"]["output_modalities"] = ["text"]
    scripted["agent"]["replies"] = [{"text": "Yes."}]
    assert scenario_from(scripted, folder).agent.replies[0].audio is None

    words = [{"text": "Yes.", "start_ms": 0, "end_ms": 9}]
    scripted["agent"]["replies"] = [{"text": "Yes.", "words": words}]
    with pytest.raises(ScenarioError, match="no audio"):
        scenario_from(scripted, folder)


def test_a_recorded_agent_takes_no_replies(
    folder: Path, scripted: dict[str, Any]
) -> None:
    scripted["agent"]["responder"] = "recorded"
    with pytest.raises(ScenarioError, match="leave the replies out"):
        scenario_from(scripted, folder)


@pytest.mark.parametrize("value", [float("nan"), 2**63, {1: 2}, {"a"}, object()])
def test_a_mapping_with_what_no_file_can_hold(
    folder: Path, recorded: dict[str, Any], value: Any
) -> None:
    recorded["session"] = {"type": "realtime", "tracing": {"metadata": value}}
    with pytest.raises(ScenarioError) as caught:
        scenario_from(recorded, folder)
    assert caught.value.path == "session.tracing.metadata"


def test_the_bundled_scenarios_load() -> None:
    names = sorted((Path(__file__).parents[3] / "data/scenarios").glob("*.yaml"))
    if not names:
        pytest.skip("no scenarios are bundled")
    for name in names:
        assert load_scenario(name).name


def test_every_named_file_is_told_with_its_key(
    folder: Path, scripted: dict[str, Any]
) -> None:
    assert dict(named_files(scenario_from(scripted, folder))) == {
        ("caller", "audio"): folder / "call.wav",
        ("caller", "labels"): folder / "call.json",
        ("agent", "replies", 0, "audio"): folder / "reply.wav",
    }
