"""The WebRTC project's voice activity detector: fast, crude, for comparison.

It decides yes or no for 10 ms at a time; the score of a frame is the share of yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import FRAME_SAMPLES, VAD_RATE_HZ
from voicelab.errors import MissingPartError, ScenarioError
from voicelab.speech.vad import (
    Frames,
    Scores,
    check_frame,
    exact_float32,
    score_in_turn,
)

if TYPE_CHECKING:
    import webrtcvad

_PART_SAMPLES = 160  # 10 ms, the detector's shortest frame
_HIGHEST_MODE = 3


class WebrtcScorer:
    """The share of voiced 10 ms parts that end within a frame (3 or 4 of them).

    A frame is 3.2 parts long; what is left over goes before the next frame.

    Args:
        mode: how readily a part counts as noise, 0 (seldom) to 3 (often).

    Raises:
        ScenarioError: there is no such mode.
        MissingPartError: webrtcvad is not installed.
    """

    name = "webrtc"
    frame_samples = FRAME_SAMPLES

    def __init__(self, mode: int = 2) -> None:
        if mode not in range(_HIGHEST_MODE + 1):
            raise ScenarioError(
                f"the webrtc VAD has no mode {mode!r}",
                path="mode",
                fix=f"choose 0 to {_HIGHEST_MODE}",
            )
        self._mode = mode
        self._vad = _detector(mode)
        self._rest = np.empty(0, np.int16)

    @property
    def identity(self) -> str:
        """The detector and its mode."""
        return f"webrtc-{self._mode}"

    def score(self, frame: Samples) -> float:
        """Return the share of voiced parts in the next frame, int16 [512].

        Raises:
            ValueError: the frame has another shape.
        """
        check_frame(frame)
        line = np.concatenate((self._rest, frame))
        parts = len(line) // _PART_SAMPLES
        self._rest = line[parts * _PART_SAMPLES :]
        rows = line[: parts * _PART_SAMPLES].reshape(parts, _PART_SAMPLES)
        voiced = sum(self._vad.is_speech(row.tobytes(), VAD_RATE_HZ) for row in rows)
        return exact_float32(voiced / parts)

    def score_file(self, frames: Frames) -> Scores:
        """Reset, then return the shares of all frames, int16 [n, 512]."""
        return score_in_turn(self, frames)

    def reset(self) -> None:
        """Forget everything: the next frame is the first of its stream."""
        self._vad = _detector(self._mode)
        self._rest = np.empty(0, np.int16)


def _detector(mode: int) -> webrtcvad.Vad:
    try:
        import webrtcvad  # noqa: PLC0415 - only this scorer needs it
    except ImportError as error:
        raise MissingPartError(
            "webrtcvad is not installed", fix="pip install webrtcvad-wheels"
        ) from error
    return webrtcvad.Vad(mode)
