"""Voice activity against labels, frame by frame: misses and false alarms.

Conventions
    Frame k covers [k, k + 1) times `frame_ms`. It holds speech if its centre lies in a
    span of the reference; it is called speech if its score reaches the threshold. With
    a collar, frames whose centre is nearer than that to an edge of the reference are
    not judged: labels are not sure to a frame there (the no-score collar of NIST's
    speech evaluations). Without one every frame counts.

Components and measures
    `miss_rate` = speech frames below the threshold ÷ speech frames.
    `false_alarm_rate` = other frames at or above it ÷ other frames. Either is None
    where there is no such frame. Components of many recordings are added before they
    are divided (`sum_det`), so a long recording counts for more than a short one.

Source
    Martin, Doddington, Kamm, Ordowski and Przybocki 1997, "The DET curve in
    assessment of detection task performance" (Eurospeech): both errors over all
    thresholds, each on a normal-deviate axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from voicelab.errors import StatisticsError
from voicelab.metrics.facts import Facts
from voicelab.metrics.overlap import speech_spans
from voicelab.metrics.spans import Span, check_spans, joined
from voicelab.metrics.vad import vad_frames
from voicelab.units import NS_PER_MS, ms_to_ns

FRAME_MS = 32
THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""0.05 to 0.95 by 0.05."""

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


class DetPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Both errors at one threshold.

    Attributes:
        detector: whose scores they are, if that was said.
        threshold: the lowest score that counts as speech.
        speech_frames: frames that hold speech.
        other_frames: frames that do not.
        missed_frames: of the former, those not called speech.
        false_alarm_frames: of the latter, those called speech.
    """

    detector: str | None = None
    threshold: float
    speech_frames: int
    other_frames: int
    missed_frames: int
    false_alarm_frames: int

    @property
    def miss_rate(self) -> float | None:
        """The share of speech that was missed."""
        return self.missed_frames / self.speech_frames if self.speech_frames else None

    @property
    def false_alarm_rate(self) -> float | None:
        """The share of the rest that was called speech."""
        return (
            self.false_alarm_frames / self.other_frames if self.other_frames else None
        )


def det_points(
    scores: Sequence[float] | npt.NDArray[np.floating],
    reference: Sequence[Span],
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    collar_ms: float = 0.0,
    frame_ms: float = FRAME_MS,
    detector: str | None = None,
) -> list[DetPoint]:
    """Return both errors at each threshold.

    Args:
        scores: one score a frame, from the start of the recording.
        reference: when there is speech, `(start_ns, end_ns)`, in order and apart.
        thresholds: in the order of the points.
        collar_ms: how near an edge of the reference frames are not judged.
        frame_ms: how long a frame is.
        detector: what to call whose scores they are.

    Raises:
        LabelError: spans of the reference overlap, or one is empty.
        StatisticsError: a score or a threshold is not a finite number, the collar is
            negative or a frame has no length.
    """
    if frame_ms <= 0:
        raise StatisticsError(f"a frame of {frame_ms:g} ms has no length")
    starts_ns = np.arange(len(scores)) * frame_ms * NS_PER_MS
    centres_ns = (starts_ns + frame_ms * NS_PER_MS / 2).astype(np.int64)
    values = np.asarray(scores, dtype=np.float64)
    return _points(values, centres_ns, reference, thresholds, collar_ms, detector)


def run_det(
    facts: Facts,
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    collar_ms: float = 0.0,
    detector: str | None = None,
) -> list[DetPoint]:
    """Return both errors of the scores in a run, against what its caller said.

    Backchannels are speech, too. Within a turn the reference is its inter-pausal units
    where the times of words are known. Frames that nobody scored are not judged.

    Raises:
        StatisticsError: as `det_points`.
    """
    frames = vad_frames(facts)
    spans = joined(span for turn in facts.caller_turns for span in speech_spans(turn))
    starts_ns = np.array([frame.t_ns for frame in frames], dtype=np.int64)
    centres_ns = starts_ns + ms_to_ns(FRAME_MS) // 2
    values = np.array([frame.score for frame in frames], dtype=np.float64)
    return _points(values, centres_ns, spans, thresholds, collar_ms, detector)


def sum_det(recordings: Iterable[Sequence[DetPoint]]) -> list[DetPoint]:
    """Return the points of many recordings as one: frames added, by threshold.

    Points of different detectors are kept apart. The order is that in which detectors
    and thresholds first appear.
    """
    sums: dict[tuple[str | None, float], DetPoint] = {}
    for points in recordings:
        for point in points:
            key = (point.detector, point.threshold)
            sums[key] = _added(sums[key], point) if key in sums else point
    return list(sums.values())


def _points(
    scores: FloatArray,
    centres_ns: Int64Array,
    reference: Sequence[Span],
    thresholds: Sequence[float],
    collar_ms: float,
    detector: str | None,
) -> list[DetPoint]:
    check_spans(reference, "the reference")
    _check_numbers(scores, "score")
    _check_numbers(np.asarray(thresholds, dtype=np.float64), "threshold")
    if collar_ms < 0:
        raise StatisticsError(f"a collar is 0 ms or more, not {collar_ms:g}")
    judged = _judged(centres_ns, reference, ms_to_ns(collar_ms))
    is_speech = _within(centres_ns, reference)
    speech = np.sort(scores[judged & is_speech])
    other = np.sort(scores[judged & ~is_speech])
    return [
        DetPoint(
            detector=detector,
            threshold=float(threshold),
            speech_frames=len(speech),
            other_frames=len(other),
            missed_frames=int(np.searchsorted(speech, threshold, "left")),
            false_alarm_frames=len(other)
            - int(np.searchsorted(other, threshold, "left")),
        )
        for threshold in thresholds
    ]


def _within(instants_ns: Int64Array, spans: Sequence[Span]) -> npt.NDArray[np.bool_]:
    """Return which instants lie in a span, bool [n]."""
    edges = np.array(spans, dtype=np.int64).reshape(-1, 2)
    place = np.searchsorted(edges[:, 0], instants_ns, "right") - 1
    ends = np.append(edges[:, 1], np.iinfo(np.int64).min)  # -1: before all spans
    return np.asarray(instants_ns < ends[place])


def _judged(
    instants_ns: Int64Array, spans: Sequence[Span], collar_ns: int
) -> npt.NDArray[np.bool_]:
    """Return which instants are no nearer than a collar to an edge, bool [n]."""
    if collar_ns == 0 or not spans:
        return np.ones(len(instants_ns), dtype=np.bool_)
    edges = np.array(spans, dtype=np.int64).reshape(-1)
    after = np.searchsorted(edges, instants_ns)
    ahead = np.abs(edges[np.minimum(after, len(edges) - 1)] - instants_ns)
    behind = np.abs(instants_ns - edges[np.maximum(after - 1, 0)])
    return np.asarray(np.minimum(ahead, behind) >= collar_ns)


def _added(one: DetPoint, other: DetPoint) -> DetPoint:
    return DetPoint(
        detector=one.detector,
        threshold=one.threshold,
        speech_frames=one.speech_frames + other.speech_frames,
        other_frames=one.other_frames + other.other_frames,
        missed_frames=one.missed_frames + other.missed_frames,
        false_alarm_frames=one.false_alarm_frames + other.false_alarm_frames,
    )


def _check_numbers(values: FloatArray, what: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        index = int(wrong[0])
        raise StatisticsError(
            f"{what} {index} is {values[index]}, not a finite number",
            fix="leave out what was not scored",
        )
