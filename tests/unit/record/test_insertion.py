"""Late lines find their place in a log that is written."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.record.event_log import EventLog
from voicelab.record.insertion import LateLine, with_late_lines
from voicelab.record.log_reader import read_log


def written(instants: list[int]) -> bytes:
    """Return a log with an event at each instant; zero lies at 1000."""
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(1000)
    for t_ns in sorted(instants):
        log.add(t_ns + 1000, "client", "x", 'an "id"', {"seq": 7, "t_ns": 3})
    log.finish()
    return sink.getvalue()


instants = st.lists(st.integers(-(10**10), 10**13), max_size=20)


@given(instants, instants)
def test_a_log_with_late_lines_is_a_log(early: list[int], late: list[int]) -> None:
    lines = [
        LateLine(t_ns, "user", "turn.start", {"turn": i}) for i, t_ns in enumerate(late)
    ]
    whole = b"".join(with_late_lines(io.BytesIO(written(early)), lines))
    events = read_log(whole).events
    assert [event.seq for event in events] == list(range(len(early) + len(late)))
    assert [event.t_ns for event in events] == sorted(early + late)
    user = [event for event in events if event.lane == "user"]
    assert {event.data["turn"] for event in user} == set(range(len(late)))
    assert all(event.item_id is None for event in user)


@given(instants)
def test_without_late_lines_nothing_changes(early: list[int]) -> None:
    log = written(early)
    assert b"".join(with_late_lines(io.BytesIO(log), ())) == log


def test_at_one_instant_it_comes_after_what_is_there() -> None:
    late = [LateLine(5, "user", "late", {})]
    whole = b"".join(with_late_lines(io.BytesIO(written([5, 5, 6])), late))
    assert [json.loads(line)["type"] for line in whole.splitlines()] == [
        "x",
        "x",
        "late",
        "x",
    ]


def test_what_is_no_log_is_refused() -> None:
    with pytest.raises(ValueError, match="no line of an event log"):
        list(with_late_lines([b'{"t_ns": 3}\n'], ()))
