"""Where in some audio somebody speaks, so that a recogniser hears nothing else.

Recognisers write words into silence, hum and noise. What they get is therefore chosen
by Silero VAD, with a little of what lies around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import FRAME_SAMPLES
from voicelab.speech.silero import SileroScorer
from voicelab.speech.vad import Scores

VOICED_ID = "voiced-1"
"""Names the rules below; to be changed whenever a span could come out different."""

ONSET_SCORE = 0.5
RELEASE_SCORE = 0.35
"""A span begins at the first of these and lasts until scores fall below the second."""

_LEAST_FRAMES = 3
"""Shorter than 96 ms is a click."""

_JOINED_FRAMES = 6
"""A silence up to 192 ms, as of a plosive, parts nothing."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of samples.

    Attributes:
        start_samples: its first sample.
        end_samples: the sample behind its last one.
    """

    start_samples: int
    end_samples: int


@dataclass(frozen=True, slots=True, eq=False)
class Voiced:
    """What voice activity tells of some audio.

    Attributes:
        scores: one a frame of 512 samples, the last one filled up with silence.
        spans: where somebody speaks, in order, apart from each other.
    """

    scores: Scores
    spans: tuple[Span, ...]


def find_voiced(samples: Samples, scorer: SileroScorer) -> Voiced:
    """Return where somebody speaks in int16 mono at 16 kHz, of any length."""
    scores = _scores(samples, scorer)
    spans = [
        Span(first * FRAME_SAMPLES, min((last + 1) * FRAME_SAMPLES, len(samples)))
        for first, last in _runs(scores)
    ]
    return Voiced(scores, tuple(spans))


def quietest_sample(scores: Scores, start_samples: int, end_samples: int) -> int:
    """Return the middle of the frame with the least score between two samples."""
    first = -(-start_samples // FRAME_SAMPLES)
    last = max(end_samples // FRAME_SAMPLES, first + 1)
    frame = first + int(np.argmin(scores[first:last]))
    return frame * FRAME_SAMPLES + FRAME_SAMPLES // 2


def _scores(samples: Samples, scorer: SileroScorer) -> Scores:
    whole = len(samples) // FRAME_SAMPLES
    frames = samples[: whole * FRAME_SAMPLES].reshape(whole, FRAME_SAMPLES)
    scores = scorer.score_file(frames)
    rest = samples[whole * FRAME_SAMPLES :]
    if not len(rest):
        return scores
    last = np.zeros(FRAME_SAMPLES, np.int16)
    last[: len(rest)] = rest
    return np.append(scores, np.float32(scorer.score(last)))


def _runs(scores: Scores) -> list[tuple[int, int]]:
    """Return the first and last frame of each span."""
    runs: list[tuple[int, int]] = []
    for first, last in _above(scores):
        if runs and first - runs[-1][1] - 1 <= _JOINED_FRAMES:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return [run for run in runs if run[1] - run[0] + 1 >= _LEAST_FRAMES]


def _above(scores: Scores) -> list[tuple[int, int]]:
    """Return the runs of frames from an onset until the score falls, in order."""
    onsets: npt.NDArray[np.intp] = np.flatnonzero(scores >= ONSET_SCORE)
    falls = np.append(np.flatnonzero(scores < RELEASE_SCORE), len(scores))
    runs: list[tuple[int, int]] = []
    for onset in onsets.tolist():
        if not runs or onset > runs[-1][1]:
            fall = int(falls[np.searchsorted(falls, onset)])
            runs.append((onset, fall - 1))
    return runs
