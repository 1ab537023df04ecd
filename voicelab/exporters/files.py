"""Files that appear under their names only when they are whole."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from voicelab.errors import InputError
from voicelab.result import Run

Writer: TypeAlias = Callable[[Path], object]
"""Writes one file, under a temporary name."""

_LONGEST_BYTES = 150
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def stem(run: Run) -> str:
    """Return what the files of a run are called: its name, if that can be, and id."""
    name = _NO_NAME.sub("_", run.name).strip(". ")
    short = name.encode()[:_LONGEST_BYTES].decode("utf-8", "ignore")
    return f"{short}-{_NO_NAME.sub('_', run.run_id)}".lstrip("-")


def text(content: str) -> Writer:
    """Return what writes a text as UTF-8, its line ends as they are."""
    return lambda file: file.write_text(content, "utf-8", newline="\n")


def write_all(out: Path, files: Mapping[str, Writer]) -> list[Path]:
    """Write files into a folder, which is made; those of the same name give way.

    Args:
        out: the folder.
        files: what writes each, by its name.

    Returns:
        The files, in that order.

    Raises:
        InputError: the folder cannot be written to; nothing is left of this.
    """
    was_there = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".export-", dir=out))
        try:
            for name, write in files.items():
                write(partial / name)
            return [(partial / name).replace(out / name) for name in files]
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        if not was_there:
            with suppress(OSError):
                out.rmdir()
        raise InputError(
            f"nothing can be exported to here ({error.strerror or error})",
            file=out,
            fix="give another folder with --out",
        ) from error
