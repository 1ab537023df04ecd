"""Who speaks when, found in a recording alone: voice activity, then the level.

Conventions
    A detector's frames at or above the threshold are speech; those with less than
    `IPU_SILENCE_MS` between them are one span. Its edges are the detector's: whole
    frames, and late at the end, because a detector stays on for a while after speech
    (its hangover). `sharpened` moves each edge to where the level says that speech
    begins or ends: the first, and the last, stretch of `WINDOW_MS` near the edge that
    is no more than `DEPTH_DB` below the span's loud parts. Near is `REACH_MS`, and
    never beyond the middle of the silence to the next span. Where the background (the
    usual level where nobody speaks) is not `ABOVE_DB` below that, the level tells
    nothing, and the span keeps the detector's edges.

Source
    The numbers are those that came nearest to the labels of the bundled conversations
    (docs/metrics.md has the errors). With 30 dB instead of 35, soft word endings are
    cut short.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import FULL_SCALE, Samples
from voicelab.audio.vad_front_end import VadFrontEnd, vad_frames
from voicelab.metrics.spans import Span, joined
from voicelab.metrics.speech_rate import IPU_SILENCE_MS
from voicelab.speech import cached_score_file, make_scorer
from voicelab.speech.vad import VadScorer
from voicelab.units import ms_to_ns, ms_to_samples, samples_to_ns

FloatArray = npt.NDArray[np.float64]

THRESHOLD = 0.5
WINDOW_MS = 5.0
REACH_MS = 160.0
DEPTH_DB = 35.0
ABOVE_DB = 10.0
_LOUD, _QUIET = 95, 50  # percentiles of levels: loud parts, and what nobody speaks in
_SILENCE_DB = -120.0


def voiced_spans(
    samples: Samples,
    rate_hz: int,
    *,
    scorer: VadScorer | str = "silero",
    threshold: float = THRESHOLD,
) -> list[Span]:
    """Return when a detector hears speech in a recording, in order and apart.

    Args:
        samples: int16 [n].
        rate_hz: 24,000, 16,000 or 8,000.
        scorer: the detector, or its name.
        threshold: the lowest score that is speech.

    Raises:
        ScenarioError: there is no such detector.
        MissingPartError: what the detector needs is not installed.
    """
    held = make_scorer(scorer) if isinstance(scorer, str) else scorer
    scores = cached_score_file(held, vad_frames(np.asarray(samples), rate_hz))
    step = VadFrontEnd(rate_hz).frame_in_samples
    voiced = np.flatnonzero(scores >= threshold)
    frames = (
        (
            samples_to_ns(int(k) * step, rate_hz),
            samples_to_ns(int(k + 1) * step, rate_hz),
        )
        for k in voiced
    )
    return joined(frames, gap_ns=ms_to_ns(IPU_SILENCE_MS))


def sharpened(samples: Samples, rate_hz: int, spans: Sequence[Span]) -> list[Span]:
    """Return spans with their edges moved to where the level says that speech is.

    Args:
        samples: int16 [n].
        rate_hz: their rate.
        spans: in order and apart, as from `voiced_spans`.
    """
    if not spans:
        return []
    window = ms_to_samples(WINDOW_MS, rate_hz)
    levels = _levels_db(samples, window)
    places = [_windows(span, window, rate_hz, len(levels)) for span in spans]
    floor_db = _background_db(levels, places) + ABOVE_DB
    limits = _limits(places, round(REACH_MS / WINDOW_MS), len(levels))
    found = []
    for span, place, limit in zip(spans, places, limits, strict=True):
        edges = _loud_within(levels, place, limit, floor_db)
        if edges is None:
            found.append(span)
            continue
        first, last = (samples_to_ns(edge * window, rate_hz) for edge in edges)
        found.append((first, last))
    return found


def _levels_db(samples: Samples, window: int) -> FloatArray:
    """Return the level of each whole window, 0 dB at full scale."""
    whole = len(samples) // window
    shaped = np.asarray(samples[: whole * window], np.float64).reshape(whole, window)
    power = np.mean((shaped / FULL_SCALE) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10))))


def _windows(span: Span, window: int, rate_hz: int, count: int) -> tuple[int, int]:
    """Return the windows that a span covers, [first, last)."""
    window_ns = samples_to_ns(window, rate_hz)
    return min(span[0] // window_ns, count), min(-(-span[1] // window_ns), count)


def _background_db(levels: FloatArray, places: Sequence[tuple[int, int]]) -> float:
    """Return the usual level where nobody speaks; silence if there is no such place."""
    quiet = np.ones(len(levels), dtype=np.bool_)
    for first, last in places:
        quiet[first:last] = False
    return float(np.percentile(levels[quiet], _QUIET)) if quiet.any() else _SILENCE_DB


def _limits(
    places: Sequence[tuple[int, int]], reach: int, count: int
) -> list[tuple[int, int]]:
    """Return how far each span's edges may move."""
    middles = [(before[1] + after[0]) // 2 for before, after in pairwise(places)]
    lowest, highest = [0, *middles], [*middles, count]
    return [
        (max(first - reach, low), min(last + reach, high))
        for (first, last), low, high in zip(places, lowest, highest, strict=True)
    ]


def _loud_within(
    levels: FloatArray, place: tuple[int, int], limit: tuple[int, int], floor_db: float
) -> tuple[int, int] | None:
    """Return the first loud window within the limits, and the one after the last.

    None if what is so quiet is not told from the background.
    """
    inside = levels[place[0] : place[1]]
    if not len(inside):
        return None
    least_db = float(np.percentile(inside, _LOUD)) - DEPTH_DB
    if least_db < floor_db:
        return None
    loud = np.flatnonzero(levels[limit[0] : limit[1]] >= least_db)
    if not len(loud):
        return None
    return limit[0] + int(loud[0]), limit[0] + int(loud[-1]) + 1
