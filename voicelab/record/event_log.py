"""Writes events.jsonl, in the order in which things happened.

On the wall clock some things are told late: that audio left the player, say, is known
when its timer fires. So the last second of the log waits, and is put in order.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import Any, BinaryIO

import msgspec

from voicelab.record.log_reader import APPEND
from voicelab.units import NS_PER_S

_HASH_DIGITS = 16
_INSTANT = itemgetter(0)
_BATCH_LINES = 512
_SETTLED_NS = NS_PER_S
"""What is older than this, counted from the newest line, is written."""


def audio_digest(payload: bytes) -> str:
    """Return what stands in a log for audio: the start of its SHA-256."""
    return hashlib.sha256(payload).hexdigest()[:_HASH_DIGITS]


class EventLog:
    """Appends lines to a binary file.

    Instants are given on the loop's clock and written relative to the origin, the
    first sample of the caller's recording. Until the origin is known, lines wait.
    Lines go to the file in batches; call `finish` at the end.

    Args:
        sink: where the lines go.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._encode = msgspec.json.Encoder().encode
        self._origin_ns: int | None = None
        self._waiting: list[tuple[int, str, str, str | None, str]] = []
        self._batch: list[tuple[int, str]] = []
        self._last_ns = -(1 << 63)
        self._lines = 0
        self._full = _BATCH_LINES

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
        since_ns = t_ns - self._origin_ns
        row = (
            f'"t_ns":{since_ns},"lane":"{lane}",'
            f'"type":"{kind}","item_id":{about},"data":{data}}}\n'
        )
        self._batch.append((since_ns, row))
        if len(self._batch) >= self._full:
            self._write(until_ns=since_ns - _SETTLED_NS)

    def add_frame(
        self, t_ns: int, lane: str, size: int, position: int, audio: bytes | None = None
    ) -> None:
        """Log a microphone frame.

        Args:
            t_ns: when it left, or arrived.
            lane: where that was seen.
            size: how many bytes of the wire's audio it holds.
            position: samples of the caller's audio before it.
            audio: what its hash is of; None for a line without a hash.
        """
        told = "" if audio is None else f'"sha256":"{audio_digest(audio)}",'
        data = f'{{"audio":{{"bytes":{size},{told}"pos_samples":{position}}}}}'
        self.add_encoded(t_ns, lane, APPEND, None, data)

    def finish(self) -> None:
        """Write what is left."""
        self._write(until_ns=None)

    def _write(self, until_ns: int | None) -> None:
        """Write what happened until an instant; None writes all."""
        batch = self._batch
        batch.sort(key=_INSTANT)
        count = len(batch)
        if until_ns is not None:
            count = bisect_right(batch, until_ns, key=_INSTANT)
        if count == 0:
            return
        rows = [row for _, row in batch[:count]]
        for index in range(bisect_left(batch, self._last_ns, 0, count, key=_INSTANT)):
            rows[index] = _at(self._last_ns, rows[index])  # told far too late
        self._last_ns = max(self._last_ns, batch[count - 1][0])
        numbered = [f'{{"seq":{seq},{row}' for seq, row in enumerate(rows, self._lines)]
        self._sink.write("".join(numbered).encode())
        self._lines += count
        del batch[:count]
        self._full = len(batch) + _BATCH_LINES


def _at(t_ns: int, row: str) -> str:
    """Return a row moved to another instant: the file's order is never broken."""
    return f'"t_ns":{t_ns}{row[row.index(",") :]}'
