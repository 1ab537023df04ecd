"""What a Chrome trace must keep, checked strictly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

TraceEvent = Mapping[str, Any]

NEEDED = {
    "X": {"name", "ts", "dur", "pid", "tid"},
    "i": {"name", "ts", "pid", "tid", "s"},
    "C": {"name", "ts", "pid", "args"},
    "M": {"name", "pid", "tid", "args"},
    "s": {"name", "cat", "id", "ts", "pid", "tid"},
    "f": {"name", "cat", "id", "ts", "pid", "tid"},
}


def check_trace(events: Iterable[TraceEvent]) -> None:
    """Check keys, times, that slices nest, and that arrows have two bound ends.

    Times are compared in whole nanoseconds, which is what Perfetto stores.
    """
    listed = list(events)
    named = {e["tid"] for e in listed if e["ph"] == "M" and e["name"] == "thread_name"}
    slices: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for event in listed:
        assert NEEDED[event["ph"]] <= set(event), event
        if event["ph"] != "M":
            assert event["ts"] >= 0, event
        if event["ph"] in "Xisf":
            assert event["tid"] in named, event
        if event["ph"] == "X":
            start, length = _ns(event["ts"]), _ns(event["dur"])
            assert length > 0, event
            slices[event["tid"]].append((start, start + length))
    for spans in slices.values():
        _check_nesting(spans)
    _check_arrows(listed, slices)


def _ns(us: float) -> int:
    return round(us * 1000)


def _check_nesting(spans: list[tuple[int, int]]) -> None:
    open_ends: list[int] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], "slices cross"
        open_ends.append(end)


def _check_arrows(
    events: list[TraceEvent], slices: Mapping[int, list[tuple[int, int]]]
) -> None:
    tails = {e["id"]: e for e in events if e["ph"] == "s"}
    heads = {e["id"]: e for e in events if e["ph"] == "f"}
    assert tails.keys() == heads.keys()
    assert len(tails) + len(heads) == sum(e["ph"] in "sf" for e in events)
    for number, tail in tails.items():
        head = heads[number]
        assert tail["ts"] < head["ts"]
        for end in (tail, head):
            t_ns = _ns(end["ts"])
            spans = slices[end["tid"]]
            assert any(start <= t_ns < stop for start, stop in spans), end
