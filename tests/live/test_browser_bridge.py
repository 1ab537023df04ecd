"""A spoken conversation over the browser bridge, by the wall clock, and its record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicelab as vl
from tests.support import clips
from tests.support.bridging import Page, bridging, call_settings, page_of
from tests.support.server_process import ServerProcess
from tests.support.sockets import on_sockets
from voicelab.audio.pcm import Samples
from voicelab.metrics.comparison import compare_runs

RATE_HZ = clips.RATE_HZ
ON_TIME_MS = 200
"""How far a claim may be from the truth on a busy machine: a mark is on its way, and a
page's timer late. What it is on an idle one is measured, not tested."""

SESSION: dict[str, Any] = {
    "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}
}


def said(text: str, silence_ms: int) -> Samples:
    return np.frombuffer(clips.pcm(text, silence_ms=silence_ms), np.int16)


@pytest.fixture(scope="module")
def conversation(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Page, Path]:
    """A question, an answer that is interrupted, a second answer, goodbye."""
    record = tmp_path_factory.mktemp("calls")
    brisk = Path(__file__).parents[1] / "support" / "brisk.yaml"
    held: list[Page] = []

    async def talk(page: Page) -> None:
        await page.hello()
        await page.until(lambda: page.of("ready"))
        await page.speak(said(clips.QUESTION, 1500))
        await page.until(lambda: page.of("audio"))
        await page.speak(said(clips.INTERRUPTION, 1500))
        await page.until_event("conversation.item.truncated")
        await page.speak(np.zeros(RATE_HZ * 4, np.int16))
        await page.until_event("response.done", 2)
        await page.speak(np.zeros(RATE_HZ * 2, np.int16))
        await page.send(bye={"reason": "thanks"})
        await page.close_code()
        held.append(page)

    with ServerProcess("--scenario", "recipe", "--profile", str(brisk)) as server:

        async def main() -> None:
            settings = call_settings(server.url, session=SESSION, record=record)
            async with bridging(settings) as bridge, page_of(bridge, RATE_HZ) as page:
                await talk(page)

        on_sockets(main)
    (folder,) = record.iterdir()
    return held[0], folder


def test_the_page_is_told_to_stop_and_plays_nothing_stale(
    conversation: tuple[Page, Path],
) -> None:
    page, _ = conversation
    assert len(page.of("clear")) == 1
    clear = next(i for i, m in enumerate(page.messages) if "clear" in m)
    items = [m["mark"]["item_id"] for m in page.messages[clear:] if "mark" in m]
    (truncated,) = page.events("conversation.item.truncated")
    assert truncated["item_id"] not in items


def test_the_claim_is_what_the_page_played(conversation: tuple[Page, Path]) -> None:
    page, _ = conversation
    (truncated,) = page.events("conversation.item.truncated")
    played_ms = page.stopped[0][truncated["item_id"]]
    assert 500 < played_ms < clips.LONG_ANSWER_MS
    assert abs(truncated["audio_end_ms"] - played_ms) <= ON_TIME_MS


def test_the_second_answer_is_heard_to_its_end(conversation: tuple[Page, Path]) -> None:
    _, folder = conversation
    run = vl.load_run(folder)
    heard = run.turns[run.turns.party == "agent"]
    assert list(heard.interrupted) == [True, False]
    assert heard.duration_ms.iloc[1] == pytest.approx(clips.SHORT_ANSWER_MS, abs=100)


def test_the_call_is_a_run_like_any_other(conversation: tuple[Page, Path]) -> None:
    _, folder = conversation
    run = vl.load_run(folder)
    assert run.is_live
    assert run.partial is None
    assert run.name == "browser call"
    assert len(run.usage) >= 2
    assert run.summary.truncations == 1
    assert run.summary.answered == 2
    assert "browser call" in run._repr_html_()
    assert "truncations=1" in repr(vl.plot.timeline(run))
    assert compare_runs(run, run).same_order


def test_the_caller_s_turns_are_found_and_transcribed(
    conversation: tuple[Page, Path],
) -> None:
    _, folder = conversation
    run = vl.load_run(folder)
    caller = run.turns[run.turns.party == "caller"]
    assert list(caller.text) == [clips.QUESTION, clips.INTERRUPTION]
    latency = run.latency
    assert list(latency.outcome) == ["answered", "answered"]
    assert (latency.response_latency_ms > 0).all()
    assert latency.response_latency_ms.max() < 3000
    assert latency.uplink_ns.isna().all(), "nobody can know that from outside"


def test_the_ledger_holds_what_is_known(conversation: tuple[Page, Path]) -> None:
    page, folder = conversation
    row = vl.load_run(folder).truncations.iloc[0]
    assert row["policy"] == "played"
    assert row["verdict"] == "accepted"
    assert row["turn"] == 1
    played_ms = page.stopped[0][row["item_id"]]
    assert abs(row["played_ms"] - played_ms) <= ON_TIME_MS
    assert abs(row["kept_ms"] - played_ms) <= ON_TIME_MS
    assert np.isnan(row["truncation_error_ms"]), "nobody observed the ear"


def test_the_recording_has_both_parties_where_they_spoke(
    conversation: tuple[Page, Path],
) -> None:
    _, folder = conversation
    run = vl.load_run(folder)
    left, right = run.audio[:, 0], run.audio[:, 1]
    question = said(clips.QUESTION, 0)
    assert np.array_equal(left[: len(question)], question)
    agent = run.turns[run.turns.party == "agent"]
    starts = [int(t_ns) * RATE_HZ // 10**9 for t_ns in agent.t_start_ns]
    ends = [int(t_ns) * RATE_HZ // 10**9 for t_ns in agent.t_end_ns]
    for start, end in zip(starts, ends, strict=True):
        assert np.abs(right[start:end]).mean() > 100
    assert not right[ends[0] + RATE_HZ // 10 : starts[1]].any()


def test_the_manifest_says_what_it_is(conversation: tuple[Page, Path]) -> None:
    _, folder = conversation
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["scenario"] is None
    assert manifest["seed"] is None
    assert manifest["turns_from"] == "vad"
    assert manifest["clock"] == "wall"
    assert manifest["bridge"] == {
        "leg": "browser",
        "call": 1,
        "encoding": "pcm",
        "rate_hz": RATE_HZ,
        "acknowledges": True,
        "policy": "played",
        "facts": {},
        "ended": "thanks",
    }
    assert manifest["live"]["url"].startswith("ws://127.0.0.1:")
    assert manifest["unobserved"][-1] == "ear"
    assert manifest["run_id"] == folder.name


def test_the_log_is_in_order(conversation: tuple[Page, Path]) -> None:
    _, folder = conversation
    lines = [
        json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()
    ]
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    instants = [line["t_ns"] for line in lines]
    assert instants == sorted(instants)
    assert {line["lane"] for line in lines} == {"client", "player", "agent", "user"}
