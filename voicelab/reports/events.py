"""A run's event log as the page's program lists it.

Microphone frames, fifty a second, are left out, as in `Run.events`. What an event
holds is shortened: the page is for reading, events.jsonl is the record.
"""

from __future__ import annotations

from typing import Any

import msgspec

from voicelab.record.log_reader import Event, Log
from voicelab.units import ns_to_ms

MAX_SHOWN = 240
"""Of what an event holds, as JSON, so many characters are shown."""

BULK = (".delta", "vad.scores")
"""Endings of types that come by the hundred; the page hides them until asked."""

PROBLEMS = ("error", ".failed", "fault", "violation")
"""Endings of types that stand out in the list."""

_NOT_TOLD = frozenset({"event_id"})


def event_list(log: Log) -> dict[str, Any]:
    """Return the events of a log, compactly.

    Returns:
        `types`, `lanes` and `items`: names that rows refer to by their place; `bulk`
        and `problems`: for each type whether it is one; `rows`: one list an event,
        `[t_ms, lane, type, item, text]`, where `item` is -1 if there is none.
    """
    types, lanes, items = _Names(), _Names(), _Names()
    rows = [
        [
            round(ns_to_ms(event.t_ns), 3),
            lanes.place(event.lane),
            types.place(event.type),
            -1 if event.item_id is None else items.place(event.item_id),
            _text(event),
        ]
        for event in log.events
    ]
    return {
        "types": types.names,
        "lanes": lanes.names,
        "items": items.names,
        "bulk": [name.endswith(BULK) for name in types.names],
        "problems": [name.endswith(PROBLEMS) for name in types.names],
        "rows": rows,
    }


class _Names:
    """Names, each kept once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        return list(self._places)

    def place(self, name: str) -> int:
        return self._places.setdefault(name, len(self._places))


def _text(event: Event) -> str:
    told = {key: value for key, value in event.data.items() if key not in _NOT_TOLD}
    text = msgspec.json.encode(told).decode() if told else ""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
