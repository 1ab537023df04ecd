"""Audacity label tracks: one text file a lane; ELAN reads them too.

A line is `start⇥end⇥text`, in seconds; a point has equal times (Audacity manual,
"Importing and Exporting Labels").
"""

from __future__ import annotations

from collections.abc import Iterable

from voicelab.exporters.files import Writer, stem, text
from voicelab.exporters.lanes import Mark, run_lanes
from voicelab.result import Run
from voicelab.units import ns_to_s


def audacity(run: Run) -> dict[str, Writer]:
    """Return a label file for each lane that has marks.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    return {
        f"{stem(run)}.{lane.name.replace(' ', '-')}.txt": text(labels(lane.marks))
        for lane in run_lanes(run)
        if lane.marks
    }


def labels(marks: Iterable[Mark]) -> str:
    """Return marks as the lines of a label file; those at one instant each have one."""
    return "".join(
        f"{ns_to_s(mark.start_ns):.6f}\t{ns_to_s(mark.end_ns):.6f}\t{mark.text}\n"
        for mark in marks
    )
