"""Silero VAD v6 through onnxruntime: the reference that `silero` is held to."""

from __future__ import annotations

import numpy as np

from voicelab.audio.pcm import FULL_SCALE, Samples
from voicelab.audio.vad_front_end import FRAME_SAMPLES, VAD_RATE_HZ
from voicelab.errors import MissingPartError
from voicelab.speech.onnx_runtime import new_session, runtime_id
from voicelab.speech.silero_weights import SILERO_SHA256, silero_model_bytes
from voicelab.speech.vad import Frames, Scores, Snapshot, check_frame, score_in_turn

_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (2, 1, 128)


class SileroOnnxScorer:
    """Silero VAD v6 at 16 kHz, evaluated by onnxruntime on one thread.

    Raises:
        MissingPartError: the model or onnxruntime is not installed.
    """

    name = "silero-onnx"
    frame_samples = FRAME_SAMPLES

    def __init__(self) -> None:
        try:
            self._session = new_session(silero_model_bytes())
        except ImportError as error:
            raise MissingPartError(
                "onnxruntime is not installed", fix="pip install onnxruntime"
            ) from error
        self._rate = np.array(VAD_RATE_HZ, np.int64)
        self._input = np.zeros((1, _CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        self._state = np.zeros(_STATE_SHAPE, np.float32)

    @property
    def identity(self) -> str:
        """The weights and the engine."""
        return f"silero-onnx-{SILERO_SHA256[:16]}-{runtime_id()}"

    def score(self, frame: Samples) -> float:
        """Return the speech probability of the next frame, int16 [512].

        Raises:
            ValueError: the frame has another shape.
        """
        check_frame(frame)
        self._input[0, :_CONTEXT_SAMPLES] = self._input[0, -_CONTEXT_SAMPLES:]
        self._input[0, _CONTEXT_SAMPLES:] = frame
        self._input[0, _CONTEXT_SAMPLES:] /= FULL_SCALE
        feed = {"input": self._input, "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, feed)
        return float(probability[0, 0])

    def score_file(self, frames: Frames) -> Scores:
        """Reset, then return the probabilities of all frames, int16 [n, 512]."""
        return score_in_turn(self, frames)

    def reset(self) -> None:
        """Forget everything: the next frame is the first of its stream."""
        self._input[:] = 0.0
        self._state = np.zeros(_STATE_SHAPE, np.float32)

    def snapshot(self) -> Snapshot:
        """Return context and state, float32 [64 + 2 * 128]."""
        context = self._input[0, -_CONTEXT_SAMPLES:]
        return np.concatenate((context, self._state.ravel()))

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from where `snapshot` was taken."""
        self._input[0, -_CONTEXT_SAMPLES:] = snapshot[:_CONTEXT_SAMPLES]
        self._state = snapshot[_CONTEXT_SAMPLES:].reshape(_STATE_SHAPE)
