"""Data built in Python, brought to what a file can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voicelab.document.model import Document, FieldPath
from voicelab.errors import InputError

LARGEST_INT = 2**63 - 1
"""The largest whole number that a document holds: what any reader can keep."""


def document_of(
    data: Any, error: type[InputError], *, file: Path | None = None
) -> Document:
    """Return a document of data that was built in Python.

    Tuples become lists and paths become text; numbers that `int` or `float`
    understands (NumPy's too) become those. The data is copied, never kept.

    Raises:
        InputError: as `error`, for a value that no file could hold.
    """
    blank = Document(None, error, file)
    return Document(_plain(data, (), blank), error, file)


def number_problem(value: Any) -> str | None:
    """Return what is wrong with a number, or None where nothing is."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is not a finite number"
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        return "this whole number does not fit in 64 bits"
    return None


def _plain(value: Any, path: FieldPath, blank: Document) -> Any:
    if isinstance(value, Mapping):
        return {
            _plain_key(key, path, blank): _plain(item, (*path, str(key)), blank)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, index), blank) for index, item in enumerate(value)]
    number = _plain_scalar(value, path, blank)
    if problem := number_problem(number):
        raise blank.fault(path, problem)
    return number


def _plain_key(key: Any, path: FieldPath, blank: Document) -> str:
    if not isinstance(key, str):
        raise blank.fault(path, f"{key!r} is a key but not text", "use text")
    return str(key)


def _plain_scalar(value: Any, path: FieldPath, blank: Document) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if getattr(value, "shape", None) == ():  # a NumPy scalar
        return _plain_scalar(value.item(), path, blank)
    kind = type(value).__name__
    raise blank.fault(path, f"a {kind} cannot stand in a file", "use plain data")
