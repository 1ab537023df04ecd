"""Each known bug of truncation happens in its scenario, and is gone where it should be.

The cure is the same for all: claim the player's own position, of what was stopped, and
stop it. What a bug does is asserted from the ledger and the event log.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import voicelab as vl
from tests.support.runs import DELTA, RunLog, bundled, check_right_channel
from voicelab.result import Run
from voicelab.scenario import case_names, find_scenario

CURE = {"truncation": "played", "truncates": "sounding", "on_interruption": "clear"}
ROOT = Path(__file__).parents[2]
BUGS = [name for name in case_names() if name.startswith("bug-")]

DONE = "response.done"

FAR_MS = 50 + 20 + 1
"""What `played` may be behind on a telephone: 25 ms each way, a frame, rounding."""


def ran(name: str, **client: Any) -> Run:
    return vl.run(name, client=client)


def refusals(run: Run) -> list[str]:
    return list(run.truncations.refused.dropna())


def excess_ms(message: str) -> int:
    found = re.fullmatch(
        r"Audio content of (\d+)ms is already shorter than (\d+)ms", message
    )
    assert found, message
    return int(found[2]) - int(found[1])


def words(run: Run, column: str) -> int:
    return int(run.truncations[column].sum())


@pytest.mark.parametrize("name", BUGS)
def test_it_is_gone_where_the_player_s_own_position_is_claimed(name: str) -> None:
    run = ran(name, **CURE)
    ledger = run.truncations
    assert set(ledger.verdict) <= {"accepted"}
    assert (ledger.truncation_error_ms <= 0).all()
    assert (ledger.truncation_error_ms >= -FAR_MS).all()
    assert (ledger.stop_latency_ms.dropna() < 400).all()
    assert words(run, "phantom_words") == 0
    # at most the word that is spoken while the command to stop is on its way
    assert (ledger.forgotten_words <= 1).all()


def test_wall_clock_past_the_end() -> None:
    name = "bug-wall-clock-past-the-end"
    found = refusals(ran(name))
    assert len(found) == 3
    assert all(excess_ms(message) > 1000 for message in found)
    assert len(ran(name, **CURE).truncations) == 0


def test_constant_excess() -> None:
    run = ran("bug-constant-excess")
    (message,) = refusals(run)
    assert message == "Audio content of 3660ms is already shorter than 3700ms"
    # clamped to what arrived, the same claims are all accepted
    clamped = ran("bug-constant-excess", truncation="min_wall_received")
    assert refusals(clamped) == []


def test_constant_excess_is_there_before_it_is_refused() -> None:
    """Near the client nothing hides it: a claim is ahead by the lead, each time."""
    near = {"lead_ms": 85, "command_delay_ms": 0, "report_delay_ms": 0}
    client = {"truncation": "wall_since_first_delta", "player_options": near}
    ledger = ran("bug-constant-excess", **client).truncations
    stopped = ledger[ledger.verdict == "accepted"]
    ahead = stopped.audio_end_ms - stopped.heard_ms
    assert len(stopped) >= 2
    assert ahead.between(85 - 20 - 1, 85).all()


def test_a_stall_counted_as_heard() -> None:
    run = ran("bug-stall-counted-as-heard")
    stalled = run.truncations.head(2)
    assert (stalled.truncation_error_ms > 1900).all()
    assert (stalled.phantom_words >= 9).all()
    # a mark and the time since: a stall counts only if the caller speaks within it
    marks = ran("bug-stall-counted-as-heard", truncation="marks_elapsed").truncations
    assert (marks.truncation_error_ms <= 0).all()


def test_what_is_queued_counted_as_heard() -> None:
    run = ran("bug-queued-counted-as-heard")
    ledger = run.truncations
    assert (ledger.verdict == "accepted").all()
    assert (ledger.truncation_error_ms > 1000).all()
    assert words(run, "phantom_words") > 40


def test_no_truncation() -> None:
    run = ran("bug-no-truncation")
    assert set(run.truncations.verdict) == {"not_sent"}
    assert (run.truncations.truncation_error_ms > 5000).all()
    assert words(run, "phantom_words") > 40
    assert "conversation.item.truncate" not in set(run.events.type)


def test_the_clamp_lost() -> None:
    (message,) = refusals(ran("bug-clamp-lost"))
    assert 0 < excess_ms(message) < 50
    assert refusals(ran("bug-clamp-lost", truncation="min_wall_received")) == []


def test_zero_before_the_first_frame() -> None:
    run = ran("bug-zero-before-the-first-frame")
    found = refusals(run)
    assert len(found) >= 5
    assert set(found) == {"Only model output audio messages can be truncated"}
    refused = run.truncations[run.truncations.verdict == "refused"]
    assert (refused.received_samples == 0).all()
    assert (refused.audio_end_ms == 0).all()


def test_truncated_although_heard() -> None:
    run = ran("bug-truncated-although-heard")
    ledger = run.truncations
    assert len(ledger) == 3
    assert (ledger.verdict == "accepted").all()
    assert (ledger.heard_samples == ledger.generated_samples).all()
    assert len(ran("bug-truncated-although-heard", **CURE).truncations) == 0


def test_everything_forgotten() -> None:
    run = ran("bug-everything-forgotten")
    ledger = run.truncations
    assert (ledger.kept_ms == 0).all()
    assert (ledger.forgotten_words == ledger.heard_words).all()
    assert words(run, "forgotten_words") > 20


def test_a_truncation_races_the_end() -> None:
    run = ran("bug-truncate-races-the-end")
    ledger = run.truncations
    assert (ledger.verdict == "accepted").all()
    late = ledger.item_id.iloc[-1]
    sent = first(run, "client", "conversation.item.truncate", late)
    assert first(run, "server", "response.output_audio.done", late) < sent
    done = run.events[(run.events.lane == "server") & run.events.type.eq(DONE)]
    response_id = ledger.response_id.iloc[-1]
    told = [data["response"]["id"] for data in done.data]
    assert sent < done.t_ns.iloc[told.index(response_id)]
    # and what the server holds is what was claimed, not what it closed
    assert ledger.kept_ms.iloc[-1] == ledger.audio_end_ms.iloc[-1]


def first(run: Run, lane: str, kind: str, item_id: str) -> int:
    events: pd.DataFrame = run.events
    found = events[
        (events.lane == lane) & (events.type == kind) & (events.item_id == item_id)
    ]
    return int(found.t_ns.iloc[0])


def test_a_buffer_that_plays_on() -> None:
    run = ran("bug-buffer-plays-on")
    long = run.truncations.head(2)
    assert (long.stop_latency_ms > 5000).all()
    assert (long.heard_samples == long.received_samples).all()
    assert words(run, "forgotten_words") > 40


def test_what_plays_on_is_in_the_recording_although_it_came_late(
    tmp_path: Path,
) -> None:
    """A client that interrupts by itself goes on to receive for a round trip."""
    scenario = bundled(
        "phone-plan",
        agent={"profile": "realtime-paced"},
        client={"on_interruption": "play_on", "player_options": {"lead_ms": 200}},
        channel={"downlink": {"delay_ms": 500}},
        session={"audio": {"input": {"turn_detection": None}}},
    )
    run = RunLog.of(scenario, tmp_path)
    came = {line["item_id"]: line["t_ns"] for line in run.on("client", DELTA)}
    settled = list(run.on("client", "interruption"))
    assert any(came[line["item_id"]] > line["t_ns"] for line in settled)
    check_right_channel(run)


@pytest.mark.parametrize("name", BUGS)
def test_a_scenario_names_its_threads_and_the_document_does_too(name: str) -> None:
    file = find_scenario(name)
    threads = re.findall(r"^# (https://\S+)$", file.read_text("utf-8"), re.MULTILINE)
    assert threads
    document = (ROOT / "docs" / "policies.md").read_text("utf-8")
    assert f"`{name}`" in document
    for thread in threads:
        assert thread in document


def test_every_known_bug_is_tested_here() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [name for name in BUGS if f'"{name}"' not in text] == []
