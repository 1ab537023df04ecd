"""Model files inside installed packages, known by their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from voicelab.errors import MissingPartError

SPEECH_FIX = "pip install 'voicelab-realtime[speech]'"
"""What adds everything that is optional here."""


def package_folder(package: str, part: str) -> Path:
    """Return the folder of an installed package, without importing it.

    Args:
        package: the name that it is imported by.
        part: what it is needed for, such as `the recogniser moonshine`.

    Raises:
        MissingPartError: it is not installed.
    """
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        return Path(folder)
    raise MissingPartError(
        f"{part} needs the package {package}, which is not installed", fix=SPEECH_FIX
    )


def check_files(folder: Path, sha256: Mapping[str, str], part: str) -> None:
    """Check that a model's files are those that are known to work.

    Args:
        folder: where they are.
        sha256: the hash of each file, hexadecimal.
        part: what the model is, such as `the recogniser moonshine`.

    Raises:
        MissingPartError: a file is missing, or another one.
    """
    for name, wanted in sha256.items():
        file = folder / name
        try:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as fault:
            raise MissingPartError(
                f"a file of {part} cannot be read ({fault.strerror})",
                file=file,
                fix=_again(),
            ) from fault
        if found != wanted:
            raise MissingPartError(
                f"is damaged, or not the model that {part} needs (sha256 "
                f"{found[:16]}..., wanted {wanted[:16]}...)",
                file=file,
                fix=_again(),
            )


def _again() -> str:
    return SPEECH_FIX.replace("install", "install --force-reinstall", 1)
