"""Every bundled scenario, whole: what must hold of each run, and of each setting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.runs import RunLog, bundled, check_all
from tests.support.sdk import assert_valid_client_event, assert_valid_server_event
from voicelab.metrics import PARTS
from voicelab.result import load_run
from voicelab.scenario.library import scenario_names
from voicelab.transport.memory import MemoryConnection, memory_pair

NAMES = scenario_names()


@pytest.fixture(scope="module", params=NAMES)
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> RunLog:
    """Return the run of a bundled scenario as it is."""
    return RunLog.of(bundled(request.param), tmp_path_factory.mktemp("runs"))


def test_every_run_is_consistent(run: RunLog) -> None:
    check_all(run)


def test_every_caller_turn_is_spoken_once_and_in_order(run: RunLog) -> None:
    started = [line["data"]["turn"] for line in run.on("user", "turn.start")]
    ended = [line["data"]["turn"] for line in run.on("user", "turn.end")]
    assert started == ended == list(range(len(started)))
    assert started


def test_latency_parts_add_up_exactly(run: RunLog) -> None:
    """The sum is exact, and the parts lie between instants of the log."""
    ends_ns = [line["t_ns"] for line in run.on("user", "turn.end")]
    heard = {(line["item_id"], line["t_ns"]) for line in run.on("agent", "heard.start")}
    rows = load_run(run.folder).latency.to_dict("records")
    answered = [row for row in rows if row["outcome"] in ("answered", "cut_in")]
    assert answered
    for row in answered:
        parts_ns = [row[f"{part}_ns"] for part in PARTS]
        assert sum(parts_ns) == row["response_latency_ns"]
        assert row["t_end_ns"] == ends_ns[row["turn"]]
        assert row["t_end_ns"] + row["response_latency_ns"] == row["t_heard_ns"]
        assert (row["item_id"], row["t_heard_ns"]) in heard
        uplink_ns, _, ttfb_ns, downlink_ns, playout_ns = parts_ns
        assert min(uplink_ns, ttfb_ns, downlink_ns, playout_ns) >= 0
        sent_ns, received_ns = (
            next(
                line["t_ns"]
                for line in run.on(lane, "response.output_audio.delta")
                if line["item_id"] == row["item_id"]
            )
            for lane in ("server", "client")
        )
        assert received_ns - sent_ns == downlink_ns
        assert row["t_heard_ns"] - received_ns == playout_ns


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_one_that_a_strict_peer_accepts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, list[bytes]] = {"client": [], "server": []}

    def tapped(*args: Any, **kwargs: Any) -> tuple[MemoryConnection, MemoryConnection]:
        ends = memory_pair(*args, **kwargs)
        for end, messages in zip(ends, sent.values(), strict=True):
            monkeypatch.setattr(end, "send", _tap(end.send, messages))
        return ends

    monkeypatch.setattr("voicelab.lab.lines.memory_pair", tapped)
    run = RunLog.of(bundled(name), tmp_path)
    for raw in sent["server"]:
        assert_valid_server_event(raw)
    for raw in sent["client"]:
        assert_valid_client_event(raw)
    notes = ("vad.", "turn.", "reply.", "response.trigger", "response.skipped")
    logged = [
        line["type"]
        for line in run.on("server")
        if line["data"].get("event_id", "").startswith("event_")
        and not line["type"].startswith(notes)
    ]
    wire = [json.loads(raw)["type"] for raw in sent["server"]]
    assert [kind for kind in logged if kind in set(wire)] == wire


def _tap(send: Any, messages: list[bytes]) -> Any:
    def tapped(message: bytes) -> None:
        messages.append(message)
        send(message)

    return tapped
