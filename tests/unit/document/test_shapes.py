from __future__ import annotations

import pytest

from voicelab.document import close_names, dotted, one_of


def test_dotted_paths() -> None:
    assert dotted(("agent", "replies", 0, "words", 12, "text")) == (
        "agent.replies[0].words[12].text"
    )
    assert dotted((0, "a")) == "[0].a"
    assert dotted(("expect", "p50 (ms)")) == "expect['p50 (ms)']"
    assert dotted(("",)) == "['']"
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", 3], "a, b or 3")],
)
def test_choices_in_words(names: list[object], words: str) -> None:
    assert one_of(names) == words


def test_close_names() -> None:
    known = ["silero", "Silero-ONNX", "webrtc"]
    assert close_names("SILERO", known) == "did you mean silero?"
    assert close_names("silero-onx", known) == "did you mean Silero-ONNX?"
    assert close_names("zebra", known) is None
    assert close_names("x", []) is None
