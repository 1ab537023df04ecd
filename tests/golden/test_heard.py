"""What the caller heard of whole runs, held against what the server billed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runs import bundled
from voicelab.lab.experiment import run_scenario
from voicelab.result import Run, load_run

NAMES = ["dentist", "directions", "flight-change", "phone-plan"]


def made(parent: Path, name: str, **settings: object) -> Run:
    return load_run(run_scenario(bundled(name, **settings), parent))


def audio_billed(run: Run) -> int:
    return int(run.usage.audio_input_tokens.sum())


@pytest.mark.parametrize("name", NAMES)
def test_phantom_tokens_are_what_the_server_billed_on_top(
    name: str, tmp_path: Path
) -> None:
    """The same call costs so much more if the client never tells what was heard.

    An honest claim falls short of the truth by what was on its way to the ear, a few
    milliseconds: where that crosses 50 ms, it saves one more token at each reading.
    """
    told, untold = (
        made(tmp_path, name, client={"truncation": policy})
        for policy in ("played", "none")
    )
    assert len(told.truncations) == len(untold.truncations) > 0
    assert told.summary.billed_phantom_tokens == 0
    billed = untold.summary.billed_phantom_tokens
    assert billed is not None
    more = audio_billed(untold) - audio_billed(told)
    readings = len(untold.usage) * len(untold.truncations)
    assert 0 < billed <= more <= billed + readings
    if name != "flight-change":
        assert billed == more
    cost_usd = untold.phantom_cost_usd
    assert cost_usd is not None
    more_usd = untold.usage.cost_usd.sum() - told.usage.cost_usd.sum()
    assert 0 < cost_usd <= more_usd  # more: transcripts that were kept are billed, too


def test_backchannels_stop_an_agent_that_stops_for_any_speech(tmp_path: Path) -> None:
    summary = made(tmp_path, "directions").summary
    assert summary.false_by_backchannel == summary.false_barge_ins == 4
    assert summary.barge_ins == summary.ignored_backchannels == 0


def test_an_agent_that_never_stops_ignores_them_and_misses_barge_ins(
    tmp_path: Path,
) -> None:
    deaf = {
        "audio": {
            "input": {
                "turn_detection": {"type": "server_vad", "interrupt_response": False}
            }
        }
    }
    summary = made(tmp_path, "directions", session=deaf).summary
    assert (summary.false_barge_ins, summary.truncations) == (0, 0)
    assert summary.ignored_backchannels == 4
    summary = made(tmp_path, "dentist", session=deaf).summary
    assert summary.stopped_barge_ins == 0
    assert (summary.missed_barge_ins or 0) > 0


@pytest.mark.parametrize(
    ("channel", "cause"),
    [
        ({"echo": {"delay_ms": 120, "gain_db": 0}}, "echo"),
        ({"noise": {"audio": "cough", "snr_db": -5}}, "noise"),
    ],
)
def test_what_else_stops_an_agent_is_named(
    channel: dict[str, object], cause: str, tmp_path: Path
) -> None:
    run = made(tmp_path, "hotel-cafe", channel=channel)
    false = run.barge_ins[run.barge_ins.outcome == "false"]
    assert set(false.cause) == {cause}
    assert getattr(run.summary, f"false_by_{cause}") == len(false)
    assert run.summary.false_barge_ins == len(false)
    assert set(false.item_id) <= set(run.truncations.item_id)
