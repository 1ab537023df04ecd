"""What a recogniser is given at a time: speech, without the long silences.

A window holds speech up to a limit. Each stretch keeps a margin before and behind it;
of a longer silence nothing more is kept. So an hour in which somebody speaks for two
minutes costs two minutes, and a recogniser has little silence to invent words for.
Speech that is longer than a window is cut where it is least like speech.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.speech.stt.model import RecognisedWord
from voicelab.speech.stt.voiced import Span, Voiced, quietest_sample

WINDOWS_ID = "windows-1"
"""Names the rules below; to be changed whenever a window could come out different."""

LEAD_SAMPLES = VAD_RATE_HZ * 3 // 10
"""Silence in front of and behind a window, 300 ms: without it a first "I" is lost."""

_BEFORE_SAMPLES = VAD_RATE_HZ // 5
_BEHIND_SAMPLES = VAD_RATE_HZ * 3 // 10
_CUT_FROM = 0.6
"""Too long a stretch is cut between this part of a window and its whole."""

_MIN_WORD_MS = 10.0


@dataclass(frozen=True, slots=True)
class Window:
    """Stretches of the audio that are heard together.

    Attributes:
        pieces: where they lie in the audio, in order, apart from each other.
        voiced: where somebody speaks in them.
    """

    pieces: tuple[Span, ...]
    voiced: tuple[Span, ...]

    def samples(self, audio: Samples) -> Samples:
        """Return what is heard: the pieces, silence in front and behind."""
        lead = np.zeros(LEAD_SAMPLES, np.int16)
        parts = [audio[p.start_samples : p.end_samples] for p in self.pieces]
        return np.concatenate((lead, *parts, lead))

    def placed(self, words: Sequence[RecognisedWord]) -> list[RecognisedWord]:
        """Return words with times in the audio instead of in the window.

        A recogniser stretches words into the silence beside them, the first one
        above all. So a word that begins in a silence begins with the speech after
        it, and one that ends in a silence ends with the speech before it.
        """
        placed: list[RecognisedWord] = []
        for word in words:
            start_ms, end_ms = self._at_ms(word.start_ms), self._at_ms(word.end_ms)
            start_ms, end_ms = self._clamped(start_ms, end_ms)
            if placed:  # words stay in order, whatever the rounding
                start_ms = max(start_ms, placed[-1].start_ms)
            end_ms = max(end_ms, start_ms + _MIN_WORD_MS)
            placed.append(replace(word, start_ms=start_ms, end_ms=end_ms))
        return placed

    def _at_ms(self, window_ms: float) -> float:
        """Return which instant of the audio is heard at an instant of the window."""
        left = window_ms * VAD_RATE_HZ / 1_000 - LEAD_SAMPLES
        for piece in self.pieces:
            length = piece.end_samples - piece.start_samples
            if left <= length:
                return _ms(piece.start_samples + max(left, 0.0))
            left -= length
        return _ms(self.pieces[-1].end_samples)

    def _clamped(self, start_ms: float, end_ms: float) -> tuple[float, float]:
        """Return a word's times without the silence at its ends."""
        starts = [_ms(span.start_samples) for span in self.voiced]
        ends = [_ms(span.end_samples) for span in self.voiced]
        after = bisect_right(ends, start_ms)
        before = bisect_right(starts, end_ms) - 1
        if after > before:  # all of it lies in one silence: leave it there
            return start_ms, end_ms
        return max(start_ms, starts[after]), min(end_ms, ends[before])


def windows(voiced: Voiced, size_samples: int, limit_samples: int) -> Iterator[Window]:
    """Yield windows with all the speech of some audio, in order.

    Args:
        voiced: what voice activity tells of the audio.
        size_samples: the length of the audio.
        limit_samples: how much audio a window may hold, its silence not counted.
    """
    pieces: list[Span] = []
    spans: list[Span] = []
    held = 0
    for piece, span in _pieces(voiced, size_samples, limit_samples):
        length = piece.end_samples - piece.start_samples
        if pieces and held + length > limit_samples:
            yield Window(tuple(pieces), tuple(spans))
            pieces, spans, held = [], [], 0
        pieces.append(piece)
        spans.append(span)
        held += length
    if pieces:
        yield Window(tuple(pieces), tuple(spans))


def _pieces(
    voiced: Voiced, size_samples: int, limit_samples: int
) -> Iterator[tuple[Span, Span]]:
    """Yield each piece with the speech in it; neighbours touch, but never overlap."""
    ends = 0
    spans = voiced.spans
    for index, span in enumerate(spans):
        is_last = index + 1 == len(spans)
        limit = size_samples if is_last else spans[index + 1].start_samples
        start = max(span.start_samples - _BEFORE_SAMPLES, ends)
        end = min(span.end_samples + _BEHIND_SAMPLES, limit)
        ends = end
        while end - start > limit_samples:
            cut = quietest_sample(
                voiced.scores,
                start + int(_CUT_FROM * limit_samples),
                start + limit_samples,
            )
            yield Span(start, cut), Span(max(start, span.start_samples), cut)
            start = cut
        inside = Span(max(start, span.start_samples), max(span.end_samples, start))
        yield Span(start, end), inside


def _ms(samples: float) -> float:
    return samples * 1_000 / VAD_RATE_HZ
