"""`voicelab label`, as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from tests.support.recordings import ROOT, speech_like
from voicelab.cli.app import app
from voicelab.scenario import load_labels


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """Return a copy of a bundled conversation, without its labels."""
    file = tmp_path / "card-game.wav"
    shutil.copyfile(ROOT / "data" / "conversations" / file.name, file)
    return file


def typed(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["label", *map(str, arguments)])


def test_labels_go_beside_the_recording_and_are_described(call: Path) -> None:
    done = typed(call, "--recogniser", "none")
    assert done.exit_code == 0
    target = call.with_suffix(".json")
    first, note, last = done.stdout.splitlines()
    assert first == f"{call}: 28.2 s, 7 turns (agent 4, caller 3)"
    assert note == (
        "Note: channel 0 is taken for the caller and channel 1 for the agent; if it is "
        "the other way round, say so with --speaker caller=1."
    )
    assert last == str(target)
    assert done.stderr == ""
    labels = load_labels(target)
    assert labels.audio == call
    assert labels.description == "Labelled by machine: turns by the VAD silero."


def test_who_is_where_can_be_told(call: Path, tmp_path: Path) -> None:
    out = tmp_path / "turned.json"
    arguments = ("--speaker", "caller=1", "-o", out, "--json", "--recogniser", "none")
    done = typed(call, *arguments)
    said = json.loads(done.stdout)
    assert done.stderr == ""
    assert (said["file"], said["notes"]) == (str(out), [])
    assert (said["recogniser"], said["vad"]) == ("none", "silero")
    assert [turn["speaker"] for turn in said["turns"]].count("caller") == 4
    assert [turn.speaker for turn in load_labels(out).turns].count("caller") == 4


def test_a_file_is_replaced_only_by_force(call: Path) -> None:
    target = call.with_suffix(".json")
    target.write_text("mine")
    refused = typed(call, "--recogniser", "none")
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"Error: {target}: is there already; name another file, or use force\n"
    )
    assert target.read_text() == "mine"
    assert typed(call, "--recogniser", "none", "--force").exit_code == 0
    assert len(load_labels(target).turns) == 7


def test_the_recording_is_not_replaced_by_its_labels(call: Path) -> None:
    sound = call.read_bytes()
    refused = typed(call, "-o", call, "--force")
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"Error: {call}: is the recording itself; name another file for the labels\n"
    )
    assert call.read_bytes() == sound


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--speaker", "caller"], "--speaker caller tells no channel, or tells it twi"),
        (["--speaker", "caller=x"], "say it as caller=0 or agent=1"),
        (["--speaker", "caller=0", "--speaker", "caller=1"], "tells it twice"),
        (["--speaker", "bob=0"], "there is no speaker 'bob'; say caller or agent"),
        (["--speaker", "caller=2"], "has no channel 2 for the caller"),
        (["--vad", "silver"], "there is no VAD named 'silver'"),
        (["--recogniser", "siri"], "there is no recogniser named 'siri'"),
        (["-o", "no/where.json"], "there is no such folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_sentence_and_leaves_nothing(
    call: Path, arguments: list[str], says: str
) -> None:
    done = typed(call, *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [file.name for file in call.parent.iterdir()] == [call.name]


def test_silence_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "silence.wav"
    soundfile.write(file, np.zeros(16_000, np.int16), 16_000)
    done = typed(file)
    assert done.exit_code == 2
    assert done.stderr == (
        f"Error: {file}: holds no speech that the silero VAD hears; give another "
        "recording or another VAD\n"
    )
    missing = typed(tmp_path / "none.wav")
    assert missing.exit_code == 2
    assert missing.stderr.count("\n") == 1


def test_one_channel_says_that_nobody_knows(tmp_path: Path) -> None:
    file = tmp_path / "mono.wav"
    soundfile.write(file, speech_like(6.0), 16_000)
    done = typed(file, "--recogniser", "none")
    assert done.exit_code == 0
    first, note, _ = done.stdout.splitlines()
    assert first == f"{file}: 6.0 s, 2 turns (unknown 2)"
    assert note.startswith("Note: one channel does not tell who speaks: ")
