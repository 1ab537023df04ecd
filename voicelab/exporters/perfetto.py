"""A trace that Perfetto shows (ui.perfetto.dev): Chrome's JSON trace format.

Times are microseconds. Slices on one thread must nest, so a lane is a thread, and
marks of a lane that overlap are threads of their own. Arrows lead from each turn of the
caller to the first audio heard of its answer; counters show the player's buffer and
the voice-activity scores. The format has no negative times: 0 is the first event, and
`audio_zero_us` says where the recording begins ("Trace Event Format", Google, 2016).
Of the wire's events only types and item ids are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from voicelab.exporters.files import Writer, stem
from voicelab.exporters.lanes import AGENT_HEARD, CALLER_TURNS, Mark, layers, run_lanes
from voicelab.metrics import Facts, buffer_depth, turn_latencies, vad_frames
from voicelab.result import Run

_PID = 1
_WIRE = ("client", "server")
_NOT_WIRE = frozenset({"vad.scores", "reply.audio"})
_NS_PER_US = 1000

TraceEvent = dict[str, Any]


def perfetto(run: Run) -> dict[str, Writer]:
    """Return the one file.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    content = msgspec.json.encode(trace(run))
    return {f"{stem(run)}.perfetto.json": lambda file: file.write_bytes(content)}


def trace(run: Run) -> dict[str, Any]:
    """Return a run as a trace: `traceEvents`, and what is known of the run."""
    events = run.log.events
    zero_ns = min(0, events[0].t_ns) if events else 0
    made = _Trace(run.name, zero_ns)
    made.lanes(run)
    made.wire(run.facts)
    made.counters(run.facts)
    made.answers(run.facts)
    return {
        "displayTimeUnit": "ms",
        "otherData": {
            "run_id": run.run_id,
            "audio_zero_us": made.us(0),
        },
        "traceEvents": made.events,
    }


@dataclass
class _Trace:
    """Collects events, and remembers on which thread each slice is."""

    name: str
    zero_ns: int
    events: list[TraceEvent] = field(default_factory=list)
    _threads: int = 0
    _slices: dict[tuple[str, str, int], tuple[int, Mark]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.events.append(_meta("process_name", 0, {"name": self.name}))

    def us(self, t_ns: int) -> float:
        """Return an instant as the trace counts."""
        return (t_ns - self.zero_ns) / _NS_PER_US

    def lanes(self, run: Run) -> None:
        """Add the lanes: who spoke when, and what was decided."""
        for lane in run_lanes(run):
            if lane.is_points:
                thread = self._thread(lane.name)
                for mark in lane.marks:
                    self._instant(thread, mark.start_ns, mark.text, {})
                continue
            for row in layers(lane.marks):
                self._row(lane.name, row)

    def _row(self, lane: str, row: Sequence[Mark]) -> None:
        thread = self._thread(lane)
        for mark in row:
            self.events.append(
                {
                    "ph": "X",
                    "name": mark.text,
                    "cat": lane,
                    "pid": _PID,
                    "tid": thread,
                    "ts": self.us(mark.start_ns),
                    "dur": (mark.end_ns - mark.start_ns) / _NS_PER_US,
                }
            )
            self._slices[lane, "start", mark.start_ns] = (thread, mark)
            self._slices[lane, "end", mark.end_ns] = (thread, mark)

    def wire(self, facts: Facts) -> None:
        """Add the events of each side, microphone frames left out."""
        for lane in _WIRE:
            found = [
                event
                for event in facts.log.events
                if event.lane == lane and event.type not in _NOT_WIRE
            ]
            if not found:
                continue
            thread = self._thread(f"{lane} events")
            for event in found:
                about = {} if event.item_id is None else {"item_id": event.item_id}
                self._instant(thread, event.t_ns, event.type, about)

    def counters(self, facts: Facts) -> None:
        """Add what waits in the player, and the scores."""
        times, depth_ms = buffer_depth(facts)
        for t_ns, waiting in zip(times.tolist(), depth_ms.tolist(), strict=True):
            self._counter("buffered_ms", t_ns, waiting)
        for frame in vad_frames(facts):
            self._counter("vad_score", frame.t_ns, frame.score)

    def answers(self, facts: Facts) -> None:
        """Add an arrow from each turn to what was heard of its answer."""
        for row in turn_latencies(facts):
            asked = self._slices.get((CALLER_TURNS, "end", row.t_end_ns))
            heard = row.t_heard_ns
            answer = (
                None
                if heard is None
                else self._slices.get((AGENT_HEARD, "start", heard))
            )
            if asked is not None and answer is not None:
                self.events += self._arrow(row.turn, asked, answer)

    def _arrow(
        self, number: int, asked: tuple[int, Mark], answer: tuple[int, Mark]
    ) -> Iterator[TraceEvent]:
        common = {"name": "answer", "cat": "answer", "id": number, "pid": _PID}
        # an arrow is bound to the slice in which it begins, whose end is outside
        last_ns = asked[1].end_ns - 1
        yield {**common, "ph": "s", "tid": asked[0], "ts": self.us(last_ns)}
        heard_ns = answer[1].start_ns
        yield {
            **common,
            "ph": "f",
            "bp": "e",
            "tid": answer[0],
            "ts": self.us(heard_ns),
        }

    def _instant(
        self, thread: int, t_ns: int, name: str, about: dict[str, str]
    ) -> None:
        self.events.append(
            {
                "ph": "i",
                "s": "t",
                "name": name,
                "pid": _PID,
                "tid": thread,
                "ts": self.us(t_ns),
                "args": about,
            }
        )

    def _counter(self, name: str, t_ns: int, value: float) -> None:
        self.events.append(
            {
                "ph": "C",
                "name": name,
                "pid": _PID,
                "ts": self.us(t_ns),
                "args": {name: value},
            }
        )

    def _thread(self, name: str) -> int:
        self._threads += 1
        thread = self._threads
        self.events.append(_meta("thread_name", thread, {"name": name}))
        self.events.append(_meta("thread_sort_index", thread, {"sort_index": thread}))
        return thread


def _meta(name: str, thread: int, args: dict[str, Any]) -> TraceEvent:
    return {"ph": "M", "name": name, "pid": _PID, "tid": thread, "args": args}
