"""A file that is there whole, or as it was before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from voicelab.errors import InputError


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name beside its own, and put it in place when whole.

    Args:
        target: the file; one that is there is replaced. A link stays one, and a
            device or a pipe is written to: only a file can be replaced.
        write: writes what it is to hold to the path that it is given, which has the
            same name in another folder.

    Raises:
        OSError: it cannot be written; then what was there is left as it was.
    """
    if target.exists() and not (target.is_file() or target.is_dir()):
        write(target)
        return
    file = target.resolve()
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=file.parent) as folder:
        partial = Path(folder) / target.name
        write(partial)
        partial.replace(file)


def check_target(target: Path) -> None:
    """Say at once what would be found out only after all the work.

    Raises:
        InputError: the file cannot be written: it is a folder, or there is none for it.
    """
    if target.is_dir():
        raise InputError("this is a folder", file=target, fix="name a file in it")
    if not target.parent.is_dir():
        raise InputError(
            "there is no such folder",
            file=target.parent,
            fix="make it, or name another file",
        )


def write_output(target: Path, pieces: Iterable[str], *, what: str) -> None:
    """Write a text that the user asked for as UTF-8, whole or not at all.

    Args:
        target: the file; one that is there is replaced.
        pieces: what it is to hold, one after the other, their line ends as they are.
        what: what the text is, for the error.

    Raises:
        InputError: it cannot be written; then what was there is left as it was.
    """

    def write(file: Path) -> None:
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(pieces)

    try:
        write_whole(target, write)
    except OSError as error:
        raise InputError(
            f"the {what} cannot be written ({error.strerror or error})",
            file=target,
            fix="name another file",
        ) from error
