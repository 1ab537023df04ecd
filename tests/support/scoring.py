"""A detector that tells how much it was asked."""

from __future__ import annotations

from tests.support.recordings import speech_like_frames
from voicelab.audio import Samples
from voicelab.speech import SileroScorer

FRAMES = speech_like_frames()
EXPECTED = SileroScorer().score_file(FRAMES).tolist()
"""What the model says of them."""


class CountingSilero(SileroScorer):
    """Counts the frames that it has to score."""

    frames = 0

    def score(self, frame: Samples) -> float:
        self.frames += 1
        return super().score(frame)
