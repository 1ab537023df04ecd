from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.logs import LogBuilder, one_answer
from voicelab.errors import LabelError
from voicelab.metrics import false_spans, run_span_errors, span_errors
from voicelab.metrics.spans import Span, common, joined, total_ns

MS = 1_000_000
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8).map(
    lambda spans: joined((start * MS, end * MS) for start, end in spans)
)


def test_nothing_said_and_nothing_detected() -> None:
    assert span_errors([], []) == []
    assert false_spans([], []) == []


def test_what_was_never_detected_is_clipped_whole() -> None:
    (row,) = span_errors([], [(0, 30 * MS)])
    assert (row.detected, row.front_clip_ms, row.mid_clip_ms) == (False, 30.0, 0.0)
    assert (row.onset_delay_ms, row.offset_delay_ms) == (None, None)


@given(SPANS)
def test_detections_that_are_the_labels_are_perfect(spans: list[Span]) -> None:
    for row in span_errors(spans, spans):
        assert (row.onset_delay_ms, row.offset_delay_ms) == (0.0, 0.0)
        assert (row.front_clip_ms, row.mid_clip_ms, row.tail_ms) == (0.0, 0.0, 0.0)
    assert false_spans(spans, spans) == []


def test_an_early_onset_and_an_early_end() -> None:
    (row,) = span_errors([(5 * MS, 20 * MS)], [(10 * MS, 30 * MS)])
    assert (row.onset_delay_ms, row.offset_delay_ms) == (-5.0, -10.0)
    assert (row.front_clip_ms, row.mid_clip_ms, row.tail_ms) == (0.0, 10.0, 0.0)


def test_spans_that_overlap_are_refused_on_either_side() -> None:
    wrong = [(0, 20), (10, 30)]
    with pytest.raises(LabelError, match="span 1 of the detections"):
        span_errors(wrong, [])
    with pytest.raises(LabelError, match="span 1 of the reference"):
        false_spans([], wrong)


@given(SPANS, SPANS)
def test_what_is_clipped_and_what_is_caught_is_all_there_is(
    detected: list[Span], reference: list[Span]
) -> None:
    rows = span_errors(detected, reference)
    clipped_ms = sum(row.front_clip_ms + row.mid_clip_ms for row in rows)
    caught_ns = total_ns(common(detected, reference))
    assert clipped_ms * MS + caught_ns == pytest.approx(total_ns(reference))
    missed = [row.t_start_ns for row in rows if not row.detected]
    assert missed == [start for start, _ in false_spans(reference, detected)]


def test_a_run_compares_turns_with_what_the_server_took_for_them() -> None:
    # turn 200-1000, taken for 224-1024; a token 3000-3200 that nobody noticed
    log = one_answer()
    log.caller(1, 3000, 3200, kind="backchannel")
    turn, token = run_span_errors(log.facts())
    assert (turn.onset_delay_ms, turn.offset_delay_ms) == (24.0, 24.0)
    assert (turn.front_clip_ms, turn.mid_clip_ms, turn.tail_ms) == (24.0, 0.0, 24.0)
    assert (token.detected, token.front_clip_ms) == (False, 200.0)
    assert run_span_errors(LogBuilder().facts()) == []
