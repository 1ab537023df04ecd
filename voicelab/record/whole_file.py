"""A file that is there whole, or as it was before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name beside its own, and put it in place when whole.

    Args:
        target: the file; one that is there is replaced.
        write: writes what it is to hold to the path that it is given, which has the
            same name in another folder.

    Raises:
        OSError: it cannot be written; then what was there is left as it was.
    """
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=target.parent) as folder:
        partial = Path(folder) / target.name
        write(partial)
        partial.replace(target)
