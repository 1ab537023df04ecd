from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.errors import LabelError
from voicelab.metrics.spans import (
    Span,
    check_spans,
    common,
    joined,
    span_ms,
    total_ns,
)

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def covered(spans: list[Span]) -> set[int]:
    """Return the instants in any of the spans, one by one."""
    return {t_ns for start_ns, end_ns in spans for t_ns in range(start_ns, end_ns)}


@given(SPANS)
def test_joined_spans_cover_the_same_and_keep_apart(spans: list[Span]) -> None:
    found = joined(spans)
    assert covered(found) == covered(spans)
    assert total_ns(found) == len(covered(spans))
    edges = [edge for span in found for edge in span]
    assert edges == sorted(set(edges))


@given(SPANS, SPANS)
def test_what_is_common_is_in_both(first: list[Span], second: list[Span]) -> None:
    found = common(joined(first), joined(second))
    assert covered(found) == covered(first) & covered(second)
    assert found == joined(found)


def test_a_gap_is_bridged_if_it_is_shorter() -> None:
    spans = [(0, 10), (14, 20), (25, 30)]
    assert joined(spans, gap_ns=5) == [(0, 20), (25, 30)]
    assert joined(spans, gap_ns=4) == spans
    assert joined([(0, 5), (5, 9)]) == [(0, 9)]


MS = 1_000_000


def test_spans_in_order_and_apart_may_touch() -> None:
    check_spans([], "the caller")
    check_spans([(0, 5), (5, 9)], "the caller")


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        (
            [(0, 20 * MS), (10 * MS, 30 * MS)],
            "span 1 of the caller starts at 10 ms, before the one ahead of it ends (20",
        ),
        (
            [(0, 5 * MS), (7 * MS, 7 * MS)],
            "span 1 of the caller ends at 7 ms but starts at 7 ms; give a start before",
        ),
    ],
)
def test_spans_that_overlap_or_are_empty_are_refused(
    spans: list[Span], message: str
) -> None:
    with pytest.raises(LabelError) as refusal:
        check_spans(spans, "the caller")
    assert str(refusal.value).startswith(message)


def test_the_time_between_instants_is_known_if_both_are() -> None:
    assert span_ms(2 * MS, 5 * MS) == 3.0
    assert span_ms(None, 5 * MS) is None
    assert span_ms(2 * MS, None) is None
