"""The session object of a bridge, from a file, settings and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.errors import InputError
from voicelab.serve.bridges.session_file import session_object


def written(folder: Path, text: str) -> Path:
    file = folder / "session.yaml"
    file.write_text(text, "utf-8")
    return file


def test_nothing_asked_for_is_a_plain_session() -> None:
    assert session_object() == {"type": "realtime"}


def test_a_file_settings_and_options_add_up(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "instructions: Be brief.\naudio: {output: {voice: marin, speed: 1.1}}\n",
    )
    found = session_object(
        file,
        [
            "session.audio.input.turn_detection.type=server_vad",
            "session.audio.input.turn_detection.silence_duration_ms=300",
        ],
        instructions="Be kind.",
        voice="cedar",
    )
    assert found == {
        "type": "realtime",
        "instructions": "Be kind.",
        "audio": {
            "output": {"voice": "cedar", "speed": 1.1},
            "input": {
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 300}
            },
        },
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("voice: marin\n", r"session\.yaml:1.*voice"),
        ("instructions: hi\naudio: {output: {speed: 9}}\n", r"session\.yaml:2.*speed"),
        ("- a list\n", "holds no session object"),
        ("", "empty"),
        ("type: transcription\n", r"session\.yaml:1"),
    ],
)
def test_a_wrong_file_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        session_object(written(tmp_path, text))


def test_a_missing_file_is_told() -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml"):
        session_object(Path("nowhere.yaml"))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("session.audio.output.speed=9", "speed"),
        ("session.colour=red", "no such key in session"),
        ("session", "write it like session.audio"),
        ("session.audio", "write it like session.audio"),
        ("seed=3", "none of a session; write it like session.audio"),
        ("audio.output.voice=marin", "none of a session"),
    ],
)
def test_a_wrong_setting_is_told(setting: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        session_object(settings=[setting])


def test_the_caller_is_transcribed_unless_the_session_says_otherwise() -> None:
    asked = session_object(transcription="gpt-4o-mini-transcribe")
    told = asked["audio"]["input"]["transcription"]
    assert told == {"model": "gpt-4o-mini-transcribe"}
    setting = "session.audio.input.transcription=null"
    silent = session_object(settings=[setting], transcription="gpt-4o-mini-transcribe")
    assert silent["audio"]["input"]["transcription"] is None
