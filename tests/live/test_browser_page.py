"""A spoken conversation in a real browser, over the bridge, with the server behind."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="needs playwright")
pytest.importorskip("fastapi", reason="needs fastapi")

from playwright.sync_api import Page, expect, sync_playwright

import voicelab as vl
from tests.support import clips
from tests.support.bridge_process import bridge_process
from tests.support.chromium import (
    EXECUTABLE,
    WHY_SKIPPED,
    Complaints,
    call,
    chromium,
    hang_up,
)
from tests.support.server_process import ServerProcess

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

BRISK = Path(__file__).parents[1] / "support" / "brisk.yaml"
TRANSCRIBED = "session.audio.input.transcription.model=gpt-4o-transcribe"

SILENCES = {"before_ms": 1000, "heard_ms": 5000, "after_ms": 30_000}
"""Of the caller: before the question, while the agent answers, at the end."""

WITHIN_MS = 30_000
"""The whole conversation takes half of that."""

LATE_MS = 1500
"""How far a claim may lag when the machine is busy: marks come from the page's timers.
On an idle one it is the output's delay and a mark's way, some 50 ms."""

EARLY_MS = 100
"""How far it may lead: between two marks the bridge goes by the clock."""


@dataclass(frozen=True)
class Conversation:
    """What a conversation left on the page, and in the record."""

    transcript: list[tuple[str, str, str]]
    turns: list[list[float | None]]
    median: str
    interruptions: str
    events: list[dict[str, Any]]
    marks: list[dict[str, Any]]
    complaints: list[str]
    record: Path


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    folder = tmp_path_factory.mktemp("page")
    recording = folder / "caller.wav"
    clips.write_question_and_interruption(recording, **SILENCES)
    record = folder / "calls"
    record.mkdir()
    with (
        ServerProcess("--scenario", "recipe", "--profile", str(BRISK)) as server,
        bridge_process(
            *("--upstream", server.url, "--set", TRANSCRIBED, "--record", str(record))
        ) as url,
        sync_playwright() as playwright,
        chromium(playwright, recording) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        complaints = Complaints(page)
        page.goto(url)
        talk(page)
        found = read(page, complaints, record)
    (kept,) = record.iterdir()  # whole, now that the bridge has ended
    return replace(found, record=kept)


def talk(page: Page) -> None:
    """Hold the conversation to the end of the second answer."""
    expect.set_options(timeout=WITHIN_MS)
    call(page)
    expect(page.get_by_text("Interrupted:")).to_be_visible()
    agent_items = page.locator("#transcript li.agent")
    expect(agent_items).to_have_count(2)
    expect(page.get_by_text("Agent speaking")).to_be_visible()
    expect(page.get_by_text("Agent silent")).to_be_visible()
    hang_up(page)


def read(page: Page, complaints: Complaints, record: Path) -> Conversation:
    """Read what the page shows."""
    transcript = [
        (
            item.locator("strong").inner_text(),
            " ".join((item.locator("p").text_content() or "").split()),
            " ".join("".join(item.locator(".unheard").all_text_contents()).split()),
        )
        for item in page.locator("#transcript li").all()
    ]
    turns = [
        [number(text) for text in row.locator("th, td").all_inner_texts()]
        for row in page.locator("#turns tr").all()
    ]
    page.get_by_label("Deltas and marks").check()
    events = [
        json.loads(detail)
        for detail in page.locator("#events li").evaluate_all(
            """rows => rows.map((row) => {
              row.querySelector("details").dispatchEvent(new Event("toggle"));
              return row.querySelector("pre").textContent;
            })"""
        )
    ]
    return Conversation(
        transcript=transcript,
        turns=turns,
        median=page.locator("#median").inner_text(),
        interruptions=page.locator("#interruptions").inner_text(),
        events=[event for event in events if "type" in event],
        marks=[event for event in events if "audio_ms" in event],
        complaints=complaints.said,
        record=record,
    )


def number(text: str) -> float | None:
    """Read a cell of the table; None for what is not known."""
    digits = re.sub(r"[^\d.-]", "", text)
    return float(digits) if digits else None


def test_both_sides_are_in_the_transcript(conversation: Conversation) -> None:
    said = [(who, text) for who, text, _ in conversation.transcript]
    assert [who for who, _ in said] == ["Caller", "Agent", "Caller", "Agent"]
    assert said[0][1] == clips.QUESTION
    assert clips.LONG_ANSWER in said[1][1]
    assert said[2][1] == clips.INTERRUPTION
    assert said[3][1] == clips.SHORT_ANSWER


def test_what_was_not_heard_is_greyed(conversation: Conversation) -> None:
    first, second = conversation.transcript[1], conversation.transcript[3]
    whole, unheard = first[1].removeprefix("(not heard:) "), first[2]
    assert unheard
    assert whole.endswith(unheard)
    assert whole.startswith(clips.LONG_ANSWER[:10])
    assert len(unheard) > len(whole) / 2, "five seconds of half a minute were heard"
    assert second[2] == ""


def test_the_truncation_is_where_the_player_was(conversation: Conversation) -> None:
    (truncated,) = (
        event
        for event in conversation.events
        if event["type"] == "conversation.item.truncated"
    )
    _, _, received, played, claimed, error = conversation.turns[0]
    assert received is not None
    assert played is not None
    assert claimed is not None
    assert error is not None
    assert truncated["audio_end_ms"] == claimed
    assert 1000 < played < SILENCES["heard_ms"] + 2000
    assert played < received
    assert 0 < claimed <= received
    assert -LATE_MS <= error <= EARLY_MS


def test_playback_stopped(conversation: Conversation) -> None:
    played = conversation.turns[0][3]
    item = conversation.marks[0]["item_id"]
    reached = [mark["audio_ms"] for mark in conversation.marks]
    of_the_first = [
        mark["audio_ms"] for mark in conversation.marks if mark["item_id"] == item
    ]
    assert played is not None
    assert of_the_first == sorted(of_the_first)
    assert max(of_the_first) <= played, "no mark that was dropped came back"
    assert reached[: len(of_the_first)] == of_the_first, "nor after the next item's"
    assert conversation.interruptions == "1"


def test_the_latency_of_each_turn_is_shown(conversation: Conversation) -> None:
    latencies = [row[1] for row in conversation.turns]
    assert len(latencies) == 2
    assert all(latency is not None and 0 < latency < 5000 for latency in latencies)
    assert re.fullmatch(r"[\d,]+ ms", conversation.median)


def test_the_console_stays_empty(conversation: Conversation) -> None:
    assert conversation.complaints == []


def test_the_record_tells_the_same(conversation: Conversation) -> None:
    run = vl.load_run(conversation.record)
    assert run.summary.truncations == 1
    row = run.truncations.iloc[0]
    assert row["verdict"] == "accepted"
    assert row["audio_end_ms"] == conversation.turns[0][4]
    caller = run.turns[run.turns.party == "caller"]
    assert list(caller.text) == [clips.QUESTION, clips.INTERRUPTION]
