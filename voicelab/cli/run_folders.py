"""The run folders that a path on a command line stands for."""

from __future__ import annotations

from pathlib import Path

from voicelab.errors import RunFormatError
from voicelab.paths import run_folders

__all__ = ["run_folder", "run_folders"]


def run_folder(path: Path) -> Path:
    """Return the run folder at a path, or the only one in it.

    Raises:
        RunFormatError: there are several.
    """
    found = run_folders(path)
    if len(found) > 1:
        raise RunFormatError(
            f"holds {len(found)} runs", file=path, fix="give the folder of one of them"
        )
    return found[0]
