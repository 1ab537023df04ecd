"""Documents that come with voicelab under a name, or that a user has at a path."""

from __future__ import annotations

from pathlib import Path

from voicelab.document.shapes import close_names
from voicelab.errors import InputError
from voicelab.paths import is_path


def names_in(folder: Path) -> list[str]:
    """Return the names of the documents in a folder of bundled ones, sorted."""
    return sorted(file.stem for file in folder.glob("*.yaml"))


def find_document(
    name_or_path: str,
    folder: Path,
    *,
    base: Path | None,
    none: str,
    error: type[InputError],
) -> Path:
    """Return the file of a document.

    Args:
        name_or_path: a bundled name, or a path (it has a folder or a suffix).
        folder: the folder of the bundled ones.
        base: the folder that a relative path is relative to.
        none: how to say that there is none, such as `there is no profile`.
        error: what to raise then.

    Raises:
        InputError: as `error`: there is none of that name, or no such file.
    """
    if is_path(name_or_path):
        file = (base or Path()) / name_or_path
        if not file.is_file():
            problem = "this is a folder" if file.is_dir() else "there is no such file"
            raise error(problem, file=file)
        return file
    file = folder / f"{name_or_path}.yaml"
    if not file.is_file():
        known = names_in(folder)
        listed = f"known: {', '.join(known) or 'none'}"
        if Path(name_or_path).suffix:
            listed += f"; a file is named with its folder: ./{name_or_path}"
        fix = close_names(name_or_path, known) or listed
        raise error(f"{none} named {name_or_path!r}", fix=fix)
    return file
