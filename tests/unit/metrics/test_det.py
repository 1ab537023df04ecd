from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.logs import LogBuilder
from voicelab.errors import LabelError, StatisticsError
from voicelab.metrics import THRESHOLDS, det_points, run_det, sum_det
from voicelab.metrics.spans import Span, joined

MS = 1_000_000
SCORES = st.lists(st.floats(0, 1), max_size=30)
REFERENCES = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=5
).map(lambda spans: joined((start * MS, end * MS) for start, end in spans))


def test_nothing_to_judge_has_no_rates() -> None:
    (point,) = det_points([], [], [0.5])
    assert (point.speech_frames, point.other_frames) == (0, 0)
    assert (point.miss_rate, point.false_alarm_rate) == (None, None)


def test_speech_alone_has_no_false_alarms_to_count() -> None:
    (point,) = det_points([0.9, 0.1], [(0, 64 * MS)], [0.5])
    assert (point.miss_rate, point.false_alarm_rate) == (0.5, None)


def test_scores_that_are_the_labels_are_perfect() -> None:
    points = det_points([0, 0, 1, 1, 0], [(64 * MS, 128 * MS)])
    assert [point.threshold for point in points] == list(THRESHOLDS)
    assert {(p.miss_rate, p.false_alarm_rate) for p in points} == {(0.0, 0.0)}


def test_scores_upside_down_are_all_wrong() -> None:
    (point,) = det_points([1, 1, 0, 0, 1], [(64 * MS, 128 * MS)], [0.5])
    assert (point.miss_rate, point.false_alarm_rate) == (1.0, 1.0)


def test_a_score_at_the_threshold_is_speech() -> None:
    (point,) = det_points([0.5, 0.5], [(0, 32 * MS)], [0.5])
    assert (point.missed_frames, point.false_alarm_frames) == (0, 1)


def test_a_frame_is_where_its_centre_is() -> None:
    # the centre of frame 0 is at 16 ms: a span that ends there does not hold it
    (without,) = det_points([1.0], [(0, 16 * MS)], [0.5])
    (with_it,) = det_points([1.0], [(0, 17 * MS)], [0.5])
    assert (without.speech_frames, with_it.speech_frames) == (0, 1)


def test_the_collar_leaves_out_what_is_nearer_than_itself() -> None:
    # centres 16, 48, 80, 112, 144; edges 64 and 128: nearest 48, 16, 16, 16, 16
    scores = [1.0] * 5
    for collar_ms, judged in [(16, 5), (17, 1), (48, 1), (49, 0)]:
        (point,) = det_points(scores, [(64 * MS, 128 * MS)], [0.5], collar_ms=collar_ms)
        assert point.speech_frames + point.other_frames == judged


@pytest.mark.parametrize(
    ("scores", "thresholds", "settings", "message"),
    [
        ([0.1, math.nan], [0.5], {}, "score 1 is nan, not a finite number"),
        ([0.1], [0.5, math.inf], {}, "threshold 1 is inf, not a finite number"),
        ([0.1], [0.5], {"collar_ms": -1.0}, "a collar is 0 ms or more, not -1"),
        ([0.1], [0.5], {"frame_ms": 0.0}, "a frame of 0 ms has no length"),
    ],
)
def test_what_is_no_number_is_refused(
    scores: Sequence[float],
    thresholds: Sequence[float],
    settings: dict[str, float],
    message: str,
) -> None:
    with pytest.raises(StatisticsError, match=message):
        det_points(scores, [], thresholds, **settings)  # type: ignore[arg-type]


def test_labels_that_overlap_are_refused() -> None:
    with pytest.raises(LabelError, match="span 1 of the reference starts at 50 ms"):
        det_points([0.1], [(0, 100 * MS), (50 * MS, 150 * MS)])


@given(SCORES, REFERENCES, st.floats(0, 1))
def test_it_counts_as_a_plain_loop_does(
    scores: list[float], reference: list[Span], threshold: float
) -> None:
    (point,) = det_points(scores, reference, [threshold])
    missed = false = speech = 0
    for index, score in enumerate(scores):
        centre_ns = (32 * index + 16) * MS
        is_speech = any(start <= centre_ns < end for start, end in reference)
        speech += is_speech
        missed += is_speech and score < threshold
        false += not is_speech and score >= threshold
    assert (point.speech_frames, point.other_frames) == (speech, len(scores) - speech)
    assert (point.missed_frames, point.false_alarm_frames) == (missed, false)


@given(SCORES, REFERENCES)
def test_misses_grow_and_false_alarms_shrink_with_the_threshold(
    scores: list[float], reference: list[Span]
) -> None:
    points = det_points(scores, reference)
    assert np.all(np.diff([point.missed_frames for point in points]) >= 0)
    assert np.all(np.diff([point.false_alarm_frames for point in points]) <= 0)


def test_sums_keep_detectors_apart() -> None:
    one = det_points([1.0], [], [0.5], detector="one")
    other = det_points([1.0], [], [0.5], detector="other")
    both = sum_det([one, other, one])
    assert [(p.detector, p.false_alarm_frames) for p in both] == [
        ("one", 2),
        ("other", 1),
    ]
    assert sum_det([]) == []


def test_a_run_is_judged_by_what_its_caller_said() -> None:
    # frames 0-9 begin at 0, 32, …; the caller speaks from 64 to 192: frames 2 to 5
    log = LogBuilder()
    log.caller(0, 64, 192)
    scores = [0.0, 0.0, 0.9, 0.9, 0.2, 0.9, 0.9, 0.0]
    log.add(300, "server", "vad.scores", first_frame=0, frame_ms=32, scores=scores)
    (point,) = run_det(log.facts(), [0.5], detector="silero")
    assert (point.speech_frames, point.missed_frames) == (4, 1)
    assert (point.other_frames, point.false_alarm_frames) == (4, 1)


def test_a_run_without_scores_has_nothing_to_judge() -> None:
    (point,) = run_det(LogBuilder().facts(), [0.5])
    assert (point.speech_frames, point.other_frames) == (0, 0)
