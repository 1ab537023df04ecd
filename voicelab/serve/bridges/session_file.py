"""The session object of a bridge: from a file, from settings, from single options."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import Struct

from voicelab.document import Document, document_of, fit, read_document
from voicelab.errors import InputError, ScenarioError
from voicelab.protocol.session_object import SessionObject
from voicelab.scenario.settings import with_settings


class _Holder(Struct, forbid_unknown_fields=True):
    """What settings are applied to: their paths begin with `session`, as elsewhere."""

    session: SessionObject


def session_object(
    file: Path | None = None,
    settings: Iterable[str] = (),
    *,
    instructions: str | None = None,
    voice: str | None = None,
    transcription: str | None = None,
) -> dict[str, Any]:
    """Return a GA session object.

    Args:
        file: a YAML or JSON file that holds one.
        settings: changes as `voicelab run --set` takes them, such as
            `session.audio.input.turn_detection.silence_duration_ms=300`.
        instructions: what the agent is told; the file's if None.
        voice: the agent's voice; the file's if None.
        transcription: the model that transcribes the caller, where neither file nor
            settings say anything of it; nobody does if None.

    Raises:
        InputError: the file, or a setting, is none of a session; it names file, line
            and path.
    """
    changes = list(settings)
    for change in changes:
        _check_setting(change)
    document = with_settings(_held(file), changes)
    session = document.data.get("session")
    if isinstance(session, dict):
        session.setdefault("type", "realtime")
    fit(document, _Holder)
    found: dict[str, Any] = document.data["session"]
    if instructions is not None:
        found["instructions"] = instructions
    if voice is not None:
        _side(found, "output")["voice"] = voice
    if transcription is not None:
        told = {"model": transcription}
        _side(found, "input").setdefault("transcription", told)
    return found


def _check_setting(setting: str) -> None:
    """Refuse a setting of something else: only a scenario has more than a session."""
    name, equals, _ = setting.partition("=")
    if not equals or name.strip().partition(".")[0] != "session":
        raise ScenarioError(
            f"the setting {setting!r} is none of a session",
            fix="write it like session.audio.output.voice=marin",
        )


def _side(session: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what a session says of its input or output, made if it is missing."""
    side: dict[str, Any] = session.setdefault("audio", {}).setdefault(name, {})
    return side


def _held(file: Path | None) -> Document:
    """Return a document whose `session` is what the file holds."""
    if file is None:
        return document_of({"session": {}}, ScenarioError)
    document = read_document(file, ScenarioError)
    if not isinstance(document.data, dict):
        raise InputError(
            "holds no session object", file=file, fix="write keys such as instructions:"
        )
    lines = {("session", *path): line for path, line in document.lines.items()}
    return replace(document, data={"session": document.data}, lines=lines)
