"""Scores of a stream, remembered from the last run that heard the same.

What a detector hears in a conversation is known only as it arrives: channel, codec
and the other party may change it. So a stream cannot be looked up as a whole. It is
followed: as long as each frame, and all before it, equal those of a stored stream,
the stored score is the score. At the first difference the model takes over.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from hashlib import blake2b
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples
from voicelab.speech.cache import AnyArray, ArrayCache, cache_key, default_cache
from voicelab.speech.vad import (
    Frames,
    Scores,
    SnapshotScorer,
    VadScorer,
    score_in_turn,
)

ToFrame = Callable[[Samples], Samples]
"""Makes a frame, int16 [512], of whatever it is made from."""

_LINK_BYTES = 16
_SNAPSHOT_STRIDE = 64
"""A snapshot of the model every so many frames: what has to be scored again when the
model takes over is at most that long."""


class CachedScorer:
    """A scorer in front of another one that runs only for what is new.

    Every frame extends a chain of hashes over all frames since the start; two
    streams that agree in a link agree in everything before it. The hint is thus only
    where to look: a wrong one costs time, never a wrong score. Scores are the same
    bits as those of the scorer behind.

    Args:
        scorer: the scorer behind; it is driven by this one alone from now on.
        hint: what tells this stream from others, such as the scenario's name.
        cache: where to keep streams; left out, the default cache.
    """

    def __init__(
        self, scorer: SnapshotScorer, hint: str, cache: ArrayCache | None = None
    ) -> None:
        self._scorer = scorer
        self._cache = default_cache() if cache is None else cache
        self._key = cache_key("stream", scorer.identity, hint)
        self._first_link = blake2b(
            scorer.identity.encode(), digest_size=_LINK_BYTES
        ).digest()
        self._stream = _Stream.from_arrays(self._cache.load(self._key))
        self._changed = False
        self._link = self._first_link
        self._index = 0
        self._following = True
        self._recent: list[Samples] = []

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

        The frame is made only if the score is not known; the window is kept for that
        and must not change any more. One stream is scored
        with one `to_frame`, and all of it in this way or none of it.
        """
        link = blake2b(window.data, digest_size=_LINK_BYTES, salt=self._link).digest()
        index = self._index
        if self._following:
            if self._stream.link(index) == link:
                return self._follow(window, link)
            self._take_over(to_frame)
        frame = to_frame(window)
        if index % _SNAPSHOT_STRIDE == 0:
            self._stream.snapshots.append(self._scorer.snapshot())
        score = self._scorer.score(frame)
        self._stream.links += link
        self._stream.scores.append(score)
        self._link = link
        self._index = index + 1
        return score

    def score_file(self, frames: Frames) -> Scores:
        """Reset, then return the scores of all frames, int16 [n, 512]."""
        return score_in_turn(self, frames)

    def reset(self) -> None:
        """Go back to the start of the stream."""
        self._link = self._first_link
        self._index = 0
        self._following = True
        self._recent.clear()

    def save(self) -> None:
        """Keep the stream for the next run, if anything in it is new."""
        if self._changed:
            self._cache.store(self._key, *self._stream.to_arrays())
            self._changed = False

    def _follow(self, window: Samples, link: bytes) -> float:
        index = self._index
        if index % _SNAPSHOT_STRIDE == 0:
            self._recent.clear()
        self._recent.append(window)
        self._link = link
        self._index = index + 1
        score: float = self._stream.scores[index]
        return score

    def _take_over(self, to_frame: ToFrame) -> None:
        """Bring the model to where the stream has got to, and go on with it."""
        index = self._index
        if index == 0:
            self._scorer.reset()
        else:
            start = (index - 1) // _SNAPSHOT_STRIDE
            self._scorer.restore(self._stream.snapshots[start])
            for window in self._recent:
                self._scorer.score(to_frame(window))
        self._recent.clear()
        self._stream.cut(index)
        self._following = False
        self._changed = True


@runtime_checkable
class LazyScorer(VadScorer, Protocol):
    """A scorer that may know a score without its frame."""

    def score_lazily(self, window: Samples, to_frame: ToFrame) -> float:
        """Return the score of the frame that `to_frame` makes of a window."""


def lazily(scorer: VadScorer) -> Callable[[Samples, ToFrame], float]:
    """Return what scores windows with `scorer`, making frames only if need be."""
    if isinstance(scorer, LazyScorer):
        return scorer.score_lazily
    return lambda window, to_frame: scorer.score(to_frame(window))


def _itself(frame: Samples) -> Samples:
    return frame


class _Stream:
    """What is known of a stream: per frame a link and a score, and snapshots.

    Snapshot k is the model before frame k * `_SNAPSHOT_STRIDE`.
    """

    def __init__(self) -> None:
        self.links = bytearray()
        self.scores: array[float] = array("f")
        self.snapshots: list[npt.NDArray[np.float32]] = []

    @classmethod
    def from_arrays(cls, arrays: list[AnyArray] | None) -> _Stream:
        """Return a stored stream; an empty one if it is not as it should be."""
        stream = cls()
        match arrays:
            case [links, scores, snapshots] if (
                links.dtype == np.uint8
                and scores.dtype == snapshots.dtype == np.float32
                and links.shape == (len(scores), _LINK_BYTES)
                and len(snapshots) == -(-len(scores) // _SNAPSHOT_STRIDE)
            ):
                stream.links += links.tobytes()
                stream.scores.frombytes(scores.tobytes())
                stream.snapshots += list(snapshots.astype(np.float32))
        return stream

    def to_arrays(self) -> tuple[AnyArray, AnyArray, AnyArray]:
        return (
            np.frombuffer(bytes(self.links), np.uint8).reshape(-1, _LINK_BYTES),
            np.array(self.scores, np.float32),
            np.array(self.snapshots, np.float32),
        )

    def link(self, index: int) -> bytearray:
        """Return the link of a frame; empty behind the last."""
        return self.links[index * _LINK_BYTES : (index + 1) * _LINK_BYTES]

    def cut(self, size: int) -> None:
        """Keep the first `size` frames."""
        del self.links[size * _LINK_BYTES :]
        del self.scores[size:]
        del self.snapshots[-(-size // _SNAPSHOT_STRIDE) :]
