"""Writes events.jsonl, one line at a time, in the order in which things happen."""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO

import msgspec

_HASH_DIGITS = 16
_BATCH_LINES = 512


def audio_digest(payload: bytes) -> str:
    """Return what stands in a log for audio: the start of its SHA-256."""
    return hashlib.sha256(payload).hexdigest()[:_HASH_DIGITS]


class EventLog:
    """Appends lines to a binary file.

    Instants are given on the loop's clock and written relative to the origin, the
    first sample of the caller's recording. Until the origin is known, lines wait.
    Lines go to the file in batches; call `flush` at the end.

    Args:
        sink: where the lines go.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._encode = msgspec.json.Encoder().encode
        self._origin_ns: int | None = None
        self._waiting: list[tuple[int, str, str, str | None, str]] = []
        self._batch: list[str] = []
        self.lines = 0

    def set_origin(self, origin_ns: int) -> None:
        """Say where zero lies, and write what waited for it."""
        self._origin_ns = origin_ns
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            self.add_encoded(*entry)

    def add(
        self,
        t_ns: int,
        lane: str,
        kind: str,
        item_id: str | None,
        data: dict[str, Any],
    ) -> None:
        """Log what happened at `t_ns`."""
        escaped = self._encode(kind).decode()[1:-1]  # a foreign server may send any
        self.add_encoded(t_ns, lane, escaped, item_id, self._encode(data).decode())

    def add_encoded(
        self, t_ns: int, lane: str, kind: str, item_id: str | None, data: str
    ) -> None:
        """Log it, with `data` already as JSON and `kind` as it stands in JSON."""
        if self._origin_ns is None:
            self._waiting.append((t_ns, lane, kind, item_id, data))
            return
        # By hand: this runs a hundred times for each second of conversation.
        # Lanes are plain names; an id may come from a foreign server.
        about = "null" if item_id is None else self._encode(item_id).decode()
        self._batch.append(
            f'{{"seq":{self.lines},"t_ns":{t_ns - self._origin_ns},"lane":"{lane}",'
            f'"type":"{kind}","item_id":{about},"data":{data}}}\n'
        )
        self.lines += 1
        if len(self._batch) >= _BATCH_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting for its batch to be full."""
        self._sink.write("".join(self._batch).encode())
        self._batch.clear()
