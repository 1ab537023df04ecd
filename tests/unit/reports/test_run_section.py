from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.logs import LogBuilder, staged_answer
from tests.support.results import barge_in, make_run
from voicelab.reports.index import index
from voicelab.reports.markup import Markup
from voicelab.reports.run_section import run_section
from voicelab.result import Run


def section(run: Run, *, is_only: bool = True) -> Markup:
    return run_section(run, 1, sound="none", is_only=is_only)


def words(markup: str) -> str:
    """Return what one reads, images and data left out."""
    shown = re.sub(r"<script.*?</script>", " ", markup, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


def rows(markup: str, caption: str) -> list[list[str]]:
    """Return the cells of the table below a caption."""
    _, _, after = markup.partition(f'<p class="caption">{caption}')
    body = after.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body)
    ]


@pytest.fixture(scope="module")
def whole() -> Markup:
    return section(make_run())


def test_its_name_is_text(whole: Markup) -> None:
    assert "a &lt;test&gt;" in whole
    assert "<test>" not in whole


def test_latency(whole: Markup) -> None:
    first, *_ = rows(whole, "Response latency")
    # The last frame arrives at 1040, speech_stopped goes out at 1560, the audio at
    # 1960; it arrives at 2010 and is heard at 2090.
    assert first[2:] == ["40", "520", "400", "50", "80", "1090", "", "answered"]


def test_truncations(whole: Markup) -> None:
    ((turn, at, policy, verdict, *numbers),) = rows(whole, "Interrupted answers")
    assert (turn, at, policy, verdict) == ("2", "3.21", "played", "accepted")
    # generated, heard, claimed, kept, error; the caller spoke at 3090, and the ear
    # fell silent at 2060 + 30 + 1152
    assert numbers[:6] == ["3000", "1152", "1200", "1200", "48", "152"]


def test_what_was_never_heard_is_told_only_where_there_is_some(whole: Markup) -> None:
    assert "believed said" not in words(whole)
    assert "refused with" not in words(whole)
    log = LogBuilder()
    log.response("resp-0", None, 0, done_ms=50)
    log.audio("agent-0", "resp-0", 10, 1000, words=["<never>", "heard"])
    log.interrupt(
        "agent-0", 100, received_ms=0, played_ms=0, claim_ms=0, refused="<too> long"
    )
    (row,) = rows(section(make_run(log)), "Interrupted answers")
    assert row[-2:] == ["&lt;never&gt; heard", "&lt;too&gt; long"]


def test_who_spoke(whole: Markup) -> None:
    first, second, *_ = rows(whole, "Turns")
    assert first[:3] == ["0.20", "caller", "Hello there"]
    assert second[:4] == ["2.09", "agent", "one", "1090"]


def test_budgets() -> None:
    limits = {"truncations": {"max": 0}, "turns": {"min": 1}}
    made = section(make_run(scenario={"expect": limits}))
    found = {row[0]: row[1:4] for row in rows(made, "What the scenario expects")}
    assert found["truncations"] == ["at most 0", "1", "failed"]
    assert found["turns"][2] == "passed"


def test_no_budgets(whole: Markup) -> None:
    assert "Budgets" not in words(whole)


def test_what_nobody_observed_is_said() -> None:
    run = make_run(unobserved=["server_ttfb", "vad scores"], partial="out of <money>")
    told = words(section(run))
    assert "Nobody could observe: server ttfb, vad scores." in told
    assert "The conversation broke off: out of &lt;money&gt;." in told


def test_a_server_seen_from_outside() -> None:
    log = LogBuilder(server=False)
    log.frames(3000)
    log.caller(0, 200, 1000)
    run = make_run(log, scenario=None, seed=None, clock="wall", unobserved=["uplink"])
    told = words(section(run))
    assert "TTFB, observed" in told
    assert "uplink" not in told.partition("Where the wait went")[2]
    assert "seed" not in told.partition("Where the wait went")[0]


def test_a_log_of_nothing() -> None:
    empty = section(make_run(LogBuilder()))
    told = words(empty)
    for sentence in (
        "The log tells of no turn of the caller.",
        "No answer was interrupted.",
        "Who spoke, or what was heard, is not known: nor are barge-ins.",
        "Nobody is known to have spoken.",
    ):
        assert sentence in told
    assert "Events (1," in told


def test_what_nobody_saw_is_not_said_to_be_none() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    log.answer("resp-0", "agent-0", None, 1500, 1000)
    assert "Nothing met the agent" in section(make_run(log))
    from_outside = section(make_run(log, unobserved=["ear"]))
    assert "is not known: nor are barge-ins" in from_outside
    assert "Nothing met" not in from_outside


def test_events_are_open_only_if_there_is_one_run() -> None:
    assert "open" in re.findall(r"<details[^>]*>", section(make_run()))[0]
    (closed,) = re.findall(r"<details[^>]*>", section(make_run(), is_only=False))
    assert "open" not in closed


@pytest.mark.parametrize(
    ("session", "shown"),
    [
        ({"audio": {"input": {"turn_detection": None}}}, "turn detection manual"),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "x": 5}}}},
            "turn detection server_vad, x 5",
        ),
        ({}, ""),
    ],
)
def test_turn_detection(session: dict[str, Any], shown: str) -> None:
    facts = words(section(make_run(session=session))).partition("Press")[0]
    assert shown in facts
    assert ("turn detection" in facts) is bool(shown)


def test_the_index_leads_to_each_run() -> None:
    runs = [
        make_run(run_id="1", scenario={"seed": 1}),
        make_run(barge_in(), run_id="2", scenario={"seed": 2}, partial="it rained"),
    ]
    made = index(runs)
    assert '<a href="#run-1">a &lt;test&gt;</a>' in made
    assert '<a href="#run-2">a &lt;test&gt; (broken off)</a>' in made
    first, second = rows(made, "One row a run")
    assert (first[1], second[1]) == ("1", "2"), "the seeds, which differ"
    assert first[2:5] == ["8.0", "3", "2"]
    assert "All runs together" in words(made)


def test_the_index_counts_budgets() -> None:
    kept = make_run(run_id="1", scenario={"expect": {"turns": {"max": 9}}})
    failed = make_run(run_id="2", scenario={"expect": {"turns": {"max": 0}}})
    first, second = rows(index([kept, failed]), "One row a run")
    assert first[-1] == "kept"
    assert second[-1] == "1 failed"
    assert "budgets" not in words(index([make_run()]))


def test_the_waits_of_a_cascade_are_shown_by_stage(whole: Markup) -> None:
    staged = section(make_run(staged_answer()))
    assert 'alt="StageWaterfall turns=1 ' in staged
    assert "stt=100 ms chat=150 ms tts=150 ms" in staged
    assert 'alt="LatencyWaterfall turns=3 ' in whole
    assert "StageWaterfall" not in whole
