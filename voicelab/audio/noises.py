"""Background noises: those that come with voicelab, by name, or any recording."""

from __future__ import annotations

from pathlib import Path

from voicelab.errors import AudioError
from voicelab.paths import data_dir

_SUFFIXES = frozenset({".flac", ".wav"})


def noise_names() -> list[str]:
    """Return the names of the bundled noises, sorted.

    Raises:
        InputError: the bundled data is missing.
    """
    return sorted(file.stem for file in _folder().glob("*.flac"))


def is_noise_path(name_or_path: str) -> bool:
    """Tell whether the text is meant as a path rather than as a bundled name.

    A path has a folder in it or ends in `.wav` or `.flac`.
    """
    path = Path(name_or_path)
    return name_or_path != path.name or path.suffix.lower() in _SUFFIXES


def find_noise(name_or_path: str, *, base: Path | None = None) -> Path:
    """Return the file of a noise.

    Args:
        name_or_path: the name of a bundled noise, or a path.
        base: the folder that a relative path is relative to.

    Raises:
        AudioError: there is no such noise; the error lists those there are.
        InputError: the bundled data is missing.
    """
    if is_noise_path(name_or_path):
        file = (base or Path()) / name_or_path
        if not file.is_file():
            problem = "is a folder" if file.is_dir() else "does not exist"
            raise AudioError(
                f"the file {file} {problem}", fix="paths are relative to the scenario"
            )
        return file
    file = _folder() / f"{name_or_path}.flac"
    if not file.is_file():
        raise AudioError(
            f"there is no noise named {name_or_path!r}",
            fix=f"use one of {', '.join(noise_names())}, or the path of a recording",
        )
    return file


def _folder() -> Path:
    return data_dir() / "noise"
