"""Writing label files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec

from voicelab.errors import LabelError
from voicelab.record.whole_file import check_target, write_output
from voicelab.scenario.label_model import LabelFile, Labels


def save_labels(labels: Labels, file: Path | str, *, force: bool = False) -> Path:
    """Write a label file, whole or not at all.

    Args:
        labels: what to write; paths in it are written relative to the file.
        file: where.
        force: whether a file that is there may be replaced.

    Returns:
        The file.

    Raises:
        InputError: there is a file, or it cannot be written.
    """
    target = Path(file)
    check_free(target, force=force, recording=labels.audio)
    content = _content(labels, target.absolute().parent)
    write_output(target, [content], what="labels")
    return target


def check_free(
    file: Path, *, force: bool = False, recording: Path | None = None
) -> None:
    """Check that labels can be written to a file, before they are made.

    Args:
        file: the file.
        force: whether it may be replaced if it is there.
        recording: what they are labels of, which is never replaced.

    Raises:
        InputError: it cannot be, or a file is there that must not be replaced.
    """
    check_target(file)
    if not file.exists():
        return
    if recording is not None and recording.exists() and file.samefile(recording):
        raise LabelError(
            "is the recording itself", file=file, fix="name another file for the labels"
        )
    if not force:
        raise LabelError(
            "is there already", file=file, fix="name another file, or use force"
        )


def _content(labels: Labels, base: Path) -> str:
    """Return the file's text: a turn a line, what says nothing left out."""
    written = LabelFile(
        voicelab_labels=1,
        turns=labels.turns,
        speakers=labels.speakers,
        audio=labels.audio,
        description=labels.description,
    )
    plain = _plain(
        msgspec.to_builtins(written, enc_hook=lambda path: _from(path, base))
    )
    turns = ",\n".join(f"  {_line(turn)}" for turn in plain.pop("turns", []))
    head = "".join(f" {_line(key)}: {_line(value)},\n" for key, value in plain.items())
    return f'{{\n{head} "turns": [\n{turns}\n ]\n}}\n'


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _plain(each) for key, each in value.items()}
        return {
            key: each for key, each in kept.items() if each not in (None, "", [], {})
        }
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _from(path: Path, base: Path) -> str:
    """Return a path as it is seen from a folder; whole if there is no way."""
    try:
        return Path(os.path.relpath(path.absolute(), base)).as_posix()
    except ValueError:  # another drive
        return str(path.absolute())
