"""Voice activity, frame by frame: the server's scores and what it decided.

Conventions
    A row stands for one frame of 32 ms that was scored. Its place is its position in
    appended audio, which is an instant of the run: the caller's first sample is at 0.
    Frames are missing where nobody scored (turn detection was off) or where the server
    was not observed.

Components
    `score` is the detector's, `speaking` the server's decision. What they are worth
    against labels is measured in `voicelab.metrics.det` (frames),
    `voicelab.metrics.edges` (spans) and `voicelab.metrics.endpointing` (turns).
"""

from __future__ import annotations

import msgspec
import numpy as np

from voicelab.metrics.facts import Facts
from voicelab.units import NS_PER_MS, ns_to_ms


class VadFrame(msgspec.Struct, frozen=True):
    """One scored frame.

    Attributes:
        frame: its number.
        t_ns: where its audio begins.
        score: the probability of speech, 0 to 1.
        speaking: whether it lies in what the server took for a turn, the silence
            that ended the turn included.
    """

    frame: int
    t_ns: int
    score: float
    speaking: bool

    @property
    def start_ms(self) -> float:
        """`t_ns` in milliseconds."""
        return ns_to_ms(self.t_ns)


def vad_frames(facts: Facts) -> list[VadFrame]:
    """Return the scored frames in order."""
    spans = [(item.onset_ns, item.audio_end_ns) for item in facts.user_items]
    starts = np.array([start for start, _ in spans], dtype=np.int64)
    frames = []
    for event in facts.log.of("server", "vad.scores"):
        first, frame_ms = event.data["first_frame"], event.data["frame_ms"]
        scores = event.data["scores"]
        t_ns = (first + np.arange(len(scores), dtype=np.int64)) * frame_ms * NS_PER_MS
        within = np.searchsorted(starts, t_ns, side="right") - 1
        for number, score in enumerate(scores):
            span = int(within[number])
            at_ns = int(t_ns[number])
            speaking = span >= 0 and at_ns < spans[span][1]
            frames.append(VadFrame(first + number, at_ns, score, speaking))
    return frames
