"""What is put beside the audio, worked out by hand."""

from __future__ import annotations

import numpy as np

from tests.support.logs import LogBuilder, one_answer
from tests.support.results import MANIFEST, barge_in, make_run
from voicelab.exporters.lanes import Lane, Mark, end_of, layers, one_line, run_lanes
from voicelab.result import Run


def lanes(run: Run) -> dict[str, Lane]:
    return {lane.name: lane for lane in run_lanes(run)}


def told(lane: Lane) -> list[tuple[float, float, str]]:
    return [(m.start_ns / 1e6, m.end_ns / 1e6, m.text) for m in lane.marks]


def test_the_lanes_of_a_barge_in() -> None:
    """The ear is 30 ms behind the player, which starts 100 ms after the server."""
    found = lanes(make_run(barge_in()))
    assert told(found["caller turns"]) == [
        (200, 1000, "Hello there"),
        (3090, 4000, "turn 2"),
        (6800, 7000, "turn 3"),
    ]
    assert told(found["caller backchannels"]) == [(2300, 2500, "backchannel 1")]
    assert told(found["caller words"]) == [(200, 600, "Hello"), (620, 1000, "there")]
    assert told(found["caller as the server heard"]) == [
        (224, 1524, "user-0"),
        (3104, 4500, "user-1"),
    ]
    assert told(found["agent heard"]) == [
        (2090, 3242, "one"),
        (5090, 6590, "one two three"),
    ]
    assert told(found["agent words"]) == [
        (2090, 3090, "one"),
        (5090, 5590, "one"),
        (5590, 6090, "two"),
        (6090, 6590, "three"),
    ]
    assert told(found["overlap"]) == [
        (2300, 2500, "overlap"),
        (3090, 3242, "overlap"),
    ]
    assert told(found["events"]) == [
        (1560, 1560, "endpoint"),
        (3214, 3214, "interruption, claims 1200 ms"),
        (4560, 4560, "endpoint"),
    ]


def test_what_nobody_told_is_named_by_its_id() -> None:
    found = lanes(make_run(one_answer()))
    assert told(found["agent heard"]) == [(2090, 5090, "agent-0")]
    assert found["agent words"].marks == ()


def test_marks_end_where_the_recording_ends() -> None:
    log = one_answer()
    log.caller(1, 7900, 8200)
    log.caller(2, 8300, 8400)
    run = make_run(log)
    assert end_of(run) == 8_000_000_000
    assert told(lanes(run)["caller turns"])[1:] == [(7900, 8000, "turn 1")]


def test_a_run_without_audio_ends_with_its_log() -> None:
    log = one_answer().build()
    run = Run(MANIFEST, log, np.empty((0, 2), np.int16))
    assert end_of(run) == run.log.end_ns > 0
    empty = Run(MANIFEST, LogBuilder().build(), np.empty((0, 2), np.int16))
    assert end_of(empty) == 1


def test_what_is_under_way_ends_with_the_recording() -> None:
    """A turn that the server never declared over has no end of its own."""
    log = one_answer()
    log.caller(1, 6000, 7000)
    log.add(6060, "server", "turn.onset", "user-1", onset_ms=6024)
    started = "input_audio_buffer.speech_started"
    log.wire(6060, started, "user-1", audio_start_ms=5724)
    found = lanes(make_run(log))["caller as the server heard"]
    assert told(found)[-1] == (6024, 8000, "user-1")


def test_layers_never_overlap() -> None:
    marks = [Mark(0, 10, "a"), Mark(5, 12, "b"), Mark(10, 20, "c"), Mark(11, 13, "d")]
    rows = [[mark.text for mark in row] for row in layers(reversed(marks))]
    assert rows == [["a", "c"], ["b"], ["d"]]
    assert layers([]) == [[]]


def test_one_line() -> None:
    assert one_line(' a\tb\r\n"c"\x00\u2028  d ') == 'a b "c" d'
