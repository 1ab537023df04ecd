"""Each fault in a whole conversation: what it does, and that nothing else breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

import voicelab as vl
from tests.support.runs import (
    DELTA,
    Line,
    RunLog,
    bundled,
    check_left_channel,
    check_positions,
    check_right_channel,
    check_spans,
)
from voicelab.errors import EXIT_FAR_SIDE, VoicelabError
from voicelab.faults import FAULT_KINDS, parse_fault
from voicelab.result import load_run
from voicelab.scenario.model import Scenario

NAME = "phone-plan"  # short, with three barge-ins
TEXTS = [
    "late",
    "late:rate=0.3,reorder=true",
    "late:rate=1,delay_ms=2500",
    "duplicate",
    "duplicate:rate=1",
    "drop:rate=0.3",
    "drop:rate=1",
    "drop:rate=1,on=response.done",
    "drop:rate=1,on=response.created",
    "drop:rate=1,on=response.output_item.added,conversation.item.added",
    "drop:rate=1,on=input_audio_buffer.speech_started",
    "drop:rate=1,on=response.output_audio.done",
    "late_transcript",
    "late_transcript:delay_ms=900",
    "stall",
    "stall:after_ms=0,duration_ms=6000",
    "commit_error:rate=0.5",
    "rate_limit",
    "response_failed",
    "response_failed:after_ms=400",
    "no_response",
    "stray_error",
]
ENDINGS = ["disconnect", "disconnect:at=3,code=1011,reason=gone", "expire:after_s=10"]
MANUAL = {
    "audio": {
        "input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}
    }
}


def with_faults(*texts: str, **settings: Any) -> Scenario:
    faults = [msgspec.to_builtins(parse_fault(text)) for text in texts]
    return bundled(NAME, faults=faults, **settings)


def strikes(run: RunLog) -> list[Line]:
    return list(run.on("server", "fault"))


def statuses(run: RunLog) -> list[str]:
    done = run.on("client", "response.done")
    return [line["data"]["response"]["status"] for line in done]


def without_strikes(run: RunLog) -> list[Line]:
    """Return a run's lines without those that tell of faults, numbered anew."""
    kept = [line for line in run.lines if line["type"] != "fault"]
    return [line | {"seq": seq} for seq, line in enumerate(kept)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    return RunLog.of(bundled(NAME), tmp_path_factory.mktemp("plain"))


def test_every_kind_is_tried() -> None:
    assert {text.partition(":")[0] for text in TEXTS + ENDINGS} == set(FAULT_KINDS)


@pytest.mark.parametrize("session", [{}, MANUAL], ids=["vad", "manual"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_conversation_survives(
    text: str, session: dict[str, Any], tmp_path: Path
) -> None:
    """It comes to its end, its record is consistent, and its tables can be made."""
    run = RunLog.of(with_faults(text, session=session), tmp_path)
    never = "speech_started" if session else "commit_error"
    assert bool(strikes(run)) == (never not in text)
    check_positions(run)
    check_spans(run)
    check_left_channel(run)
    check_right_channel(run)
    assert run.end_ns < 150e9
    made = load_run(run.folder)
    tables = (made.turns, made.latency, made.truncations, made.vad, made.speech_rate)
    assert all(len(table.columns) for table in tables)
    assert made._repr_html_()


@pytest.mark.parametrize("text", TEXTS[::3])
def test_a_faulty_run_comes_out_the_same_again(text: str, tmp_path: Path) -> None:
    one, two = (
        RunLog.of(with_faults(text), tmp_path / folder) for folder in ("one", "two")
    )
    for name in ("events.jsonl", "audio.wav"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()
    assert one.manifest["run_id"] == two.manifest["run_id"]


def test_a_fault_that_never_strikes_changes_nothing(
    plain: RunLog, tmp_path: Path
) -> None:
    never = [f"{kind}:rate=0" for kind in FAULT_KINDS if kind != "expire"]
    run = RunLog.of(with_faults(*never, "expire:after_s=3600"), tmp_path)
    for name in ("events.jsonl", "audio.wav"):
        assert (run.folder / name).read_bytes() == (plain.folder / name).read_bytes()
    assert run.manifest["run_id"] != plain.manifest["run_id"]


def test_a_stalled_reply_falls_silent_and_goes_on(tmp_path: Path) -> None:
    run = RunLog.of(with_faults("stall:at=1,duration_ms=3000"), tmp_path)
    (strike,) = strikes(run)
    first, second = run.spans("agent")[:2]
    assert first.item_id == second.item_id == strike["item_id"]
    assert (first.reason, second.first) == ("drained", first.end)
    # what was sent is heard; then nothing, until the stall is over and it plays again
    resumed_ns = strike["t_ns"] + 3_000_000_000
    after = next(
        line
        for line in run.on("server", DELTA)
        if line["item_id"] == first.item_id and line["t_ns"] > strike["t_ns"]
    )
    assert after["t_ns"] == resumed_ns
    assert second.start_ns > resumed_ns > first.stop_ns


def test_dropped_audio_is_not_heard(plain: RunLog, tmp_path: Path) -> None:
    run = RunLog.of(with_faults("drop:at=3,4,5"), tmp_path)
    lost = {strike["data"]["event_id"] for strike in strikes(run)}
    assert len(lost) == 3
    item_id = strikes(run)[0]["item_id"]
    sizes = {
        line["data"]["event_id"]: line["data"]["audio"]["bytes"] // 2
        for line in plain.on("server", DELTA)
        if line["item_id"] == item_id
    }
    whole, heard = (
        sum(
            span.end - span.first
            for span in each.spans("agent")
            if span.item_id == item_id
        )
        for each in (plain, run)
    )
    assert lost < set(sizes)
    assert whole - heard == sum(sizes[event_id] for event_id in lost)
    told = [
        next(line["data"] for line in each.on("server", "reply.audio"))
        for each in (plain, run)
    ]
    assert told[0]["samples"] - told[1]["samples"] == whole - heard
    assert len(told[1]["words"]) < len(told[0]["words"])


def test_a_stray_error_disturbs_nothing_else(plain: RunLog, tmp_path: Path) -> None:
    run = RunLog.of(with_faults("stray_error"), tmp_path)
    lines = [line for line in without_strikes(run) if line["type"] != "error"]
    assert [line | {"seq": 0} for line in lines] == [
        line | {"seq": 0} for line in plain.lines
    ]
    assert (
        len(list(run.on("client", "error"))) == len(strikes(run)) == len(statuses(run))
    )


def test_late_transcripts_come_after_their_replies(tmp_path: Path) -> None:
    run = RunLog.of(with_faults("late_transcript:of=agent"), tmp_path)
    names = ("response.done", "response.output_audio_transcript.done")
    told = [
        (
            line["type"],
            line["data"].get("response_id") or line["data"]["response"]["id"],
        )
        for line in run.on("client", *names)
    ]
    places = {entry: place for place, entry in enumerate(told)}
    transcripts = [entry for entry in told if entry[0] == names[1]]
    assert transcripts
    for _, response_id in transcripts:
        assert places[names[1], response_id] > places[names[0], response_id]


@pytest.mark.parametrize("kind", ["rate_limit", "response_failed", "no_response"])
def test_a_caller_without_an_answer_goes_on(kind: str, tmp_path: Path) -> None:
    # the agent opens, so it is the answer to the caller's first turn that is struck
    run = RunLog.of(with_faults(f"{kind}:at=2"), tmp_path)
    first, second = list(run.on("user", "turn.start"))[:2]
    assert "patience" not in first["data"]
    assert second["data"]["patience"] is True
    answered = [status for status in statuses(run) if status != "failed"]
    assert len(statuses(run)) - len(answered) == (kind != "no_response")
    latency = load_run(run.folder).latency
    assert list(latency["outcome"])[:2] == ["unanswered", "answered"]


def test_a_refused_commit_is_not_answered_as_a_turn(tmp_path: Path) -> None:
    run = RunLog.of(with_faults("commit_error:at=2", session=MANUAL), tmp_path)
    (strike,) = strikes(run)
    commits = list(run.on("client", "input_audio_buffer.commit"))
    (error,) = (
        line["data"]["error"]
        for line in run.on("client", "error")
        if line["data"]["event_id"] == strike["data"]["event_id"]
    )
    assert error["event_id"] == commits[1]["data"]["event_id"]
    committed = list(run.on("client", "input_audio_buffer.committed"))
    assert len(committed) == len(commits) - 1


@pytest.mark.parametrize("text", ENDINGS)
def test_a_connection_that_ends_leaves_the_record_until_then(
    text: str, plain: RunLog, tmp_path: Path
) -> None:
    with pytest.raises(VoicelabError, match="marked partial") as caught:
        RunLog.of(with_faults(text), tmp_path)
    assert caught.value.exit_code == EXIT_FAR_SIDE
    (folder,) = tmp_path.iterdir()
    run = RunLog.read(folder)
    assert run.manifest["partial"]
    (strike,) = strikes(run)
    told = without_strikes(run)
    until = [line for line in told if line["t_ns"] < strike["t_ns"]]
    assert until == plain.lines[: len(until)]
    assert run.end_ns - strike["t_ns"] < 200e6  # the downlink's delay
    check_left_channel(run)
    made = load_run(folder)
    assert all(len(table.columns) for table in (made.turns, made.latency, made.vad))


def test_a_conversation_that_broke_off_in_mid_turn_has_its_tables(
    tmp_path: Path,
) -> None:
    with pytest.raises(VoicelabError, match="marked partial"):
        vl.run("phone-plan", out=tmp_path, faults=[{"kind": "expire", "after_s": 9}])
    (folder,) = tmp_path.iterdir()
    run = load_run(folder)
    spoken = run.events[run.events.lane == "user"]
    assert list(spoken.type)[-1] == "turn.start"  # and no end
    caller = run.turns[run.turns.party == "caller"]
    assert list(caller.turn) == [0, 1]
    assert caller.t_end_ns.iloc[-1] == run.log.end_ns
    whole = vl.run("phone-plan").turns
    (said,) = whole[whole.turn == 1].text
    assert said.startswith(caller.text.iloc[-1] + " ")
    assert list(run.barge_ins.outcome) == ["stopped"]


def test_the_client_hears_how_it_ended(tmp_path: Path) -> None:
    with pytest.raises(VoicelabError, match=r"close code 1011: gone"):
        RunLog.of(with_faults(ENDINGS[1]), tmp_path)
    with pytest.raises(VoicelabError, match=r"close code 1006\)"):
        RunLog.of(with_faults(ENDINGS[0]), tmp_path)
