"""Which conversations are meant, and what is wrong with others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import voicelab as vl
from voicelab.audio import read_audio, write_wav
from voicelab.curves.conversations import find_conversations
from voicelab.errors import AudioError, CurveError, LabelError, ScenarioError
from voicelab.paths import data_dir
from voicelab.scenario.override import override

RECORDINGS = data_dir() / "conversations"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labelled recordings, without any scenario."""
    for name in ("card-game", "wifi-help"):
        for suffix in (".wav", ".json"):
            shutil.copy(RECORDINGS / f"{name}{suffix}", tmp_path)
    return tmp_path


def relabel(folder: Path, **changes: Any) -> Path:
    file = folder / "card-game.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    return file


def test_bundled_names_files_and_objects() -> None:
    scenario = vl.load_scenario("dentist")
    file = data_dir() / "scenarios" / "dentist.yaml"
    found = find_conversations([scenario, file, "card-game"])
    assert [each.name for each in found] == ["dentist", "dentist (2)", "card-game"]
    assert [each.speaker for each in found] == ["af_heart", "af_heart", "human"]
    assert {each.scenario.caller.drive for each in found} == {"fixed"}


def test_a_folder_of_scenarios() -> None:
    found = find_conversations(data_dir() / "scenarios")
    assert len(found) == 13


def test_a_folder_of_labelled_recordings(folder: Path) -> None:
    found = find_conversations(folder)
    assert [each.name for each in found] == ["card-game", "wifi-help"]
    assert [each.speaker for each in found] == ["human", "af_bella"]
    assert found[0].scenario.caller.channel == 0


def test_the_bundled_recordings_with_their_replies() -> None:
    assert len(find_conversations(RECORDINGS)) == 13


def test_nothing_is_named() -> None:
    with pytest.raises(CurveError, match="no conversation is named; name scenarios"):
        find_conversations([])


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CurveError, match="holds neither scenarios nor labelled"):
        find_conversations(tmp_path)


def test_an_unknown_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean dentist"):
        find_conversations("dentits")


def test_a_recording_without_labels(folder: Path) -> None:
    shutil.copy(RECORDINGS / "dentist.wav", folder)
    with pytest.raises(LabelError, match=r"dentist\.wav: this recording has no labels"):
        find_conversations(folder)


def test_labels_without_a_recording(folder: Path) -> None:
    (folder / "card-game.wav").unlink()
    with pytest.raises(AudioError, match=r"card-game\.wav: there is no such recording"):
        find_conversations(folder)


def test_labels_that_are_no_json(folder: Path) -> None:
    (folder / "card-game.json").write_text("{")
    with pytest.raises(LabelError, match=r"card-game\.json: this is not JSON"):
        find_conversations(folder)


def test_other_json_files_are_let_be(folder: Path) -> None:
    (folder / "notes.json").write_text('{"by": "hand"}')
    assert len(find_conversations(folder)) == 2


def test_labels_that_overlap_themselves(folder: Path) -> None:
    turn = {"speaker": "caller", "start_ms": 1000, "end_ms": 3000}
    relabel(folder, turns=[turn, {**turn, "start_ms": 2000}])
    with pytest.raises(LabelError, match=r"turns\[1\]: it starts at 2000 ms, while"):
        find_conversations(folder)


def test_turns_of_unknown_speakers(folder: Path) -> None:
    turns = [{"speaker": "unknown", "start_ms": 0, "end_ms": 900}]
    relabel(folder, turns=turns)
    with pytest.raises(LabelError, match=r"turns: nobody has said who speaks in 1 of"):
        find_conversations(folder)


@pytest.mark.parametrize(
    "turns",
    [
        [],
        [{"speaker": "agent", "start_ms": 0, "end_ms": 900}],
        [{"speaker": "caller", "start_ms": 0, "end_ms": 900, "kind": "backchannel"}],
    ],
)
def test_no_turn_of_the_caller(folder: Path, turns: list[dict[str, object]]) -> None:
    relabel(folder, turns=turns)
    with pytest.raises(LabelError, match=r"card-game\.json: turns: the labels hold no"):
        find_conversations(folder)


def test_labels_that_name_no_voice(folder: Path) -> None:
    relabel(folder, speakers={"caller": {"channel": 0}})
    assert find_conversations(folder)[0].speaker == "unknown"


def test_a_scenario_without_labels() -> None:
    scenario = override(vl.load_scenario("card-game"), caller={"labels": None})
    with pytest.raises(LabelError, match=r"caller\.labels: there are no labels to"):
        find_conversations(override(scenario, agent={"responder": "recorded"}))


def test_an_echo_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"channel\.echo: what the caller's micro"):
        find_conversations("dentist-echo")


def test_a_mix_of_both_parties_is_refused(folder: Path) -> None:
    both = read_audio(RECORDINGS / "card-game.wav", channel=0)
    write_wav(folder / "card-game.wav", [both.samples], both.rate_hz, channels=1)
    with pytest.raises(
        AudioError, match=r"card-game\.wav: the agent speaks on the only"
    ):
        find_conversations(folder)
    labels = json.loads((folder / "card-game.json").read_text())
    callers = [turn for turn in labels["turns"] if turn["speaker"] == "caller"]
    relabel(folder, turns=callers)
    assert len(find_conversations(folder)) == 2  # the caller alone may be mono
