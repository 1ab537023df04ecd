"""Whole runs of a cascade whose stages take round times: every instant by hand.

The stages stand in for real ones: known words, the recorded replies, their recordings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.cascades import write_round_profile
from tests.support.runs import Line, RunLog, bundled

TRANSCRIBED = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}
DONE = "response.output_audio_transcript.done"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cascade")


@pytest.fixture(scope="module")
def cascade(folder: Path) -> dict[str, Any]:
    profile = write_round_profile(folder, tokens_per_s=100)
    return {"responder": "cascade", "cascade": {"profile": str(profile)}}


def held(folder: Path, name: str, agent: dict[str, Any]) -> RunLog:
    scenario = bundled("pizza-order", agent=agent, session=TRANSCRIBED)
    return RunLog.of(scenario, folder / name)


@pytest.fixture(scope="module")
def run(folder: Path, cascade: dict[str, Any]) -> RunLog:
    return held(folder, "cascade", cascade)


def stages_of(run: RunLog, response_id: str) -> list[Line]:
    lines = run.on("server", "response.stage")
    return [line for line in lines if line["data"]["response_id"] == response_id]


def of_response(run: RunLog, kind: str) -> dict[str, Line]:
    """Return the first event of a kind of each response."""
    first: dict[str, Line] = {}
    for line in run.on("server", kind):
        data = line["data"]
        response_id = data.get("response_id") or data["response"]["id"]
        first.setdefault(response_id, line)
    return first


def test_stages_follow_each_other_to_the_first_audio(run: RunLog) -> None:
    """300 ms, then 400 and 10 for each token after the first, then 200."""
    began = of_response(run, "response.created")
    heard = of_response(run, "response.output_audio.delta")
    assert len(heard) >= 4
    for response_id, delta in heard.items():
        noted = {
            (line["data"]["stage"], line["data"]["clause"]): line["data"]
            for line in stages_of(run, response_id)
        }
        words_ms = 0.0
        if ("stt", None) in noted:
            assert noted["stt", None]["began_ms"] == 0
            words_ms = noted["stt", None]["ended_ms"]
            assert words_ms == 300
        chat, speech = noted["chat", 0], noted["tts", 0]
        assert chat["began_ms"] == words_ms
        assert (chat["ended_ms"] - words_ms - 400) % 10 == 0
        assert speech["began_ms"] == chat["ended_ms"]
        assert speech["ended_ms"] == speech["began_ms"] + 200
        since_ns = delta["t_ns"] - began[response_id]["t_ns"]
        assert since_ns == round(speech["ended_ms"] * 1e6)


def test_a_transcript_is_there_when_the_first_stage_is_done(run: RunLog) -> None:
    committed = {
        line["item_id"]: line["t_ns"]
        for line in run.on("server", "input_audio_buffer.committed")
    }
    kind = "conversation.item.input_audio_transcription.completed"
    done = list(run.on("server", kind))
    assert len(done) == len(committed)
    for line in done:
        assert line["t_ns"] == committed[line["item_id"]] + 300_000_000


def test_it_says_what_the_recorded_agent_says(run: RunLog, folder: Path) -> None:
    """Word for word; what is interrupted at another moment ends at another word."""
    recorded = held(folder, "recorded", {"responder": "recorded"})
    said, expected = (
        [line["data"]["transcript"] for line in each.on("server", DONE)]
        for each in (run, recorded)
    )
    assert len(said) == len(expected) >= 4
    for one, other in zip(said, expected, strict=True):
        assert one.startswith(other) or other.startswith(one)


def test_a_second_run_is_the_same_to_the_byte(
    run: RunLog, folder: Path, cascade: dict[str, Any]
) -> None:
    again = held(folder, "again", cascade)
    for name in ("events.jsonl", "audio.wav"):
        first = np.frombuffer((run.folder / name).read_bytes(), np.uint8)
        second = np.frombuffer((again.folder / name).read_bytes(), np.uint8)
        assert np.array_equal(first, second)
