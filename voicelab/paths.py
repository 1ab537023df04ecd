"""Where the data that come with voicelab lie, and where runs do."""

from __future__ import annotations

from pathlib import Path

from voicelab.errors import InputError

_PACKAGE = Path(__file__).parent
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_MANIFEST = "manifest.json"


def data_dir() -> Path:
    """Return the folder of the bundled data.

    It holds `conversations`, `scenarios` and `profiles`. An installed package
    carries it inside itself; a checkout has it at the root of the repository.

    Raises:
        InputError: neither is there.
    """
    installed = _PACKAGE / "_data"
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent / "data"
    # The project file tells our `data` from one that lies beside us by chance.
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    raise InputError(
        "the bundled data is missing",
        file=installed,
        fix="install voicelab-realtime from its wheel, or work in a whole checkout",
    )


def is_path(name_or_path: str) -> bool:
    """Tell whether the text is meant as a path rather than as a bundled name.

    A path has a folder in it or ends in `.yaml`, `.yml` or `.json`.
    """
    path = Path(name_or_path)
    return name_or_path != path.name or path.suffix.lower() in _SUFFIXES


def run_folders(path: Path) -> list[Path]:
    """Return the run folder at a path, or all run folders in it, sorted by name.

    Hidden folders are none: what was killed while it wrote leaves one. A path that
    holds no run is returned as it is: whoever opens it says why not.
    """
    if (path / _MANIFEST).exists():
        return [path]
    found = (manifest.parent for manifest in path.glob(f"*/{_MANIFEST}"))
    return sorted(run for run in found if not run.name.startswith(".")) or [path]
