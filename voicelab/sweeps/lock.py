"""A folder that one process works in at a time.

The lock is the operating system's: it goes when the process does, however that ends.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from voicelab.errors import SweepError

LOCK = ".lock"

if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """Holds a folder for this process, from construction until `close`.

    Args:
        folder: the folder; it exists.

    Raises:
        SweepError: another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = (folder / LOCK).open("ab")
        try:
            _take(self._file)
        except OSError as error:
            self._file.close()
            raise SweepError(
                "another process runs a sweep in this folder",
                file=folder,
                fix="let it finish, or give another folder",
            ) from error

    def close(self) -> None:
        """Let others have the folder."""
        self._file.close()
