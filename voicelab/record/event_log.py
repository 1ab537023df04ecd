"""Writes events.jsonl, one line at a time, in the order in which things happen."""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO

import msgspec

_HASH_DIGITS = 16


def audio_digest(payload: bytes) -> str:
    """Return what stands in a log for audio: the start of its SHA-256."""
    return hashlib.sha256(payload).hexdigest()[:_HASH_DIGITS]


class EventLog:
    """Appends lines to a binary file.

    Instants are given on the loop's clock and written relative to the origin, the
    first sample of the caller's recording. Until the origin is known, lines wait.

    Args:
        sink: where the lines go.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._encode = msgspec.json.Encoder().encode
        self._origin_ns: int | None = None
        self._waiting: list[tuple[int, str, str, str | None, bytes]] = []
        self.lines = 0

    def set_origin(self, origin_ns: int) -> None:
        """Say where zero lies, and write what waited for it."""
        self._origin_ns = origin_ns
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            self._write(origin_ns, *entry)

    def add(
        self,
        t_ns: int,
        lane: str,
        kind: str,
        item_id: str | None,
        data: dict[str, Any],
    ) -> None:
        """Log what happened at `t_ns`."""
        self.add_encoded(t_ns, lane, kind, item_id, self._encode(data))

    def add_encoded(
        self, t_ns: int, lane: str, kind: str, item_id: str | None, data: bytes
    ) -> None:
        """Log it, with `data` already as JSON."""
        if self._origin_ns is None:
            self._waiting.append((t_ns, lane, kind, item_id, data))
        else:
            self._write(self._origin_ns, t_ns, lane, kind, item_id, data)

    def _write(
        self,
        origin_ns: int,
        t_ns: int,
        lane: str,
        kind: str,
        item_id: str | None,
        data: bytes,
    ) -> None:
        # by hand: this runs a hundred times for each second of conversation, and
        # none of these strings needs escaping
        quoted = "null" if item_id is None else f'"{item_id}"'
        self._sink.write(
            b'{"seq":%d,"t_ns":%d,"lane":"%b","type":"%b","item_id":%b,"data":%b}\n'
            % (
                self.lines,
                t_ns - origin_ns,
                lane.encode(),
                kind.encode(),
                quoted.encode(),
                data,
            )
        )
        self.lines += 1
