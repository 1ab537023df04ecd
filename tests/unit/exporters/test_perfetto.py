"""Traces, held to what the format demands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import voicelab as vl
from tests.support.logs import LogBuilder, one_answer
from tests.support.results import barge_in, make_run
from tests.support.traces import check_trace
from voicelab.exporters import export
from voicelab.exporters.perfetto import trace


def events(told: dict[str, Any], phase: str) -> list[dict[str, Any]]:
    return [event for event in told["traceEvents"] if event["ph"] == phase]


def test_a_trace_keeps_the_rules(tmp_path: Path) -> None:
    run = make_run(barge_in())
    (file,) = export(run, "perfetto", tmp_path)
    told = json.loads(file.read_text("utf-8"))
    assert told == trace(run)
    check_trace(told["traceEvents"])


def test_times_count_from_the_first_event() -> None:
    """The handshake is 50 ms before the recording."""
    told = trace(make_run(one_answer()))
    assert told["otherData"]["audio_zero_us"] == 50_000
    (turn,) = [e for e in events(told, "X") if e["cat"] == "caller turns"]
    assert (turn["ts"], turn["dur"]) == (250_000, 800_000)


def test_an_arrow_leads_from_the_turn_to_its_answer() -> None:
    told = trace(make_run(one_answer()))
    (tail,), (head,) = events(told, "s"), events(told, "f")
    assert tail["ts"] == pytest.approx(50_000 + 1_000_000, abs=0.0011)
    assert head["ts"] == 50_000 + 2_090_000
    assert head["bp"] == "e"


def test_overlapping_turns_do_not_share_a_thread() -> None:
    log = LogBuilder()
    log.caller(0, 100, 500)
    log.caller(1, 300, 700)
    told = trace(make_run(log))
    check_trace(told["traceEvents"])
    assert len({event["tid"] for event in events(told, "X")}) == 2


def test_crossing_slices_are_found() -> None:
    """The checker itself can fail."""
    told = trace(make_run(barge_in()))
    (first, *_) = events(told, "X")
    crossing = {**first, "ts": first["ts"] + 1}
    with pytest.raises(AssertionError, match="slices cross"):
        check_trace([*told["traceEvents"], crossing])


def test_of_the_wire_only_types_and_ids_are_told() -> None:
    log = one_answer()
    log.add(100, "client", "session.update", session={"instructions": "a secret"})
    told = trace(make_run(log))
    assert "a secret" not in json.dumps(told)
    (sent,) = [e for e in events(told, "i") if e["name"] == "session.update"]
    assert sent["args"] == {}


def test_the_buffer_runs_empty() -> None:
    """3 s of audio arrive at 2.01 s and play from 2.06 s on."""
    told = trace(make_run(one_answer()))
    depth = [e["args"]["buffered_ms"] for e in events(told, "C")]
    assert max(depth) == 3000
    assert depth[-1] == 0


def test_a_real_run() -> None:
    told = trace(vl.run("dentist"))
    check_trace(told["traceEvents"])
    assert {e["name"] for e in events(told, "C")} == {"buffered_ms", "vad_score"}
