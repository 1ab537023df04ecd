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
    log.flush()
    assert sink.getvalue() == b""
    log.set_origin(1500)
    log.add(1501, "server", "session.updated", None, {})
    log.flush()
    assert [(line["seq"], line["t_ns"]) for line in lines(sink)] == [(0, -500), (1, 1)]


def test_a_line_has_the_documented_fields_in_their_order() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(4_103_250_000, "client", "some.event", "item_1", {"b": [1, None], "a": "é"})
    log.flush()
    assert sink.getvalue().decode() == (
        '{"seq":0,"t_ns":4103250000,"lane":"client","type":"some.event",'
        '"item_id":"item_1","data":{"b":[1,null],"a":"é"}}\n'
    )


def test_a_foreign_id_cannot_break_a_line() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(0, "client", "x", 'a"b\n', {"text": "line\nbreak"})
    log.flush()
    (line,) = lines(sink)
    assert line["item_id"] == 'a"b\n'
    assert line["data"] == {"text": "line\nbreak"}


def test_a_foreign_type_cannot_break_a_line() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    log.add(0, "client", 'x"y', None, {})
    log.flush()
    assert lines(sink)[0]["type"] == 'x"y'


def test_many_lines_are_all_written_once_and_in_order() -> None:
    sink = io.BytesIO()
    log = EventLog(sink)
    log.set_origin(0)
    for index in range(2_000):
        log.add_encoded(index, "client", "x", None, "{}")
    assert sink.getvalue(), "a long log is not held back to the end"
    log.flush()
    log.flush()
    assert [line["seq"] for line in lines(sink)] == list(range(2_000))
    assert log.lines == 2_000


def test_a_digest_is_the_start_of_the_sha_256() -> None:
    # FIPS 180-2, appendix B.1
    assert audio_digest(b"abc") == "ba7816bf8f01cfea"
