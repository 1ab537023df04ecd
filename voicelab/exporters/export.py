"""A run in the format of another program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from voicelab.document import close_names, one_of
from voicelab.errors import InputError
from voicelab.exporters.audacity import audacity
from voicelab.exporters.files import Writer, write_all
from voicelab.exporters.lhotse import lhotse
from voicelab.exporters.perfetto import perfetto
from voicelab.exporters.rttm import rttm
from voicelab.exporters.textgrid import textgrid
from voicelab.result import Run

FORMATS: Mapping[str, Callable[[Run, Path], dict[str, Writer]]] = {
    "audacity": lambda run, _: audacity(run),
    "textgrid": lambda run, _: textgrid(run),
    "rttm": lambda run, _: rttm(run),
    "perfetto": lambda run, _: perfetto(run),
    "lhotse": lhotse,
}
"""What makes the files of each format, for a folder."""


def check_format(name: str) -> None:
    """Raise `InputError` if there is no such format."""
    if name not in FORMATS:
        near = close_names(name, FORMATS)
        raise InputError(
            f"there is no format {name!r}",
            path="to",
            fix=f"give {one_of(FORMATS)}" + (f"; {near}" if near else ""),
        )


def export(run: Run, to: str, out: Path) -> list[Path]:
    """Write a run in a format; return the files.

    Args:
        run: the run.
        to: the format, a key of `FORMATS`.
        out: the folder that the files go into; it is made.

    Raises:
        InputError: there is no such format, the run holds nothing that it could hold,
            the run is damaged, or the folder cannot be written to; nothing is left
            half written.
    """
    check_format(to)
    files = FORMATS[to](run, out)
    if not files:
        raise InputError(
            f"run {run.run_id} holds nothing that {to} could show: nobody spoke"
        )
    return write_all(out, files)
