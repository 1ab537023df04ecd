"""The lines of events.jsonl."""

from __future__ import annotations

import io
import json
from typing import Any

from voicelab.record.event_log import EventLog, audio_digest


def lines(sink: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_lines_wait_for_the_origin_and_count_from_it() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.add(1000, "client", "session.update", None, {})
    log.finish()
    assert sink.getvalue() == b""
    log.set_origin(1500)
    log.add(1501, "server", "session.updated", None, {})
    log.finish()
    assert [(line["seq"], line["t_ns"]) for line in lines(sink)] == [(0, -500), (1, 1)]


def test_a_line_has_the_documented_fields_in_their_order() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(4_103_250_000, "client", "some.event", "item_1", {"b": [1, None], "a": "é"})
    log.finish()
    assert sink.getvalue().decode() == (
        '{"seq":0,"t_ns":4103250000,"lane":"client","type":"some.event",'
        '"item_id":"item_1","data":{"b":[1,null],"a":"é"}}\n'
    )


def test_a_foreign_id_cannot_break_a_line() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(0, "client", "x", 'a"b\n', {"text": "line\nbreak"})
    log.finish()
    (line,) = lines(sink)
    assert line["item_id"] == 'a"b\n'
    assert line["data"] == {"text": "line\nbreak"}


def test_a_foreign_type_cannot_break_a_line() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(0, "client", 'x"y', None, {})
    log.finish()
    assert lines(sink)[0]["type"] == 'x"y'


def test_many_lines_are_all_written_once_and_in_order() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    for index in range(2_000):
        log.add_encoded(index * 20_000_000, "client", "x", None, "{}")
    assert sink.getvalue(), "a long log is not held back to the end"
    log.finish()
    log.finish()
    assert [line["seq"] for line in lines(sink)] == list(range(2_000))
    assert len(lines(sink)) == 2_000


def test_what_is_told_late_stands_where_it_belongs() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    order = [(at // 7) * 14 + at % 7 * -1 for at in range(5_000)]
    for at in order:
        log.add_encoded(at * 1_000_000, "client", str(at), None, "{}")
    log.finish()
    written = lines(sink)
    assert [line["t_ns"] for line in written] == sorted(at * 1_000_000 for at in order)
    assert [line["seq"] for line in written] == list(range(5_000))


def test_what_is_told_far_too_late_does_not_break_the_order() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    for index in range(1_000):
        log.add_encoded(index * 20_000_000, "client", "x", None, "{}")
    log.add_encoded(5, "player", "late", None, "{}")
    log.finish()
    instants = [line["t_ns"] for line in lines(sink)]
    assert instants == sorted(instants)
    assert len(instants) == 1_001


def test_a_digest_is_the_start_of_the_sha_256() -> None:
    # FIPS 180-2, appendix B.1
    assert audio_digest(b"abc") == "ba7816bf8f01cfea"
