"""Faults as they are written on a command line: `late:rate=0.1,delay_ms=300`."""

from __future__ import annotations

import re
from typing import Any, cast

from msgspec import inspect

from voicelab.document import Document, dotted, fit, parse_document
from voicelab.document.shapes import keys, options, type_shape
from voicelab.errors import FaultError
from voicelab.faults.model import Fault
from voicelab.faults.rules import check_fault
from voicelab.protocol.items import tags

FAULT_KINDS = tags(Fault)
"""The kinds of faults, in the order of their description."""

_NEXT_KEY = re.compile(r",(?=\s*\w+\s*=)")
_KEY = re.compile(r"\s*(\w+)\s*=(.*)", re.DOTALL)
_FAULT = cast("type[Fault]", Fault)


def parse_fault(text: str) -> Fault:
    """Return the fault that `text` describes: `KIND` or `KIND:key=value,...`.

    A value is YAML, as in a scenario file; a list may do without its brackets, as
    in `drop:at=2,5`.

    Raises:
        FaultError: there is no such fault, or it cannot be so; the error names the
            key, what is wrong and what would be right.
    """
    kind, _, rest = text.partition(":")
    try:
        data: dict[str, Any] = {"kind": kind.strip()}
        for pair in _NEXT_KEY.split(rest) if rest.strip() else ():
            key, value = _parsed(pair, data["kind"])
            data[key] = value
        document = Document(data, FaultError)
        fault = fit(document, _FAULT)
        check_fault(document, (), fault)
    except FaultError as wrong:
        raise FaultError(
            f"in the fault {text!r}, {wrong.problem}", path=wrong.path, fix=wrong.fix
        ) from None
    return fault


def _parsed(pair: str, kind: str) -> tuple[str, Any]:
    found = _KEY.fullmatch(pair)
    if found is None:
        raise FaultError(
            f"{pair.strip()!r} is not key=value",
            fix="write it like late:rate=0.1,delay_ms=300",
        )
    key, text = found[1], found[2].strip()
    if key == "kind":
        raise FaultError("the kind is given twice", path=key, fix="leave kind= out")
    if _is_list(kind, key) and not text.startswith("["):
        text = f"[{text}]"
    if not text:
        return key, None
    try:
        return key, parse_document(text, FaultError).data
    except FaultError as wrong:
        raise FaultError(
            wrong.problem, path=dotted((key,)), fix="put the value in quotes"
        ) from None


def _is_list(kind: str, key: str) -> bool:
    wanted = keys(type_shape(_FAULT), {"kind": kind}).get(key)
    return wanted is not None and any(
        isinstance(option, inspect.VarTupleType) for option in options(wanted)
    )
