"""Puts lines into a finished event log, in order of time, and numbers it anew."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec

_NUMBERED = re.compile(rb'\{"seq":\d+,"t_ns":(-?\d+)')
_INSTANT = itemgetter(0)
_LINE = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class LateLine:
    """What became known only after the log was written.

    Attributes:
        t_ns: when it happened, counted from the log's origin.
        lane: where.
        type: what.
        data: the rest; it is about no item.
    """

    t_ns: int
    lane: str
    type: str
    data: dict[str, Any]


def with_late_lines(log: Iterable[bytes], late: Iterable[LateLine]) -> Iterator[bytes]:
    """Yield a log's lines with others among them.

    Args:
        log: the lines of events.jsonl, in order.
        late: what to put in; at one instant it comes after what is there.

    Raises:
        ValueError: a line of the log is none that `EventLog` writes.
    """
    added = sorted(((line.t_ns, _rest(line)) for line in late), key=_INSTANT)
    merged = heapq.merge(map(_timed, log), added, key=_INSTANT)
    for seq, (_, rest) in enumerate(merged):
        yield b'{"seq":%d,%b' % (seq, rest)


def _timed(line: bytes) -> tuple[int, bytes]:
    """Return a line's instant, and the line from there on."""
    head = _NUMBERED.match(line)
    if head is None:
        raise ValueError(f"no line of an event log: {line[:80]!r}")
    return int(head[1]), line[line.index(b",") + 1 :]


def _rest(line: LateLine) -> bytes:
    fields = {
        "t_ns": line.t_ns,
        "lane": line.lane,
        "type": line.type,
        "item_id": None,
        "data": line.data,
    }
    return _LINE.encode(fields)[1:] + b"\n"
