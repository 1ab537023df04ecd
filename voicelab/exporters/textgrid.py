"""A TextGrid of Praat, in its long text format; ELAN reads it too.

Interval tiers tile the recording: what lies between marks is an interval without
text. Marks of a lane that overlap each other go into tiers of their own, so does what
happens at an instant, and a quotation mark is written twice (Praat manual, "TextGrid
file formats").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from voicelab.exporters.files import Writer, stem, text
from voicelab.exporters.lanes import Lane, Mark, end_of, layers, run_lanes
from voicelab.result import Run
from voicelab.units import NS_PER_S


def textgrid(run: Run) -> dict[str, Writer]:
    """Return the one file that holds all lanes.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    return {f"{stem(run)}.TextGrid": text(grid(run_lanes(run), end_of(run)))}


def grid(lanes: Iterable[Lane], end_ns: int) -> str:
    """Return lanes as the text of a TextGrid that ends at `end_ns`."""
    tiers = [tier for lane in lanes for tier in _tiers(lane, end_ns)]
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_seconds(end_ns)}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, tier in enumerate(tiers, start=1):
        lines += [f"    item [{number}]:", *(f"        {line}" for line in tier)]
    return "\n".join(lines) + "\n"


def _tiers(lane: Lane, end_ns: int) -> Iterator[list[str]]:
    if lane.is_points:
        yield _tier("TextTier", lane.name, end_ns, "points", _points(lane.marks))
        return
    for number, row in enumerate(layers(lane.marks), start=1):
        name = lane.name if number == 1 else f"{lane.name} ({number})"
        intervals = [_interval(mark) for mark in _tiled(row, end_ns)]
        yield _tier("IntervalTier", name, end_ns, "intervals", intervals)


def _tier(
    kind: str, name: str, end_ns: int, what: str, entries: Sequence[list[str]]
) -> list[str]:
    lines = [
        f"class = {_quoted(kind)}",
        f"name = {_quoted(name)}",
        "xmin = 0",
        f"xmax = {_seconds(end_ns)}",
        f"{what}: size = {len(entries)}",
    ]
    for number, entry in enumerate(entries, start=1):
        lines += [f"{what} [{number}]:", *(f"    {line}" for line in entry)]
    return lines


def _interval(mark: Mark) -> list[str]:
    return [
        f"xmin = {_seconds(mark.start_ns)}",
        f"xmax = {_seconds(mark.end_ns)}",
        f"text = {_quoted(mark.text)}",
    ]


def _points(marks: Iterable[Mark]) -> list[list[str]]:
    """Return points; those at one instant are one, as Praat allows no two there."""
    return [
        [
            f"number = {_seconds(t_ns)}",
            f"mark = {_quoted('; '.join(mark.text for mark in group))}",
        ]
        for t_ns, group in groupby(marks, key=lambda mark: mark.start_ns)
    ]


def _tiled(row: Iterable[Mark], end_ns: int) -> Iterator[Mark]:
    """Yield marks that do not overlap, with what lies between them."""
    reached_ns = 0
    for mark in row:
        if mark.start_ns > reached_ns:
            yield Mark(reached_ns, mark.start_ns, "")
        yield mark
        reached_ns = mark.end_ns
    if reached_ns < end_ns:
        yield Mark(reached_ns, end_ns, "")


def _seconds(t_ns: int) -> str:
    """Return an instant exactly, without needless zeros."""
    whole, rest = divmod(t_ns, NS_PER_S)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
