"""Smart Turn v3.2: hears in the melody of speech whether a turn is over.

The model is Daily's (BSD-2-Clause), a Whisper-tiny encoder with a small head, in
int8 for one processor, as the wheel of pipecat-ai 1.14.0 carries it. It comes with
voicelab. It hears no words: what it judges by is prosody, of the last 8 s.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.errors import MissingPartError
from voicelab.paths import data_dir
from voicelab.speech.end_of_turn.log_mel import LOG_MEL_ID, log_mel
from voicelab.speech.onnx_runtime import new_session, runtime_id

SMART_TURN_SHA256 = "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"
"""Hash of `smart-turn-v3.2-cpu.onnx`."""

_FILE = "models/smart-turn-v3.2-cpu.onnx"
_FIX = "install voicelab-realtime again"
_FIX_RUNTIME = "pip install 'onnxruntime>=1.18'"


class SmartTurn:
    """The bundled model; it is looked for, and loaded, when it is asked first.

    Args:
        file: the model; left out, the bundled one.

    Attributes:
        file: the same.
    """

    name = "smart-turn"

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or data_dir() / _FILE

    @cached_property
    def identity(self) -> str:
        """The weights, the front end, and what the last bit may depend on."""
        return f"smart-turn/{SMART_TURN_SHA256}/{LOG_MEL_ID}/{runtime_id()}"

    def probability(self, samples: Samples) -> float:
        """Return how probably the turn is over, from 0 to 1.

        Args:
            samples: the turn so far, int16 [n] at 16 kHz; its last 8 s count.

        Raises:
            MissingPartError: the model's file is missing or another one, or cannot be
                read, or onnxruntime is too old for it.
        """
        features = log_mel(samples)[np.newaxis]
        (answer,) = self._session.run(None, {"input_features": features})
        return float(answer.ravel()[0])

    @cached_property
    def _session(self) -> Any:
        weights = self.weights()
        try:
            return new_session(weights)
        except Exception as error:  # its own classes say no more
            raise MissingPartError(
                f"onnxruntime {version('onnxruntime')} cannot read the Smart Turn "
                "model",
                file=self.file,
                fix=_FIX_RUNTIME,
            ) from error

    def weights(self) -> bytes:
        """Return the model's bytes, known to be those of v3.2.

        Raises:
            MissingPartError: the file is missing or another one, or cannot be read.
        """
        try:
            model = self.file.read_bytes()
        except FileNotFoundError as error:
            raise MissingPartError(
                "the Smart Turn model is missing", file=self.file, fix=_FIX
            ) from error
        except OSError as error:
            raise MissingPartError(
                f"the Smart Turn model cannot be read ({error.strerror})",
                file=self.file,
                fix=_FIX,
            ) from error
        sha256 = hashlib.sha256(model).hexdigest()
        if sha256 != SMART_TURN_SHA256:
            raise MissingPartError(
                f"is not the Smart Turn v3.2 model (sha256 {sha256[:16]}..., "
                f"wanted {SMART_TURN_SHA256[:16]}...)",
                file=self.file,
                fix=_FIX,
            )
        return model
