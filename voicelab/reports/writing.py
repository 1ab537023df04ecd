"""Writes the report: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from voicelab.budgets.reading import Source, each_run
from voicelab.errors import InputError
from voicelab.record.whole_file import write_whole
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
    _check_target(target)
    found = list({run.run_id: run for run in each_run(runs)}.values())
    if not found:
        raise InputError("there is no run to report on", fix="name a run folder")
    _write(target, page(found, sound=kind))
    return target


def _check_target(target: Path) -> None:
    """Say at once what would be found out only after all the work."""
    if target.is_dir():
        raise InputError("this is a folder", file=target, fix="name a file in it")
    if not target.parent.is_dir():
        raise InputError(
            "there is no such folder",
            file=target.parent,
            fix="make it, or name another file",
        )


def _write(target: Path, text: str) -> None:
    try:
        write_whole(target, lambda file: file.write_text(text, "utf-8", newline="\n"))
    except OSError as error:
        raise InputError(
            f"the report cannot be written ({error.strerror})",
            file=target,
            fix="name another file",
        ) from error
