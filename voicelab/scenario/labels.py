"""Reading label files and files of words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from voicelab.document import document_of, fit, paths_from
from voicelab.errors import LabelError
from voicelab.scenario.label_model import (
    LabelFile,
    Labels,
    LabelTurn,
    Pause,
    Speaker,
    Speakers,
    WholeReply,
    Word,
)
from voicelab.scenario.label_rules import check_turns, check_words

__all__ = [
    "LabelTurn",
    "Labels",
    "Pause",
    "Speaker",
    "Speakers",
    "WholeReply",
    "Word",
    "check_speakers",
    "load_labels",
    "load_words",
]


def load_labels(path: Path | str, *, duration_ms: float | None = None) -> Labels:
    """Read a label file and check it.

    Args:
        path: the JSON file.
        duration_ms: the length of the recording, to check against.

    Raises:
        LabelError: the file cannot be read, is no label file, or a label is
            impossible: outside the recording, empty or backwards, unsorted,
            overlapping its own speaker, a word or pause outside its turn, a
            whole reply that is not the agent's or whose recording is missing.
    """
    file = Path(path)
    document = document_of(_read_json(file), LabelError, file=file)
    labels = fit(document, LabelFile, hook=paths_from(file.parent))
    check_turns(document, labels.turns, duration_ms)
    return Labels(
        turns=labels.turns,
        speakers=labels.speakers,
        audio=labels.audio,
        description=labels.description,
    )


def check_speakers(labels: Labels, file: Path) -> None:
    """Check that each turn's speaker is known, as a conversation needs.

    Raises:
        LabelError: a turn's is not.
    """
    unknown = len(labels.unknown_turns())
    if unknown:
        raise LabelError(
            f"nobody has said who speaks in {unknown} of {len(labels.turns)} turns",
            file=file,
            path="turns",
            fix="write caller or agent in place of unknown, or take a recording with "
            "a channel for each party",
        )


def load_words(path: Path | str) -> tuple[Word, ...]:
    """Read words with times: a JSON list, a mapping with `words`, or a label file.

    The mapping may have the whole `text` beside them. Of a label file, the words
    of the agent's turns count.

    Raises:
        LabelError: the file cannot be read or a word is impossible.
    """
    file = Path(path)
    data = _read_json(file)
    if isinstance(data, dict) and "voicelab_labels" in data:
        turns = load_labels(file).agent_turns()
        return tuple(word for turn in turns for word in turn.words)
    mapping = {"words": data} if isinstance(data, list) else data
    document = document_of(mapping, LabelError, file=file)
    found = fit(document, _WordFile).words
    check_words(document, ("words",), found)
    return found


class _WordFile(Struct, frozen=True, forbid_unknown_fields=True):
    words: tuple[Word, ...]
    text: str = ""


def _read_json(file: Path) -> Any:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise LabelError("there is no such file", file=file) from None
    except OSError as fault:
        raise LabelError(
            f"the file cannot be read ({fault.strerror})", file=file
        ) from None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise LabelError(
            f"this is not JSON: {fault}", file=file, line=_line_of(str(fault), raw)
        ) from None


def _line_of(message: str, raw: bytes) -> int | None:
    byte = re.search(r"\(byte (\d+)\)", message)
    return raw.count(b"\n", 0, int(byte[1])) + 1 if byte else None
