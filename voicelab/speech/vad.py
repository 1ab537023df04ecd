"""What every voice activity scorer offers: one number a frame.

A score is a property of the audio and says how sure a model is that a frame holds
speech. When a turn begins or ends is decided elsewhere, from scores.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import FRAME_SAMPLES

Frames = npt.NDArray[np.int16]
"""Consecutive frames at 16 kHz, int16 [n, 512]."""

Scores = npt.NDArray[np.float32]
"""One score a frame, float32 [n], each from 0 to 1."""

Snapshot = npt.NDArray[np.float32]
"""All that a scorer remembers between two frames, float32, one dimension."""


class VadScorer(Protocol):
    """Scores frames of 512 samples at 16 kHz (32 ms), one after the other.

    A scorer remembers what it has heard. Scores are exact in float32, and the same
    frames from `reset` on give the same bits, frame by frame or as a file.
    """

    @property
    def name(self) -> str:
        """The name that `make_scorer` knows it by."""

    @property
    def identity(self) -> str:
        """Everything that its scores depend on, besides the audio, as one string."""

    @property
    def frame_samples(self) -> int:
        """Samples a frame: 512."""

    def score(self, frame: Samples) -> float:
        """Return the score of the next frame, int16 [512].

        Raises:
            ValueError: the frame has another shape.
        """

    def score_file(self, frames: Frames) -> Scores:
        """Reset, then return the scores of all frames, int16 [n, 512].

        The scorer is left as it is after the last frame.
        """

    def reset(self) -> None:
        """Forget everything: the next frame is the first of its stream."""


@runtime_checkable
class SnapshotScorer(VadScorer, Protocol):
    """A scorer whose memory can be taken out and put back."""

    def snapshot(self) -> Snapshot:
        """Return a copy of the scorer's memory."""

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from where `snapshot` was taken."""


@runtime_checkable
class EncodingScorer(SnapshotScorer, Protocol):
    """A scorer whose work on a frame falls into two parts.

    The larger part sees the frame and the one before it only; what it makes of them
    can be kept, and spared when the same two come again.
    """

    def encoded(self) -> Snapshot:
        """Return what the first part made of the frame that was scored last."""

    def score_encoded(self, encoded: Snapshot) -> float:
        """Return the score of the next frame, for what `encoded` told of it once."""


def check_frame(frame: Samples) -> None:
    """Check that a frame is one.

    Raises:
        ValueError: its shape is not [512].
    """
    if frame.shape != (FRAME_SAMPLES,):
        raise ValueError(f"a frame has shape ({FRAME_SAMPLES},), not {frame.shape}")


def score_in_turn(scorer: VadScorer, frames: Frames) -> Scores:
    """Reset `scorer` and score all frames, int16 [n, 512], one after the other."""
    scorer.reset()
    scores = np.empty(len(frames), np.float32)
    for index, frame in enumerate(frames):
        scores[index] = scorer.score(frame)
    return scores


def exact_float32(score: float) -> float:
    """Return the float32 nearest to `score`, as a Python number."""
    return float(np.float32(score))
