"""Label files, written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from voicelab.errors import InputError, LabelError
from voicelab.labelling import check_free, save_labels
from voicelab.scenario import (
    Labels,
    LabelTurn,
    Pause,
    Speaker,
    Speakers,
    WholeReply,
    Word,
    load_labels,
)

LABELS = Labels(
    turns=(
        LabelTurn(
            "caller",
            0.0,
            1_000.5,
            text="Zo\u00eb, yes.",
            words=(Word("Zo\u00eb,", 0.0, 300.0), Word("yes.", 700.0, 1_000.5)),
            pauses=(Pause(300.0, 700.0, "thinking"),),
            tags=("filler",),
        ),
        LabelTurn("unknown", 1_200.0, 2_000.0),
        LabelTurn("agent", 1_500.0, 1_900.0, kind="backchannel", text="Mm-hmm."),
    ),
    speakers=Speakers(caller=Speaker(0, "af", "female"), agent=Speaker(1)),
    description="A call.",
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    reply = tmp_path / "whole.wav"
    reply.touch()
    whole = LabelTurn("agent", 3_000.0, 4_000.0, reply=WholeReply(reply, "All of it."))
    labels = Labels(
        turns=(*LABELS.turns, whole),
        speakers=LABELS.speakers,
        audio=tmp_path / "sounds" / "call.wav",
        description=LABELS.description,
    )
    file = save_labels(labels, tmp_path / "labels.json")
    assert load_labels(file) == labels


def test_paths_are_relative_to_the_file_and_turns_stand_on_lines(
    tmp_path: Path,
) -> None:
    labels = Labels(turns=LABELS.turns[1:], audio=tmp_path / "call.wav")
    (tmp_path / "labels").mkdir()
    text = save_labels(labels, tmp_path / "labels" / "call.json").read_text("utf-8")
    assert json.loads(text)["audio"] == "../call.wav"
    assert '\n  {"speaker": "unknown", "start_ms": 1200.0, "end_ms": 2000.0' in text
    assert "null" not in text
    assert "[]" not in text


def test_no_turns_are_a_file_too(tmp_path: Path) -> None:
    file = save_labels(Labels(turns=()), tmp_path / "none.json")
    assert load_labels(file) == Labels(turns=())


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    file.write_text("mine")
    with pytest.raises(InputError) as caught:
        save_labels(LABELS, file)
    assert str(caught.value) == (
        f"{file}: is there already; name another file, or use force"
    )
    assert file.read_text() == "mine"
    save_labels(LABELS, file, force=True)
    assert len(load_labels(file).turns) == 3


def test_the_recording_itself_is_never_replaced(tmp_path: Path) -> None:
    call = tmp_path / "call.wav"
    call.write_bytes(b"sound")
    link = tmp_path / "labels.json"
    link.symlink_to(call)
    for file in (call, link):
        with pytest.raises(LabelError, match="is the recording itself"):
            save_labels(Labels(turns=(), audio=call), file, force=True)
    assert call.read_bytes() == b"sound"


@pytest.mark.parametrize("name", ["", "no/labels.json"])
def test_where_nothing_can_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="folder"):
        check_free(tmp_path / name)
