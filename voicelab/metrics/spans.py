"""Sets of instants: stretches of time joined, intersected and measured.

A span is `(start_ns, end_ns)`, its end not included. Spans that are *joined* are in
order and keep apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from voicelab.errors import LabelError
from voicelab.units import ns_to_ms

Span = tuple[int, int]


def check_spans(spans: Sequence[Span], what: str) -> None:
    """Check that spans are in order and apart; they may touch.

    Args:
        spans: of one party.
        what: names them in the message, as in `the reference`.

    Raises:
        LabelError: one is empty or backwards, or begins before the one ahead of it
            ends.
    """
    for index, (start_ns, end_ns) in enumerate(spans):
        if end_ns <= start_ns:
            raise LabelError(
                f"span {index} of {what} ends at {ns_to_ms(end_ns):g} ms but starts "
                f"at {ns_to_ms(start_ns):g} ms",
                fix="give a start before the end",
            )
    for index, (before, after) in enumerate(pairwise(spans), start=1):
        if after[0] < before[1]:
            raise LabelError(
                f"span {index} of {what} starts at {ns_to_ms(after[0]):g} ms, before "
                f"the one ahead of it ends ({ns_to_ms(before[1]):g} ms)",
                fix="sort them, and join those that overlap",
            )


def joined(spans: Iterable[Span], *, gap_ns: int = 0) -> list[Span]:
    """Return the spans in order, those closer than `gap_ns` or touching made one."""
    found: list[Span] = []
    for start_ns, end_ns in sorted(spans):
        if end_ns <= start_ns:
            continue
        if found and start_ns - found[-1][1] <= max(gap_ns - 1, 0):
            found[-1] = (found[-1][0], max(found[-1][1], end_ns))
        else:
            found.append((start_ns, end_ns))
    return found


def common(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """Return what lies in both of two joined sets of spans."""
    found = []
    here = there = 0
    while here < len(first) and there < len(second):
        start_ns = max(first[here][0], second[there][0])
        end_ns = min(first[here][1], second[there][1])
        if start_ns < end_ns:
            found.append((start_ns, end_ns))
        if first[here][1] <= second[there][1]:
            here += 1
        else:
            there += 1
    return found


def total_ns(spans: Iterable[Span]) -> int:
    """Return how long spans that keep apart are together."""
    return sum(end_ns - start_ns for start_ns, end_ns in spans)


def span_ms(start_ns: int | None, end_ns: int | None) -> float | None:
    """Return from one instant to another in milliseconds; None if one is unknown."""
    return None if start_ns is None or end_ns is None else ns_to_ms(end_ns - start_ns)
