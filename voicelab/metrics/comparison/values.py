"""What differs between two runs besides time.

Compared are the values that say what happened: positions that were reported or
claimed, words, outcomes, settings. Positions in appended audio differ as soon as
the caller spoke at another instant; they are told with their difference, for the
reader to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from voicelab.metrics.comparison.alignment import Alignment
from voicelab.metrics.comparison.moments import (
    AUDIO_DELTA,
    SCORES,
    Moment,
    Parts,
    StreamKey,
)
from voicelab.metrics.comparison.naming import Names
from voicelab.units import ns_to_ms, samples_to_ms

_UPDATED = "session.updated"
_VOLATILE = frozenset({"id", "object", "expires_at"})
"""Fields of a session object that no two sessions share."""

_FIELDS: dict[str, tuple[str, ...]] = {
    "input_audio_buffer.speech_started": ("audio_start_ms",),
    "input_audio_buffer.speech_stopped": ("audio_end_ms",),
    "input_audio_buffer.timeout_triggered": ("audio_start_ms", "audio_end_ms"),
    "conversation.item.truncate": ("audio_end_ms",),
    "conversation.item.truncated": ("audio_end_ms",),
    "conversation.item.done": ("item.status",),
    "conversation.item.input_audio_transcription.completed": ("transcript",),
    "response.output_audio_transcript.done": ("transcript",),
    "response.output_text.done": ("text",),
    "response.function_call_arguments.done": ("name", "arguments"),
    "response.done": (
        "response.status",
        "response.status_details.type",
        "response.status_details.reason",
    ),
    "error": ("error.code", "error.message"),
    "turn.start": ("kind", "text", "relation_kept", "patience"),
    "turn.onset": ("onset_ms",),
    "turn.endpoint": ("last_voiced_ms", "audio_end_ms"),
}
"""The fields that are compared, by type; a wire event's on the client's lane only,
for the server's lane says the same."""

_WRAPPERS = {
    "conversation.item.done": "item.",
    "response.done": "response.",
    "error": "error.",
}
"""What every path of such an event begins with, and no reader needs."""

_POSITIONS = ("received", "played", "heard")


class ValueDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is not the same in both runs.

    Attributes:
        lane: where it was observed.
        type: the event that holds it.
        subject: what that is about.
        field: the value's path in it.
        a: the value in the first run, as text.
        b: in the second; None where there is none.
        difference: b less a, if both are numbers.
    """

    lane: str
    type: str
    subject: str
    field: str
    a: str | None
    b: str | None
    difference: float | None


def value_differences(
    a: Parts, b: Parts, alignment: Alignment
) -> list[ValueDifference]:
    """Return the values that differ, in the order of the first run."""
    rows = []
    for one, other in alignment.matched.values():
        values_a = dict(_values(one, a.names))
        values_b = dict(_values(other, b.names))
        for field in dict.fromkeys([*values_a, *values_b]):
            value_a, value_b = values_a.get(field), values_b.get(field)
            if value_a != value_b:
                event = one.event
                told = (event.lane, event.type, one.subject)
                rows.append(_row(told, field, value_a, value_b))
    return rows + list(_lengths(a, b))


def _row(told: StreamKey, field: str, a: Any, b: Any) -> ValueDifference:
    lane, kind, subject = told
    return ValueDifference(
        lane=lane,
        type=kind,
        subject=subject,
        field=field,
        a=_text(a),
        b=_text(b),
        difference=b - a if _is_number(a) and _is_number(b) else None,
    )


def _values(moment: Moment, names: Names) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a moment that are compared."""
    event = moment.event
    wire = event.type.startswith(("input_audio_buffer.", "conversation.", "response."))
    if event.lane == "server" and (wire or event.type in (_UPDATED, "error")):
        return
    data = event.data
    if event.type == _UPDATED:
        yield from _flat(data.get("session"), "")
    elif event.type == "interruption":
        yield from _interruption(data, names)
    elif event.type == "heard.stop":
        yield "reason", data.get("reason")
    for path in _FIELDS.get(event.type, ()):
        yield path.removeprefix(_WRAPPERS.get(event.type, "")), _at(data, path)


def _interruption(data: dict[str, Any], names: Names) -> Iterator[tuple[str, Any]]:
    """Yield what was heard of an item, what was claimed, and who stopped it."""
    yield "policy", data.get("policy")
    yield "trigger", names.of_id(data.get("trigger"))
    rate_hz = data.get("rate_hz")
    for place in _POSITIONS:
        samples = data.get(f"{place}_samples")
        if isinstance(samples, int) and rate_hz:
            yield f"{place}_ms", samples_to_ms(samples, rate_hz)
    yield "audio_end_ms", data.get("audio_end_ms")


def _lengths(a: Parts, b: Parts) -> Iterator[ValueDifference]:
    """Yield the streams that are longer in one run, as the client saw them."""
    for key in dict.fromkeys([*a.streams, *b.streams]):
        lane, kind, _ = key
        if lane == "server" or kind == SCORES:
            continue
        lengths = [
            parts.streams[key].length if key in parts.streams else 0 for parts in (a, b)
        ]
        if lengths[0] == lengths[1]:
            continue
        if kind == AUDIO_DELTA:
            yield _row(key, "length_ms", *map(ns_to_ms, lengths))
        else:
            yield _row(key, "length", *lengths)


def _at(data: Any, path: str) -> Any:
    """Return the value at a dotted path; None where the path leads nowhere."""
    for key in path.split("."):
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the settings of a session object by their dotted paths."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, inner in value.items():
        if key not in _VOLATILE:
            yield from _flat(inner, f"{path}.{key}" if path else key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return (
        f"{value:.15g}"
        if isinstance(value, float)
        else msgspec.json.encode(value).decode()
    )
