"""Documents brought into msgspec types, and misfits told in plain words.

msgspec finds the first misfit and its path. What it says about it is meant for
programmers, so the sentence is built anew from the type and the data at that
path: what stands there, what may stand there, which known name is close.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from voicelab.document.model import Document, FieldPath, dotted
from voicelab.document.secrets import NOT_SHOWN, may_be_key
from voicelab.document.shapes import (
    choices,
    close_names,
    describe,
    keys,
    locate,
    type_shape,
    value_at,
    why_hidden,
)
from voicelab.errors import InputError

Hook = Callable[[type, Any], Any]

_T = TypeVar("_T")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"field `(.*)`")
_OUT_OF_BOUNDS = re.compile(r"Expected `\w+` (?:[<>]=?|of length|matching)")
_LONGEST_SHOWN = 60


def fit(document: Document, shape: type[_T], *, hook: Hook | None = None) -> _T:
    """Return the document's data as a value of `shape`, a msgspec struct.

    `hook` builds the types that msgspec does not know, as in `msgspec.convert`.

    Raises:
        InputError: as `document.error`, for the first thing that does not fit.
    """
    try:
        return msgspec.convert(document.data, shape, dec_hook=hook)
    except msgspec.ValidationError as fault:
        message, path = _split(fault)
    path = _with_keys(document.data, path, shape, hook)
    raise _misfit(document, type_shape(shape), message, path)


def paths_from(base: Path) -> Hook:
    """Return the hook for types with paths in them, relative to `base`."""

    def hook(kind: type, value: Any) -> Any:
        if kind is Path and isinstance(value, str) and value:
            return base / value
        raise ValueError("Expected a path")

    return hook


def _split(fault: msgspec.ValidationError) -> tuple[str, FieldPath]:
    message, _, where = str(fault).rpartition(" - at `$")
    if not message:
        return str(fault), ()
    steps = _STEP.findall(where.removesuffix("`"))
    return message, tuple(key or (int(i) if i != "..." else i) for key, i in steps)


def _with_keys(
    data: Any, path: FieldPath, shape: type[Any], hook: Hook | None
) -> FieldPath:
    """Put keys in the place of `...`, which is all msgspec says of a mapping's key.

    The key is the first one whose value alone keeps the document from fitting.
    """
    while "..." in path:
        at = path.index("...")
        found = next(
            key
            for key in value_at(data, path[:at])
            if not _fits(_only(data, path[:at], key), shape, hook, path)
        )
        path = (*path[:at], found, *path[at + 1 :])
    return path


def _fits(data: Any, shape: type[Any], hook: Hook | None, path: FieldPath) -> bool:
    try:
        msgspec.convert(data, shape, dec_hook=hook)
    except msgspec.ValidationError as fault:
        return _split(fault)[1] != path
    return True


def _only(data: Any, path: FieldPath, key: str) -> Any:
    """Return the data with the mapping at `path` reduced to one key."""
    if not path:
        return {key: data[key]}
    copy = data.copy()
    copy[path[0]] = _only(data[path[0]], path[1:], key)
    return copy


def _misfit(
    document: Document, root: inspect.Type, message: str, path: FieldPath
) -> InputError:
    holder = locate(root, document.data, path)
    value = value_at(document.data, path)
    if message.startswith("Object contains unknown field"):
        return _unknown_key(document, holder, value, path, _named(message))
    if message.startswith("Object missing required field"):
        return _missing_key(document, holder, value, path, _named(message))
    return _wrong_value(document, holder, value, path, message)


def _named(message: str) -> str:
    found = _NAMED.search(message)
    assert found, message
    return found[1]


def _unknown_key(
    document: Document,
    holder: inspect.Type | None,
    value: Any,
    path: FieldPath,
    key: str,
) -> InputError:
    known = list(keys(holder, value)) if holder else []
    fix = close_names(key, known) or f"known here: {', '.join(known)}"
    place = dotted(path) or "the top level"
    return document.fault((*path, key), f"there is no such key in {place}", fix)


def _missing_key(
    document: Document,
    holder: inspect.Type | None,
    value: Any,
    path: FieldPath,
    key: str,
) -> InputError:
    wanted = keys(holder, value).get(key) if holder else None
    fix = f"add {key}: " + (describe(wanted) if wanted else "...")
    return document.fault(path, f"the key {key} is missing", fix)


def _wrong_value(
    document: Document,
    wanted: inspect.Type | None,
    value: Any,
    path: FieldPath,
    message: str,
) -> InputError:
    if wanted is None:
        return document.fault(path, message)
    known = choices(wanted) if isinstance(value, str) else []
    near = close_names(value, known)
    fix = f"give {describe(wanted)}" + (f"; {near}" if near else "")
    hidden = why_hidden(wanted)
    if hidden is not None and value not in (None, ""):
        problem = f"the value given is not allowed ({hidden})"
    else:
        problem = _problem(value, message, known)
    return document.fault(path, problem, fix)


def _problem(value: Any, message: str, known: list[object]) -> str:
    if isinstance(value, str) and known:
        return f"{_shown(value)} is not known"
    if value == "":
        return "it is empty"
    if not _OUT_OF_BOUNDS.match(message):
        return f"{_shown(value)} is {_kind(value)}"
    if isinstance(value, int | float):
        return f"{_shown(value)} is out of range"
    return f"{_shown(value)} is not allowed"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    kinds = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        int: "a whole number",
        float: "a number with a fraction",
    }
    return kinds.get(type(value), "empty")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "this"
    if isinstance(value, str) and may_be_key(value):
        return f"the value given ({NOT_SHOWN})"
    text = "null" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
