"""How often a detector misjudges single frames, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from voicelab.curves.corpus import FRAME_NS, Corpus
from voicelab.curves.grid import DEFAULT
from voicelab.curves.rows import condition_of
from voicelab.metrics.det import DetPoint, det_points, sum_det


class DetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One threshold of one detector in one condition.

    Attributes:
        detector: the voice-activity scorer.
        threshold: the lowest score that counts as speech.
        codec: the coding of the caller's audio; `various` where conversations differ.
        noise: the noise around the caller; None for none but the recordings' own.
        snr_db: the level of speech over it; None also where conversations differ.
        speech_frames: frames that hold speech, by the labels.
        other_frames: frames that do not.
        miss_rate: the share of the former below the threshold.
        false_alarm_rate: the share of the latter at or above it.
        is_default: whether it is the API's own threshold.
    """

    detector: str
    threshold: float
    codec: str
    noise: str | None
    snr_db: float | None
    speech_frames: int
    other_frames: int
    miss_rate: float | None
    false_alarm_rate: float | None
    is_default: bool


def det_rows(
    corpus: Corpus, detector: str, thresholds: Sequence[float], collar_ms: float
) -> Iterator[DetRow]:
    """Yield a row a threshold, all conversations' frames together.

    Raises:
        StatisticsError: a threshold or the collar is out of range.
    """
    points = [
        det_points(
            scores[: one.recording_ns // FRAME_NS],
            one.speech,
            thresholds,
            collar_ms=collar_ms,
            detector=detector,
        )
        for one, scores in zip(corpus.heard, corpus.scores, strict=True)
    ]
    for point in sum_det(points):
        yield _row(corpus, detector, point)


def _row(corpus: Corpus, detector: str, point: DetPoint) -> DetRow:
    return DetRow(
        detector=detector,
        threshold=point.threshold,
        **condition_of(corpus.takes),
        speech_frames=point.speech_frames,
        other_frames=point.other_frames,
        miss_rate=point.miss_rate,
        false_alarm_rate=point.false_alarm_rate,
        is_default=point.threshold == DEFAULT.threshold,
    )
