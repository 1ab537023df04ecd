"""Recognisers by name, and what is said where one is not there."""

from __future__ import annotations

import pytest

from voicelab.errors import MissingPartError, ScenarioError
from voicelab.speech import model_files
from voicelab.speech.stt import RECOGNISER_NAMES, make_recogniser

COMMAND = "pip install 'voicelab-realtime[speech]'"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ScenarioError) as caught:
        make_recogniser("whisker")
    assert str(caught.value) == (
        "there is no recogniser named 'whisker'; did you mean whisper? Or choose one "
        "of moonshine, whisper"
    )
    assert RECOGNISER_NAMES == ("moonshine", "whisper")


@pytest.mark.parametrize(
    ("name", "package"),
    [("moonshine", "moonshine_voice"), ("whisper", "faster_whisper")],
)
def test_a_missing_package_is_one_sentence_with_the_command(
    monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda _: None)
    with pytest.raises(MissingPartError) as caught:
        make_recogniser(name)
    assert str(caught.value) == (
        f"the recogniser {name} needs the package {package}, which is not installed; "
        f"{COMMAND}"
    )
