"""The event log of a run whose tables are all that is wanted of it.

Most of a log's text are microphone frames, fifty a second on each lane. Writing it, and
reading it again, takes a good part of a virtual run; who runs one conversation many
times can spare both.
"""

from __future__ import annotations

from array import array
from typing import Any

import msgspec
import numpy as np

from voicelab.record.log_reader import Appends, Event, Int64Array, Log

_COLUMNS = 4  # of a frame: its place in the order told, instant, position, bytes


class MemoryLog:
    """Takes what an `EventLog` takes, in virtual time; `read` gives what it would hold.

    In virtual time nothing is told more than a second late, so the order of instants,
    and of telling within one, is the order of the lines.
    """

    def __init__(self) -> None:
        self._origin_ns = 0
        self._lines = 0
        self._told: list[tuple[int, int, str, str, str | None]] = []
        self._data: list[dict[str, Any]] = []
        self._frames: dict[str, array[int]] = {}

    def set_origin(self, origin_ns: int) -> None:
        """Say where zero lies."""
        self._origin_ns = origin_ns

    def add(
        self,
        t_ns: int,
        lane: str,
        kind: str,
        item_id: str | None,
        data: dict[str, Any],
    ) -> None:
        """Log what happened at `t_ns`; `data` must not change any more."""
        self._told.append((self._lines, t_ns, lane, kind, item_id))
        self._data.append(data)
        self._lines += 1

    def add_frame(
        self, t_ns: int, lane: str, size: int, position: int, audio: bytes | None = None
    ) -> None:
        """Log a microphone frame, as `EventLog.add_frame`."""
        del audio  # nobody asks for its hash
        frames = self._frames.get(lane)
        if frames is None:
            frames = self._frames[lane] = array("q")
        frames.extend((self._lines, t_ns, position, size))
        self._lines += 1

    def finish(self) -> None:
        """Nothing is left to do."""

    def read(self) -> Log:
        """Return what `read_log` would make of the log's text."""
        frames = {
            lane: _sorted(np.array(told, np.int64).reshape(-1, _COLUMNS))
            for lane, told in self._frames.items()
        }
        appends = {
            lane: Appends(
                table[:, 1] - self._origin_ns,
                np.ascontiguousarray(table[:, 2]),
                np.ascontiguousarray(table[:, 3]),
            )
            for lane, table in frames.items()
        }
        return Log(self._events(list(frames.values())), appends)

    def _events(self, frames: list[Int64Array]) -> list[Event]:
        """Return all events but frames, numbered among them, in order."""
        # as they are read from a file: through JSON
        data = msgspec.json.decode(msgspec.json.encode(self._data))
        told = np.array([row[:2] for row in self._told], np.int64).reshape(-1, 2)
        every = np.concatenate([told, *(table[:, :2] for table in frames)])
        lines = np.empty(len(every), np.int64)
        lines[np.lexsort((every[:, 0], every[:, 1]))] = np.arange(len(every))
        own = lines[: len(told)]
        seqs = own.tolist()
        events = []
        for index in np.argsort(own).tolist():
            _, t_ns, lane, kind, item_id = self._told[index]
            since_ns = t_ns - self._origin_ns
            events.append(
                Event(seqs[index], since_ns, lane, kind, item_id, data[index])
            )
        return events


def _sorted(table: Int64Array) -> Int64Array:
    """Return frames in order of time, those of one instant in the order told."""
    order: Int64Array = np.lexsort((table[:, 0], table[:, 1]))
    ordered: Int64Array = table[order]
    return ordered
