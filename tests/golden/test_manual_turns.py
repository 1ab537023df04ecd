"""A whole run without turn detection: the client says when a turn is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runs import RunLog, bundled, check_all
from voicelab.result import load_run

MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


@pytest.mark.parametrize("name", ["dentist", "recipe", "card-game"])
def test_the_client_commits_and_asks(name: str, tmp_path: Path) -> None:
    run = RunLog.of(bundled(name, session=MANUAL), tmp_path)
    check_all(run)
    turns = [
        event["data"]
        for event in run.on("user", "turn.start")
        if event["data"]["kind"] == "turn"
    ]
    assert len(list(run.on("client", "input_audio_buffer.commit"))) == len(turns)
    assert not list(run.on("client", "input_audio_buffer.speech_started"))
    assert not list(run.on("server", "error"))


def test_each_turn_is_committed_once_it_is_sent(tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", session=MANUAL), tmp_path)
    ends = [event["t_ns"] for event in run.on("user", "turn.end")]
    commits = [event["t_ns"] for event in run.on("client", "input_audio_buffer.commit")]
    frame_ns = 20_000_000
    assert len(ends) == len(commits)
    assert all(0 <= c - e <= frame_ns for e, c in zip(ends, commits, strict=True))
    table = load_run(run.folder).latency
    assert (table.outcome == "answered").sum() == len(ends) - 1  # "Bye." has no answer
    assert not table.cut_in.any()
    assert (table.endpointing_delay_ns.dropna() == 0).all()


def test_a_barge_in_stops_the_agent_at_the_first_word(tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", session=MANUAL), tmp_path)
    (row,) = load_run(run.folder).truncations.to_dict("records")
    starts = {
        event["data"]["turn"]: event["t_ns"] for event in run.on("user", "turn.start")
    }
    assert row["t_ns"] == starts[row["turn"]]
    assert row["verdict"] == "accepted"
    assert -4 < row["truncation_error_ms"] <= 0
    assert 0 < row["stop_latency_ms"] < 40  # the device's latency and a quantum
