from __future__ import annotations

import json

from tests.support.logs import LogBuilder
from voicelab.record.log_reader import read_log
from voicelab.reports.events import MAX_SHOWN, event_list


def test_a_log_by_hand() -> None:
    log = LogBuilder()
    log.frames(1000)
    log.add(20, "client", "error", error={"message": "no"}, event_id="event_1")
    log.add(30.5, "server", "response.output_audio.delta", "item-1", audio={"bytes": 2})
    log.add(40, "client", "error", "item-1")
    told = event_list(read_log(log.build()))
    assert told["lanes"] == ["client", "server"]
    assert told["items"] == ["item-1"]
    assert told["types"] == ["session.created", "error", "response.output_audio.delta"]
    assert told["bulk"] == [False, False, True]
    assert told["problems"] == [False, True, False]
    (created, *rows) = told["rows"]
    assert created[:4] == [-50, 0, 0, -1]
    assert rows == [
        [20, 0, 1, -1, '{"error":{"message":"no"}}'],
        [30.5, 1, 2, 0, '{"audio":{"bytes":2}}'],
        [40, 0, 1, 0, ""],
    ]


def test_long_events_are_cut() -> None:
    log = LogBuilder()
    log.add(0, "client", "note", text="x" * 1000)
    log.add(1, "client", "note", text="")
    *_, long, short = event_list(read_log(log.build()))["rows"]
    assert len(long[4]) == MAX_SHOWN
    assert long[4].endswith("x…")
    assert json.loads(short[4]) == {"text": ""}


def test_an_empty_log() -> None:
    told = event_list(read_log(b""))
    assert told["rows"] == told["types"] == told["lanes"] == []
