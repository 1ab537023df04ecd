"""Scores that the runs of one process share, each worked out once.

Runs of one conversation with other settings hear the same for a while, and then
something else: the agent answers sooner, so the caller speaks sooner. Every frame is
known here by a chain of hashes over all frames before it and itself; two streams that
agree in a link agree in everything that led to it. So runs share the scores of what
they have in common, and the model runs for the rest alone. A part of its work depends
on two frames only, and is spared where these two were heard anywhere before.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

from voicelab.audio.pcm import Samples
from voicelab.speech.cached_scorer import ToFrame
from voicelab.speech.vad import (
    EncodingScorer,
    Frames,
    Scores,
    Snapshot,
    SnapshotScorer,
    score_in_turn,
)

KEPT_SCORES = 200_000
"""Nearly two hours of audio, in some 60 MB with the models' snapshots."""

KEPT_ENCODED = 30_000
"""Sixteen minutes of audio, in some 30 MB."""

_LINK_BYTES = 16
_SNAPSHOT_STRIDE = 16
"""A snapshot of the model every so many frames: what has to be scored again when the
model takes over is at most that long."""


class ScoreMemory:
    """Scores by what led to them; the oldest are forgotten first.

    Args:
        kept_scores: how many are kept.
    """

    def __init__(self, kept_scores: int = KEPT_SCORES) -> None:
        self._kept = kept_scores
        self.scores: OrderedDict[bytes, float] = OrderedDict()
        self.snapshots: OrderedDict[bytes, Snapshot] = OrderedDict()
        self.encoded: OrderedDict[bytes, Snapshot] = OrderedDict()

    def forget_oldest(self) -> None:
        """Let go of what there is no room for."""
        while len(self.scores) > self._kept:
            self.scores.popitem(last=False)
        while len(self.snapshots) > self._kept // _SNAPSHOT_STRIDE + 1:
            self.snapshots.popitem(last=False)
        while len(self.encoded) > KEPT_ENCODED:
            self.encoded.popitem(last=False)


class RememberingScorer:
    """A scorer in front of another one that runs only for what no run has heard.

    Scores are the same bits as those of the scorer behind.

    Args:
        scorer: the scorer behind; it is driven by this one alone from now on.
        memory: what is known already, by scorers of any kind.
    """

    def __init__(self, scorer: SnapshotScorer, memory: ScoreMemory) -> None:
        self._scorer = scorer
        self._encodes = scorer if isinstance(scorer, EncodingScorer) else None
        self._memory = memory
        self._first_link = blake2b(
            scorer.identity.encode(), digest_size=_LINK_BYTES
        ).digest()
        self._link = self._first_link
        self._index = 0
        self._behind: list[Samples] = []
        self._landmark: Snapshot | None = None
        self._latest: Samples | None = None
        self._before_model: Samples | None = None
        self._before_digest: bytes | None = None
        scorer.reset()

    @property
    def name(self) -> str:
        """The name of the scorer behind."""
        return self._scorer.name

    @property
    def identity(self) -> str:
        """The identity of the scorer behind: the scores are the same."""
        return self._scorer.identity

    @property
    def frame_samples(self) -> int:
        """Samples a frame, as of the scorer behind."""
        return self._scorer.frame_samples

    def score(self, frame: Samples) -> float:
        """Return the score of the next frame, int16 [512].

        Raises:
            ValueError: the frame has another shape.
        """
        return self.score_lazily(frame.copy(), _itself)

    def score_lazily(self, window: Samples, to_frame: ToFrame) -> float:
        """Return the score of the frame that `to_frame` makes of a window.

        As `voicelab.speech.CachedScorer.score_lazily`.
        """
        before = self._link
        link = blake2b(window.data, digest_size=_LINK_BYTES, salt=before).digest()
        self._link = link
        memory = self._memory
        is_landmark = self._index % _SNAPSHOT_STRIDE == 0
        self._index += 1
        score = memory.scores.get(link)
        if score is not None:
            self._follow(window, before, is_landmark=is_landmark)
            self._latest = window
            return score
        self._catch_up(to_frame)
        if is_landmark and before not in memory.snapshots:
            memory.snapshots[before] = self._scorer.snapshot()
        memory.scores[link] = score = self._model(window, to_frame)
        self._latest = window
        memory.forget_oldest()
        return score

    def score_file(self, frames: Frames) -> Scores:
        """Reset, then return the scores of all frames, int16 [n, 512]."""
        return score_in_turn(self, frames)

    def reset(self) -> None:
        """Go back to the start of the stream."""
        self._scorer.reset()
        self._link = self._first_link
        self._index = 0
        self._behind.clear()
        self._landmark = self._latest = None
        self._before_model = self._before_digest = None

    def _follow(self, window: Samples, before: bytes, *, is_landmark: bool) -> None:
        """Note what the model would have to hear, if it takes over."""
        snapshot = self._memory.snapshots.get(before) if is_landmark else None
        if snapshot is not None:
            self._landmark = snapshot
            self._behind.clear()
            self._before_model = self._latest
            self._before_digest = None
        self._behind.append(window)

    def _catch_up(self, to_frame: ToFrame) -> None:
        """Bring the model to where the stream has got to."""
        if not self._behind:
            return
        if self._landmark is not None:
            self._scorer.restore(self._landmark)
            self._landmark = None
        for window in self._behind:
            self._model(window, to_frame)
        self._behind.clear()

    def _model(self, window: Samples, to_frame: ToFrame) -> float:
        """Let the model score its next frame, or as much of it as is not known."""
        scorer, memory = self._encodes, self._memory
        if scorer is None:
            return self._scorer.score(to_frame(window))
        if self._before_digest is None:
            self._before_digest = self._digest(self._before_model)
        digest = self._digest(window)
        key = self._before_digest + digest
        self._before_digest = digest
        encoded = memory.encoded.get(key)
        if encoded is not None:
            return scorer.score_encoded(encoded)
        score = scorer.score(to_frame(window))
        memory.encoded[key] = scorer.encoded()
        return score

    def _digest(self, window: Samples | None) -> bytes:
        data = b"" if window is None else window.data
        return blake2b(data, digest_size=_LINK_BYTES, salt=self._first_link).digest()


def _itself(frame: Samples) -> Samples:
    return frame
