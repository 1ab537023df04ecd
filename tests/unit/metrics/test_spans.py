from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicelab.metrics.spans import Span, common, joined, total_ns

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
