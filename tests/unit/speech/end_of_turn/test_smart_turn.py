"""The bundled model, on bundled speech; its answers are its authors' own pipeline's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicelab.audio.pcm import Samples
from voicelab.errors import MissingPartError
from voicelab.paths import data_dir
from voicelab.speech.end_of_turn.smart_turn import SMART_TURN_SHA256, SmartTurn
from voicelab.speech.onnx_runtime import runtime_id

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model() -> SmartTurn:
    return SmartTurn()


@pytest.fixture(scope="module")
def dentist() -> Samples:
    file = data_dir() / "conversations/dentist.wav"
    samples, rate_hz = soundfile.read(file, dtype="int16")
    assert rate_hz == RATE_HZ
    return np.ascontiguousarray(samples[:, 0])


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0, 3, 0.9777120),
        (5, 20, 0.9859892),
        (0, 0.01, 0.9619386),
        (20, 27, 0.9801466),
    ],
)
def test_answers_of_the_authors_own_front_end(
    model: SmartTurn, dentist: Samples, start_s: float, end_s: float, expected: float
) -> None:
    """As pipecat-ai 1.14.0 computes them from the same samples, with the same file."""
    piece = dentist[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    assert model.probability(piece) == pytest.approx(expected, abs=0.02)


def test_the_same_audio_gives_the_same_bits(model: SmartTurn, dentist: Samples) -> None:
    answers = {model.probability(dentist[:48_000]) for _ in range(2)}
    answers.add(SmartTurn().probability(dentist[:48_000]))
    assert len(answers) == 1


def test_no_audio_at_all_is_judged_too(model: SmartTurn) -> None:
    assert 0 <= model.probability(np.empty(0, np.int16)) <= 1


def test_its_identity_names_all_that_its_answers_depend_on(model: SmartTurn) -> None:
    assert SMART_TURN_SHA256 in model.identity
    assert "whisper-8s" in model.identity
    assert runtime_id() in model.identity


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError) as caught:
        SmartTurn(tmp_path / "none.onnx").probability(np.zeros(16_000, np.int16))
    assert str(caught.value) == (
        f"{tmp_path / 'none.onnx'}: the Smart Turn model is missing; "
        "install voicelab-realtime again"
    )


def test_a_runtime_that_is_too_old_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("Unsupported model IR version: 10\nmax supported: 9")

    monkeypatch.setattr("onnxruntime.InferenceSession", refuse)
    with pytest.raises(MissingPartError, match="cannot read the Smart Turn") as e:
        SmartTurn().probability(np.zeros(16_000, np.int16))
    assert "\n" not in str(e.value)
    assert str(e.value).endswith("pip install 'onnxruntime>=1.18'")


@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_a_corrupted_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    with pytest.raises(MissingPartError, match=r"is not the Smart Turn v3\.2") as e:
        SmartTurn(file).probability(np.zeros(16_000, np.int16))
    assert "\n" not in str(e.value)
