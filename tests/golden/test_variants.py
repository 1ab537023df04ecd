"""What changes with a setting, and what must not."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.recordings import shared_audio
from tests.support.runs import DELTA, RunLog, bundled, check_all
from voicelab.audio import read_audio
from voicelab.paths import data_dir
from voicelab.result import load_run
from voicelab.scenario import scenario_from

IDEAL_NETWORK = {
    "uplink": {"delay_ms": 0, "jitter_ms": 0},
    "downlink": {"delay_ms": 0, "jitter_ms": 0},
}


# -- what the client claims -----------------------------------------------------


def ledger(run: RunLog) -> list[tuple[str, float, float, float]]:
    """Return (item, generated, kept, heard in ms) of each interrupted item.

    By hand, from the log: kept is the claim, or everything without one; heard is
    where the ear's last span ended.
    """
    rows = []
    for line in run.on("client", "interruption"):
        item_id, data = line["item_id"], line["data"]
        samples_per_ms = data["rate_hz"] / 1000
        spoken = next(
            other["data"]
            for other in run.on("server", "reply.audio")
            if other["item_id"] == item_id
        )
        generated_ms = spoken["samples"] / samples_per_ms
        claim_ms = data["audio_end_ms"]
        spans = [span for span in run.spans("agent") if span.item_id == item_id]
        heard = max((span.end for span in spans), default=0)
        kept_ms = generated_ms if claim_ms is None else claim_ms
        rows.append((item_id, generated_ms, kept_ms, heard / samples_per_ms))
    return rows


@pytest.mark.parametrize("name", ["dentist", "phone-plan", "recipe"])
def test_an_honest_claim_is_right_to_the_millisecond(name: str, tmp_path: Path) -> None:
    """With an ideal player, what was played was heard.

    The claim is in whole milliseconds, rounded down, and the sample that has begun
    is still heard: heard is later than the claim by less than 1 ms and a sample.
    """
    client = {"player": "ideal", "truncation": "played"}
    run = RunLog.of(bundled(name, client=client, channel=IDEAL_NETWORK), tmp_path)
    check_all(run)
    rows = ledger(run)
    assert rows
    for _, _, kept_ms, heard_ms in rows:
        assert 0 <= heard_ms - kept_ms < 1 + 1 / 24


def test_a_browser_s_claim_is_late_by_no_more_than_a_quantum(tmp_path: Path) -> None:
    """What has left the player is heard, whatever the device's latency."""
    run = RunLog.of(bundled("dentist"), tmp_path)
    for _, _, kept_ms, heard_ms in ledger(run):
        assert 0 <= heard_ms - kept_ms < 1 + 1 / 24 + 128 / 48


def test_a_claim_of_nothing_forgets_all_that_was_heard(tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", client={"truncation": "zero"}), tmp_path)
    check_all(run)
    rows = ledger(run)
    assert max(heard_ms for *_, heard_ms in rows) > 500
    assert all(kept_ms == 0 for _, _, kept_ms, _ in rows)


def test_no_claim_keeps_words_that_nobody_heard(tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", client={"truncation": "none"}), tmp_path)
    check_all(run)
    rows = ledger(run)
    assert not list(run.on("client", "conversation.item.truncate"))
    for _, generated_ms, kept_ms, heard_ms in rows:
        assert kept_ms == generated_ms > heard_ms + 500


@pytest.mark.parametrize(
    ("policy", "phantoms", "forgets"),
    [("played", False, False), ("zero", False, True), ("none", True, False)],
)
def test_the_ledger_says_so_in_words(
    policy: str, phantoms: bool, forgets: bool, tmp_path: Path
) -> None:
    run = RunLog.of(bundled("dentist", client={"truncation": policy}), tmp_path)
    table = load_run(run.folder).truncations
    assert len(table) == len(ledger(run))
    assert (table.phantom_words.sum() > 0) == phantoms
    assert (table.forgotten_words.sum() > 0) == forgets
    by_hand = {item_id: kept - heard for item_id, _, kept, heard in ledger(run)}
    for row in table.to_dict("records"):
        assert math.isclose(row["truncation_error_ms"], by_hand[row["item_id"]])


def test_what_is_claimed_changes_nothing_that_is_heard(tmp_path: Path) -> None:
    """The server cancels by itself; a claim only tells it what to remember.

    (On a network without jitter: every message takes a draw.)
    """
    played, silent = (
        RunLog.of(
            bundled("dentist", client={"truncation": policy}, channel=IDEAL_NETWORK),
            tmp_path,
        )
        for policy in ("played", "none")
    )
    assert len(played.audio) == len(silent.audio)
    assert (played.audio == silent.audio).all()


# -- codecs, drives, networks -----------------------------------------------------


@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
def test_a_telephone_codec_runs_at_8_khz(codec: str, tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", channel={"codec": codec}), tmp_path)
    check_all(run)
    assert run.formats == (f"audio/{codec}", f"audio/{codec}")
    frame = next(run.on("client", "input_audio_buffer.append"))["data"]["audio"]
    assert frame["bytes"] == 160
    assert ledger(run)


def test_a_fixed_drive_keeps_the_recording_s_times(tmp_path: Path) -> None:
    run = RunLog.of(bundled("dentist", caller={"drive": "fixed"}), tmp_path)
    check_all(run)
    for line in run.on("user", "turn.start"):
        assert line["t_ns"] == round(line["data"]["recorded_ms"] * 1e6)


def test_a_fixed_drive_sends_the_recording(tmp_path: Path) -> None:
    scenario = bundled("dentist", caller={"drive": "fixed"})
    run = RunLog.of(scenario, tmp_path)
    recorded = read_audio(scenario.caller.audio, channel=0, rate_hz=24_000).samples
    shared = min(len(recorded), len(run.audio))
    assert shared == len(recorded)
    assert (run.audio[:shared, 0] == recorded[:shared]).all()


def test_a_reactive_drive_keeps_the_gaps(tmp_path: Path) -> None:
    """A slower agent is answered after the same gaps, later."""
    fast = RunLog.of(bundled("bank-card", agent={"profile": "instant"}), tmp_path)
    slow = RunLog.of(bundled("bank-card", agent={"profile": "slow"}), tmp_path)
    assert slow.lines[-1]["t_ns"] > fast.lines[-1]["t_ns"] + 10**9
    for run in (fast, slow):
        finished = [s.stop_ns for s in run.spans("agent") if s.reason == "drained"]
        for line in run.on("user", "turn.start"):
            relation = line["data"]["relation"]
            if relation["kind"] != "reply" or "relation_kept" in line["data"]:
                continue
            before_ns = max(t_ns for t_ns in finished if t_ns <= line["t_ns"])
            gap_ms = (line["t_ns"] - before_ns) / 1e6
            assert 0 <= gap_ms - relation["ms"] < 20  # they begin with a frame


def test_losses_hold_up_and_lose_nothing(tmp_path: Path) -> None:
    link = {"delay_ms": 40, "jitter_ms": 10, "loss_rate": 0.05}
    lossy = {"uplink": link, "downlink": link}
    run = RunLog.of(bundled("dentist", channel=lossy), tmp_path)
    check_all(run)
    lost = next(run.on("link", "link.lost"))["data"]
    frames = len(list(run.on("client", "input_audio_buffer.append")))
    assert lost["uplink"] / frames == pytest.approx(0.05, rel=0.3)
    assert lost["downlink"] > 0
    sent, received = (
        [line["data"]["event_id"] for line in run.on(lane, DELTA)]
        for lane in ("server", "client")
    )
    assert received == sent[: len(received)]
    arrived = list(run.on("server", "input_audio_buffer.append"))
    positions = [line["data"]["audio"]["pos_samples"] for line in arrived]
    assert positions == [480 * index for index in range(len(positions))]


def test_a_paced_server_is_heard_and_never_runs_ahead(tmp_path: Path) -> None:
    """At real time the client never holds much more than the player's lead."""
    agent = {"profile": "realtime-paced"}
    run = RunLog.of(bundled("dentist", agent=agent), tmp_path)
    check_all(run)
    for line in run.on("client", "interruption"):
        data = line["data"]
        assert data["received_samples"] - data["played_samples"] < 24 * 250


def _reply() -> Path:
    """Return some recording of an agent's reply."""
    return min((data_dir() / "conversations").glob("*.reply-*.wav"))


# -- callers that wait ----------------------------------------------------------


def test_a_caller_runs_out_of_patience_with_a_silent_agent(tmp_path: Path) -> None:
    scenario = bundled(
        "bank-card",
        caller={"patience_ms": 3000},
        session={"output_modalities": ["text"]},
    )
    run = RunLog.of(scenario, tmp_path)
    check_all(run)
    assert run.spans("agent") == []
    starts = list(run.on("user", "turn.start"))
    ends = list(run.on("user", "turn.end"))
    assert len(starts) == len(ends) > 1
    for before, line in zip(ends, starts[1:], strict=False):
        assert line["data"]["patience"] is True
        assert line["data"]["relation_kept"] is False
        assert 0 <= line["t_ns"] - before["t_ns"] - 3 * 10**9 < 20_000_000
    assert len(run.audio) / 24_000 == pytest.approx(
        ends[-1]["t_ns"] / 1e9 + 3, abs=0.001
    )


def test_an_agent_calls_a_function_and_goes_on(tmp_path: Path) -> None:
    """The caller waits for what is said, not for the call."""
    reply = {"text": "One moment.", "audio": _reply()}
    call = {"function_call": {"name": "look_up", "arguments": {"what": "card"}}}
    scenario = bundled(
        "bank-card", agent={"responder": "scripted", "replies": [reply, call, reply]}
    )
    run = RunLog.of(scenario, tmp_path)
    check_all(run)
    (done,) = run.on("client", "response.function_call_arguments.done")
    assert json.loads(done["data"]["arguments"]) == {"what": "card"}
    (returned,) = run.on("client", "conversation.item.create")
    assert returned["data"]["item"]["type"] == "function_call_output"
    assert not any(
        line["data"].get("patience") for line in run.on("user", "turn.start")
    )


def test_a_function_is_not_called_for_ever(tmp_path: Path) -> None:
    call = {"function_call": {"name": "look_up"}}
    agent = {"responder": "scripted", "replies": [call]}
    run = RunLog.of(bundled("directions", agent=agent), tmp_path)
    check_all(run)
    endpoints = len(list(run.on("server", "turn.endpoint")))
    calls = len(list(run.on("server", "response.function_call_arguments.done")))
    assert 0 < calls <= endpoints


def test_an_agent_that_only_writes_is_not_heard(tmp_path: Path) -> None:
    scenario = bundled("bank-card", session={"output_modalities": ["text"]})
    run = RunLog.of(scenario, tmp_path)
    check_all(run)
    assert not list(run.on("client", DELTA))
    assert list(run.on("client", "response.output_text.done"))
    assert not run.audio[:, 1].any()


def test_an_agent_that_may_not_be_interrupted_is_not(tmp_path: Path) -> None:
    detection = {"type": "server_vad", "interrupt_response": False}
    session = {"audio": {"input": {"turn_detection": detection}}}
    run = RunLog.of(bundled("dentist", session=session), tmp_path)
    check_all(run)
    assert {span.reason for span in run.spans("agent")} == {"drained"}
    assert not list(run.on("client", "interruption"))


# -- real calls -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "drive"),
    [
        ("google_phone_order_mono_8k.wav", "reactive"),
        ("google_phone_order_mono_8k.wav", "fixed"),
        ("aws_call_mono_8k.wav", "reactive"),
    ],
)
def test_a_real_call_without_labels(call: str, drive: str, tmp_path: Path) -> None:
    mapping: dict[str, Any] = {
        "voicelab": 1,
        "name": "real-call",
        "caller": {"audio": shared_audio(f"calls/{call}"), "drive": drive},
        "agent": {
            "responder": "scripted",
            "replies": [{"text": "One moment.", "audio": _reply()}],
        },
    }
    run = RunLog.of(scenario_from(mapping, tmp_path), tmp_path)
    check_all(run)
    assert run.manifest["turns_from"] == "vad"
    assert len(list(run.on("user", "turn.start"))) >= 3
    assert run.spans("agent")


# -- the same bytes ---------------------------------------------------------------

RUN = """
import sys
from pathlib import Path
from voicelab.lab.experiment import run_scenario
from voicelab.scenario import load_scenario, override
from voicelab.scenario.library import find_scenario
scenario = override(load_scenario(find_scenario(sys.argv[1])), seed=int(sys.argv[3]))
print(run_scenario(scenario, Path(sys.argv[2])))
"""


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy with something else."""
    spin = "while True: pass"
    others = [
        subprocess.Popen([sys.executable, "-c", spin])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def run_elsewhere(name: str, parent: Path, seed: int) -> RunLog:
    """Run a scenario in a process of its own, with a cache and hashes of its own."""
    parent.mkdir()
    cache = {"VOICELAB_CACHE": str(parent / "cache"), "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, name, str(parent), str(seed)],
        env=os.environ | cache,
        check=True,
        capture_output=True,
        text=True,
    )
    return RunLog.read(Path(done.stdout.strip()))


def test_two_processes_one_of_them_starved_leave_the_same_bytes(tmp_path: Path) -> None:
    idle = run_elsewhere("phone-plan", tmp_path / "idle", 11)
    with busy_cores():
        loaded = run_elsewhere("phone-plan", tmp_path / "loaded", 11)
    for file in ("events.jsonl", "audio.wav"):
        assert (idle.folder / file).read_bytes() == (loaded.folder / file).read_bytes()
    assert idle.folder.name == loaded.folder.name


def test_a_warm_cache_changes_no_byte_and_another_seed_does(tmp_path: Path) -> None:
    scenario = bundled("phone-plan", seed=11)
    cold = RunLog.of(scenario, tmp_path / "cold")
    warm = RunLog.of(scenario, tmp_path / "warm")
    other = RunLog.of(bundled("phone-plan", seed=12), tmp_path / "cold")
    for file in ("events.jsonl", "audio.wav"):
        assert (cold.folder / file).read_bytes() == (warm.folder / file).read_bytes()
        assert (cold.folder / file).read_bytes() != (other.folder / file).read_bytes()
    assert cold.folder.name == warm.folder.name != other.folder.name
