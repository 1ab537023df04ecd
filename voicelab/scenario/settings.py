"""Changing a scenario's mapping by settings such as `--set a.b=c`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from msgspec import inspect

from voicelab.document import (
    Document,
    FieldPath,
    close_names,
    document_of,
    dotted,
    parse_document,
    setting_in_words,
)
from voicelab.document.shapes import child, is_open, keys, type_shape
from voicelab.errors import ScenarioError
from voicelab.scenario.model import ScenarioFile

_KEY = r"[^.\[\]=\s]+(?:\[\d+\])*"
_PATH = re.compile(rf"{_KEY}(?:\.{_KEY})*")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def apply_settings(
    mapping: Mapping[str, Any], settings: Iterable[str]
) -> dict[str, Any]:
    """Return a scenario's mapping with settings applied; the given one is kept.

    A setting is `path=value`. The path names a key as errors do, such as
    `session.audio.input.turn_detection.threshold` or `agent.replies[0].text`;
    mappings on the way that are missing are made. The value is YAML and replaces
    what stood there whole: `null`, `0.6`, `{type: semantic_vad}`.

    Raises:
        ScenarioError: a setting is not `path=value`, its path leads to no key of
            a scenario, or its value is not YAML.
    """
    data = document_of(mapping, ScenarioError).data
    for setting in settings:
        path, value = parse_setting(setting)
        _put(data, path, value, setting)
    return dict(data)


def with_settings(document: Document, settings: Iterable[str]) -> Document:
    """Return the document with settings applied; what they set has no line.

    Raises:
        ScenarioError: see `apply_settings`.
    """
    changes = list(settings)
    if not changes or not isinstance(document.data, dict):
        return document
    lines = dict(document.lines)
    for change in changes:
        path, _ = parse_setting(change)
        lines = {at: line for at, line in lines.items() if at[: len(path)] != path}
        lines[path] = 0
    return replace(document, data=apply_settings(document.data, changes), lines=lines)


def parse_setting(setting: str) -> tuple[FieldPath, Any]:
    """Return the path and the value of a setting such as `client.frame_ms=40`.

    Raises:
        ScenarioError: it is not `path=value`, or the value is not YAML.
    """
    name, equals, text = setting.partition("=")
    name = name.strip()
    if not equals or not _PATH.fullmatch(name):
        raise ScenarioError(
            f"the setting {setting_in_words(setting)!r} is not path=value",
            fix="write it like client.frame_ms=40",
        )
    path = tuple(int(i) if i else key for i, key in _STEP.findall(name))
    try:
        value = parse_document(text, ScenarioError).data if text.strip() else None
    except ScenarioError as fault:
        raise ScenarioError(
            f"in the setting {setting_in_words(setting)!r}, {fault.problem}",
            path=dotted(path),
            fix=fault.fix or "put the value in quotes",
        ) from None
    return path, value


def _put(data: Any, path: FieldPath, value: Any, setting: str) -> None:
    shape = type_shape(ScenarioFile)
    for depth, step in enumerate(path):
        shape = _step(shape, data, path[: depth + 1], setting)
        if depth == len(path) - 1:
            data[step] = value
        else:
            if isinstance(step, str) and data.get(step) is None:
                data[step] = {}
            data = data[step]


def _step(
    shape: inspect.Type, data: Any, path: FieldPath, setting: str
) -> inspect.Type:
    """Return the type one step in, having made sure that the data allows it."""
    step, holder = path[-1], dotted(path[:-1]) or "a scenario"
    if isinstance(step, int):
        if not isinstance(data, list) or step >= len(data):
            there = len(data) if isinstance(data, list) else "no"
            raise _wrong(setting, path, f"{holder} has {there} values", "count from 0")
    elif not isinstance(data, dict):
        raise _wrong(setting, path, f"{holder} has no keys", None)
    found = child(shape, data, step)
    if found is None:
        known = [] if is_open(shape) else list(keys(shape, data))
        fix = close_names(step, known)
        if known and not fix:
            fix = f"known: {', '.join(known)}"
        raise _wrong(setting, path, f"there is no such key in {holder}", fix)
    return found


def _wrong(
    setting: str, path: FieldPath, problem: str, fix: str | None
) -> ScenarioError:
    return ScenarioError(
        f"in the setting {setting_in_words(setting)!r}, {problem}",
        path=dotted(path),
        fix=fix,
    )
