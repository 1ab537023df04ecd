from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from voicelab.errors import LabelError
from voicelab.scenario import Pause, Word, load_labels, load_words
from voicelab.scenario.labels import check_speakers

TURNS: list[dict[str, Any]] = [
    {
        "speaker": "caller",
        "start_ms": 800.5,
        "end_ms": 2400,
        "kind": "turn",
        "text": "Hi, er, Tuesday?",
        "words": [
            {"text": "Hi,", "start_ms": 800.5, "end_ms": 1000},
            {"text": "er,", "start_ms": 1010, "end_ms": 1200},
            {"text": "Tuesday?", "start_ms": 2000, "end_ms": 2400},
        ],
        "pauses": [{"start_ms": 1200, "end_ms": 2000, "kind": "thinking"}],
        "tags": ["filler"],
    },
    {
        "speaker": "agent",
        "start_ms": 2300,
        "end_ms": 4000,
        "words": [{"text": "We", "start_ms": 2300, "end_ms": 2500}],
        "reply": {
            "audio": "whole.wav",
            "text": "We are open.",
            "words": [{"text": "We", "start_ms": 0, "end_ms": 200}],
        },
    },
    {"speaker": "caller", "start_ms": 3000, "end_ms": 3200, "kind": "backchannel"},
]


@pytest.fixture
def labels(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "whole.wav").touch()
    return {
        "voicelab_labels": 1,
        "audio": "call.wav",
        "description": "A call.",
        "speakers": {
            "caller": {"channel": 0, "voice": "a", "sex": "female", "licence": "CC0"},
            "agent": {"channel": 1},
        },
        "turns": copy.deepcopy(TURNS),
    }


def saved(folder: Path, data: Any) -> Path:
    file = folder / "labels.json"
    file.write_text(json.dumps(data))
    return file


def test_every_value_arrives(tmp_path: Path, labels: dict[str, Any]) -> None:
    found = load_labels(saved(tmp_path, labels), duration_ms=4000)

    first, second = found.caller_turns()
    assert (first.speaker, first.start_ms, first.end_ms) == ("caller", 800.5, 2400)
    assert first.words[1] == Word("er,", 1010, 1200)
    assert first.pauses == (Pause(1200, 2000, "thinking"),)
    assert first.tags == ("filler",)
    assert (second.kind, first.kind) == ("backchannel", "turn")
    (agent,) = found.agent_turns()
    assert agent.reply is not None
    assert agent.reply.audio == tmp_path / "whole.wav"
    assert agent.reply.words == (Word("We", 0, 200),)
    assert found.speakers.caller is not None
    assert found.speakers.caller.sex == "female"
    assert found.speakers.agent is not None
    assert found.speakers.agent.channel == 1
    assert found.audio == tmp_path / "call.wav"
    assert found.description == "A call."


@pytest.mark.parametrize(
    ("where", "value", "path", "says"),
    [
        ((0, "speaker"), "robot", "turns[0].speaker", "caller"),
        ((0, "kind"), "turm", "turns[0].kind", "did you mean turn?"),
        ((0, "start_ms"), -1, "turns[0].start_ms", "out of range"),
        ((0, "start_ms"), "0", "turns[0].start_ms", "is text"),
        ((0, "start_ms"), 2400, "turns[0]", "before the end_ms"),
        ((0, "end_ms"), 700, "turns[0]", "before the end_ms"),
        ((0, "end_ms"), 3100, "turns[2]", "until 3100 ms"),
        ((0, "wrods"), [], "turns[0].wrods", "did you mean words?"),
        ((2, "end_ms"), 4001.5, "turns[2]", "audio at 4000 ms"),
        ((2, "start_ms"), 700, "turns[2]", "sort the turns"),
        ((0, "words", 2, "end_ms"), 2401.5, "turns[0].words[2]", "outside its turn"),
        ((0, "words", 0, "start_ms"), 799, "turns[0].words[0]", "outside its turn"),
        ((0, "words", 1, "start_ms"), 790, "turns[0].words[1]", "sort by start_ms"),
        ((0, "words", 1, "end_ms"), 1010, "turns[0].words[1]", "before the end_ms"),
        ((0, "words", 1, "text"), None, "turns[0].words[1].text", "null"),
        ((0, "pauses", 0, "end_ms"), 2500, "turns[0].pauses[0]", "outside its turn"),
        ((1, "reply", "audio"), "no.wav", "turns[1].reply.audio", "no.wav"),
        ((1, "reply", "audio"), 3, "turns[1].reply.audio", "give a path"),
        ((1, "reply", "words", 0, "end_ms"), 0, "turns[1].reply.words[0]", "before"),
        ((1, "reply", "txt"), "x", "turns[1].reply.txt", "did you mean text?"),
        ((1, "speaker"), "caller", "turns[1]", "speaks until 2400 ms"),
    ],
)
def test_an_impossible_label_is_named(
    tmp_path: Path,
    labels: dict[str, Any],
    where: tuple[str | int, ...],
    value: Any,
    path: str,
    says: str,
) -> None:
    holder: Any = labels["turns"]
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = value
    file = saved(tmp_path, labels)
    with pytest.raises(LabelError) as caught:
        load_labels(file, duration_ms=4000)
    assert caught.value.path == path
    assert caught.value.file == file
    assert says in str(caught.value)


def test_a_millisecond_outside_is_rounding(
    tmp_path: Path, labels: dict[str, Any]
) -> None:
    labels["turns"][0]["words"][2]["end_ms"] = 2401
    labels["turns"][0]["words"][0]["start_ms"] = 799.5
    load_labels(saved(tmp_path, labels), duration_ms=3999)


@pytest.mark.parametrize("speaker", ["caller", "unknown"])
def test_only_an_agents_turn_has_a_whole_reply(
    tmp_path: Path, labels: dict[str, Any], speaker: str
) -> None:
    labels["turns"][0]["reply"] = labels["turns"][1]["reply"]
    labels["turns"][0]["speaker"] = speaker
    with pytest.raises(LabelError, match=r"turns\[0\]\.reply: only an agent's turn"):
        load_labels(saved(tmp_path, labels))


def test_the_speaker_may_be_unknown(tmp_path: Path, labels: dict[str, Any]) -> None:
    labels["turns"][2]["speaker"] = "unknown"
    found = load_labels(saved(tmp_path, labels))
    assert [turn.start_ms for turn in found.unknown_turns()] == [3000]
    assert len(found.caller_turns()) == len(found.agent_turns()) == 1
    with pytest.raises(LabelError, match="who speaks in 1 of 3 turns"):
        check_speakers(found, tmp_path / "labels.json")
    check_speakers(load_labels(saved(tmp_path, {**labels, "turns": []})), tmp_path)


@pytest.mark.parametrize(
    ("start_ms", "says"),
    [
        (700, "before the unknown turn that stands ahead of it"),
        (900, "while somebody unknown speaks until 2400 ms"),
    ],
)
def test_unknown_turns_do_not_overlap_each_other(
    tmp_path: Path, labels: dict[str, Any], start_ms: float, says: str
) -> None:
    for index in (0, 2):
        labels["turns"][index]["speaker"] = "unknown"
    labels["turns"][2]["start_ms"] = start_ms
    with pytest.raises(LabelError, match=r"turns\[2\]: ") as caught:
        load_labels(saved(tmp_path, labels))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "not JSON"),
        ('{"voicelab_labels": 1,\n "turns": [}', 2, "not JSON"),
        ('{"voicelab_labels": 1,\n\n "turns": NaN}', 3, "not JSON"),
        ('{"voicelab_labels": 2, "turns": []}', None, "give 1"),
        ('{"turns": []}', None, "voicelab_labels is missing"),
        ('{"voicelab_labels": 1}', None, "turns is missing"),
        ("[]", None, "give a mapping"),
        (
            '{"voicelab_labels": 1, "turns": [], "speakers": {"caler": {}}}',
            None,
            "caller?",
        ),
        ("[" * 100_000, None, "not JSON"),
        ('"\ud800"', None, "not JSON"),
    ],
)
def test_what_is_no_label_file(
    tmp_path: Path, text: str, line: int | None, says: str
) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(LabelError) as caught:
        load_labels(file)
    assert says in str(caught.value)
    assert caught.value.file == file
    if line is not None:
        assert caught.value.line == line


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no such file"):
        load_labels(tmp_path / "none.json")
    with pytest.raises(LabelError, match="directory"):
        load_labels(tmp_path)


def test_words_come_from_a_list_a_mapping_or_labels(
    tmp_path: Path, labels: dict[str, Any]
) -> None:
    words = [{"text": "We", "start_ms": 2300, "end_ms": 2500}]
    expected = (Word("We", 2300, 2500),)
    assert load_words(saved(tmp_path, words)) == expected
    assert load_words(saved(tmp_path, {"words": words})) == expected
    assert load_words(saved(tmp_path, {"text": "We", "words": words})) == expected
    assert load_words(saved(tmp_path, labels)) == expected


@pytest.mark.parametrize("data", [3, {"wrods": []}, [{"text": "a"}], None])
def test_what_is_no_file_of_words(tmp_path: Path, data: Any) -> None:
    with pytest.raises(LabelError):
        load_words(saved(tmp_path, data))


def test_the_bundled_labels_load() -> None:
    files = sorted((Path(__file__).parents[3] / "data/conversations").glob("*.json"))
    if not files:
        pytest.skip("no conversations are bundled")
    for file in files:
        if ".reply-" in file.name:
            assert load_words(file)
            continue
        found = load_labels(file)
        assert found.caller_turns(), file
        assert found.agent_turns(), file
