"""Reads events.jsonl into typed rows, quickly and in little memory.

Most lines of a long log are microphone frames, fifty a second on each lane. They
are kept as three whole numbers each; every other event becomes an `Event`.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from voicelab.errors import RunFormatError

Int64Array = npt.NDArray[np.int64]

APPEND = "input_audio_buffer.append"
_APPEND_MARK = f'{APPEND}"'.encode()
_INT64 = "q"


class Event(msgspec.Struct, frozen=True):
    """One line of the log; docs/data-format.md says what each type holds.

    Attributes:
        seq: the line's number, from 0.
        t_ns: when; 0 is the first sample of the caller's recording.
        lane: where it was observed.
        type: what happened.
        item_id: the conversation item that it is about.
        data: the rest.
    """

    seq: int
    t_ns: int
    lane: str
    type: str
    item_id: str | None
    data: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Appends:
    """The microphone frames seen on one lane, in order.

    Attributes:
        t_ns: when each was sent (client) or arrived (server); int64 [n].
        pos_samples: samples of caller audio before each; int64 [n].
        bytes: how much audio each holds; int64 [n].
    """

    t_ns: Int64Array
    pos_samples: Int64Array
    bytes: Int64Array

    def __len__(self) -> int:
        return len(self.t_ns)

    def time_of_sample(self, sample: int, *, bytes_per_sample: int) -> int | None:
        """Return when the frame that holds `sample` passed, None if none did."""
        index = int(np.searchsorted(self.pos_samples, sample, side="right")) - 1
        if index < 0:
            return None
        held = int(self.bytes[index]) // bytes_per_sample
        if sample >= self.pos_samples[index] + held:
            return None
        return int(self.t_ns[index])


class Log:
    """A log, read.

    Attributes:
        events: everything but microphone frames, in the log's order.
    """

    def __init__(self, events: list[Event], appends: dict[str, Appends]) -> None:
        self.events = events
        self._appends = appends

    def appends(self, lane: str) -> Appends:
        """Return the microphone frames of a lane; none if it has none."""
        return self._appends.get(lane) or _frames(array(_INT64))

    def of(self, lane: str, kind: str) -> list[Event]:
        """Return the events of one type on one lane, in order."""
        return self._index.get((lane, kind), [])

    @cached_property
    def end_ns(self) -> int:
        """When the last that is told of happened; 0 if nothing is."""
        told = [event.t_ns for event in self.events[-1:]]
        sent = [int(frames.t_ns[-1]) for frames in self._appends.values() if frames]
        return max([*told, *sent], default=0)

    @cached_property
    def has_server(self) -> bool:
        """Whether the server's own lane was recorded."""
        return any(event.lane == "server" for event in self.events)

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[Event]]:
        index = defaultdict(list)
        for event in self.events:
            index[event.lane, event.type].append(event)
        return dict(index)


def read_log(source: Path | bytes) -> Log:
    """Read a log from a file or from memory.

    Raises:
        RunFormatError: the file is missing, or a line is no event or stands out
            of order; names file and line.
    """
    if isinstance(source, bytes):
        return _Reader("events.jsonl").read(BytesIO(source))
    try:
        with source.open("rb") as lines:
            return _Reader(source).read(lines)
    except OSError as error:
        raise RunFormatError(
            f"the event log cannot be read ({error.strerror})",
            file=source,
            fix="run the scenario again",
        ) from error


class _FrameAudio(msgspec.Struct, frozen=True):
    bytes: int = -1
    pos_samples: int = -1


class _FrameData(msgspec.Struct):
    audio: _FrameAudio = _FrameAudio()


class _Frame(msgspec.Struct):
    """A microphone frame, or something that mentions one."""

    seq: int
    t_ns: int
    lane: str
    type: str
    data: _FrameData


class _Reader:
    def __init__(self, file: Path | str) -> None:
        self._file = file
        self._events: list[Event] = []
        self._frames: dict[str, array[int]] = {}

    def read(self, lines: Iterable[bytes]) -> Log:
        number = 0
        try:
            for number in self._lines(lines):  # noqa: B007 - names the bad line
                pass
        except msgspec.DecodeError as error:
            raise RunFormatError(
                f"this line is not an event ({error})",
                file=self._file,
                line=number + 1,
                fix="run the scenario again: the log was cut short or changed",
            ) from error
        frames = {lane: _frames(numbers) for lane, numbers in self._frames.items()}
        return Log(self._events, frames)

    def _lines(self, lines: Iterable[bytes]) -> Iterator[int]:
        """Take line after line; yield how many have been taken."""
        decode = msgspec.json.Decoder(Event).decode
        decode_frame = msgspec.json.Decoder(_Frame).decode
        before = (-(1 << 63), -1)
        for number, line in enumerate(lines, start=1):
            if _APPEND_MARK in line and (frame := decode_frame(line)).type == APPEND:
                self._keep_frame(frame, number)
                place = (frame.t_ns, frame.seq)
            else:
                event = decode(line)
                self._events.append(event)
                place = (event.t_ns, event.seq)
            if place <= before:
                self._refuse_order(number)
            before = place
            yield number

    def _keep_frame(self, row: _Frame, number: int) -> None:
        audio = row.data.audio
        if audio.bytes < 0 or audio.pos_samples < 0:
            raise RunFormatError(
                "this frame does not say how much audio it holds, or from where",
                file=self._file,
                line=number,
                path="data.audio",
                fix="give bytes and pos_samples",
            )
        frames = self._frames.get(row.lane)
        if frames is None:
            frames = self._frames[row.lane] = array(_INT64)
        frames.extend((row.t_ns, audio.pos_samples, audio.bytes))

    def _refuse_order(self, number: int) -> None:
        raise RunFormatError(
            "this line stands before its time: lines are ordered by t_ns, then seq",
            file=self._file,
            line=number,
            fix="sort the log, or run the scenario again",
        )


def _frames(numbers: array[int]) -> Appends:
    table = np.array(numbers, dtype=np.int64).reshape(-1, 3)
    return Appends(*(np.ascontiguousarray(column) for column in table.T))
