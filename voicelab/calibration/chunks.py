"""How a server cuts its audio up: a start, then a length that repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

MAX_START = 16
"""The start of a reply has at most so many lengths of its own."""

MIN_REPLIES = 3
"""A place in a reply that fewer replies reach has no length of its own."""

EQUAL_MS = 1.0
"""A chunk of this much more or less is one of the same length."""

_WHOLE = (200,)
"""If no reply has more than one chunk, nothing tells their length."""


def fit_chunks(replies: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """Return the chunk lengths of a typical reply in milliseconds; the last repeats.

    Args:
        replies: the chunk lengths of each reply, without its last chunk.
    """
    start: list[int] = []
    for place in range(MAX_START):
        there = [reply[place] for reply in replies if len(reply) > place]
        if len(there) < MIN_REPLIES and place:
            break
        if not there:
            return _WHOLE
        start.append(_whole_ms(median(there)))
    later = [length for reply in replies for length in reply[len(start) :]]
    if later:
        start.append(_whole_ms(median(later)))
    while len(start) > 1 and start[-1] == start[-2]:
        start.pop()
    return tuple(start)


def chunk_rate(
    replies: Sequence[Sequence[float]], chunk_ms: Sequence[int]
) -> float | None:
    """Return the share of chunks within 1 ms of what a profile says; None of none."""
    fits = [
        abs(length - expected) <= EQUAL_MS
        for reply in replies
        for length, expected in zip(reply, _lengths(chunk_ms), strict=False)
    ]
    return sum(fits) / len(fits) if fits else None


def _lengths(chunk_ms: Sequence[int]) -> Iterator[int]:
    yield from chunk_ms
    while True:
        yield chunk_ms[-1]


def _whole_ms(length_ms: float) -> int:
    return max(round(length_ms), 1)
