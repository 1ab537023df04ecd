"""The run folders that a path on a command line stands for."""

from __future__ import annotations

from pathlib import Path

from voicelab.errors import RunFormatError

_MANIFEST = "manifest.json"


def run_folders(path: Path) -> list[Path]:
    """Return the run folder at a path, or all run folders in it, sorted by name.

    A path that holds no run is returned as it is: whoever opens it says why not.
    """
    if (path / _MANIFEST).exists():
        return [path]
    return sorted(found.parent for found in path.glob(f"*/{_MANIFEST}")) or [path]


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
