"""Writes the report: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from voicelab.budgets.reading import Source, each_run
from voicelab.errors import InputError
from voicelab.record.whole_file import check_target, write_output
from voicelab.reports.page import page
from voicelab.reports.sound import check_sound


def report(
    runs: Source | Iterable[Source], out: Path | str, *, sound: str = "mp3"
) -> Path:
    """Write one HTML file that shows runs: figures, tables, sound, events.

    The file needs nothing beside it and fetches nothing. The same runs give the same
    bytes.

    Args:
        runs: a run, a run folder, a folder of run folders, or several of these. Each
            run is shown once, in the order given; those of a folder by name and seed.
        out: the file.
        sound: how recordings are kept in it: `mp3` (0.8 MB a minute), `flac` (exact,
            two or three times as large), or `none`.

    Returns:
        The file.

    Raises:
        RunFormatError: a path holds no run, or a run is damaged.
        InputError: there is no run, no such kind of sound, or the file cannot be
            written; then a file that was there is left as it was.
    """
    kind = check_sound(sound)
    target = Path(out)
    check_target(target)
    found = list({run.run_id: run for run in each_run(runs)}.values())
    if not found:
        raise InputError("there is no run to report on", fix="name a run folder")
    write_output(target, page(found, sound=kind), what="report")
    return target
