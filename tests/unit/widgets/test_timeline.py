"""The drawn timeline holds what the metrics say, in its own place."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import voicelab as vl
from tests.support.runs import bundled
from voicelab import metrics
from voicelab.lab.experiment import simulate
from voicelab.plot import style
from voicelab.plot.swimlanes import API_EVENTS, CUT_IN
from voicelab.result import Run
from voicelab.units import NS_PER_S
from voicelab.widgets import svg
from voicelab.widgets.timeline import WIDTH_PX, described, timeline_svg

LEFT_PX, RIGHT_PX = 150, 12


def run_of(name: str, **settings: object) -> Run:
    done = simulate(bundled(name, **settings))
    return Run(done.manifest, done.log, done.audio)


@pytest.fixture(scope="module")
def run() -> Run:
    return run_of("dentist")


@pytest.fixture(scope="module")
def drawn(run: Run) -> ET.Element:
    return ET.fromstring(timeline_svg(run))


def x_of(run: Run, t_ns: int) -> float:
    length_s = len(run.audio) / run.audio_rate_hz
    return LEFT_PX + t_ns / NS_PER_S * (WIDTH_PX - LEFT_PX - RIGHT_PX) / length_s


def places(drawn: ET.Element, fill: str) -> list[float]:
    return [
        float(bar.get("x", "")) for bar in drawn.iter("rect") if bar.get("fill") == fill
    ]


def test_each_caller_turn_stands_where_it_was_spoken(
    run: Run, drawn: ET.Element
) -> None:
    expected = [x_of(run, t.start_ns) for t in run.facts.caller_turns if t.is_turn]
    assert places(drawn, style.USER) == pytest.approx(expected, abs=0.06)


def test_what_was_heard_stands_where_it_was_heard(run: Run, drawn: ET.Element) -> None:
    items = run.facts.agent_items.values()
    expected = [x_of(run, part.start_ns) for item in items for part in item.heard]
    assert places(drawn, style.AGENT_HEARD) == pytest.approx(expected, abs=0.06)


def test_the_words_of_a_turn_are_told_where_the_pointer_rests(
    run: Run, drawn: ET.Element
) -> None:
    told = {title.text for title in drawn.iter("title")}
    assert {turn.text for turn in run.facts.caller_turns} <= told


def test_latencies_errors_and_cut_ins_are_written(run: Run, drawn: ET.Element) -> None:
    texts = [element.text for element in drawn.iter("text")]
    for row in metrics.turn_latencies(run.facts):
        if row.response_latency_ms is not None:
            assert f"{row.response_latency_ms:.0f}" in texts
    assert texts.count(CUT_IN) == len(metrics.cut_ins(run.facts)) > 0
    errors = [row.truncation_error_ms for row in metrics.truncations(run.facts)]
    assert errors
    assert texts.count("\N{MINUS SIGN}1") == len(errors)


def test_a_rule_runs_through_all_lanes_at_each_truncation(
    run: Run, drawn: ET.Element
) -> None:
    rules = [r for r in drawn.iter("line") if r.get("stroke") == style.OVERLAP]
    expected = [x_of(run, row.t_ns) for row in metrics.truncations(run.facts)]
    assert [float(r.get("x1", "")) for r in rules] == pytest.approx(expected, abs=0.06)


def test_every_wire_event_has_its_mark(run: Run, drawn: ET.Element) -> None:
    marks = [p.get("d", "") for p in drawn.iter("path") if "m" in p.get("d", "")]
    counts = [len(run.log.of("server", kind)) for kind, _, _ in API_EVENTS.values()]
    assert [mark.count("M") for mark in marks] == counts


def test_it_says_in_words_what_it_shows(run: Run, drawn: ET.Element) -> None:
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == described(run)
    assert described(run).startswith("Timeline of dentist, 58 s: 6 caller turns")
    assert "median response latency 1487 ms" in described(run)


def test_unheard_audio_is_hatched(drawn: ET.Element) -> None:
    assert len(places(drawn, "url(#vl-hatch)")) == 2


def test_nothing_to_tell_is_no_error() -> None:
    silent = run_of("dentist", session={"audio": {"input": {"turn_detection": None}}})
    told = ET.fromstring(timeline_svg(silent))
    assert "d" in next(told.iter("path")).attrib


def test_equal_runs_are_drawn_alike(run: Run) -> None:
    assert timeline_svg(run) == timeline_svg(run_of("dentist"))


def test_a_saved_run_is_drawn_like_the_run(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    saved = vl.load_run(run.save(tmp_path_factory.mktemp("saved")))
    assert timeline_svg(saved) == timeline_svg(run)


# -- the pieces ---------------------------------------------------------------


def test_text_from_outside_is_escaped() -> None:
    assert svg.text(0, 0, "<b>&").count("&lt;b&gt;&amp;") == 1
    assert "<b>" not in svg.bar(0, 0, 1, 1, "#000", "<b>")


def test_lines_of_a_text_are_centred_on_its_place() -> None:
    heights = re.findall(r' y="([\d.]+)"', svg.text(0, 50, "one\ntwo"))
    assert heights == ["44.0", "56.0"]


def test_steps_hold_each_value_to_the_next() -> None:
    drawn = svg.steps(np.array([0.0, 1.0, 2.0]), np.array([5.0, 7.0, 9.0]), 10, "#000")
    # in tenths: from the foot up to 5, on to 1, up to 7, on to 2, up to 9, back down
    assert 'd="M0 100V50H10V70H20V90V100Z"' in drawn


def test_nothing_is_drawn_of_nothing() -> None:
    nothing = np.empty(0)
    assert svg.area(nothing, nothing, nothing, "#000") == ""
    assert svg.steps(nothing, nothing, 0, "#000") == ""
    assert svg.marks([], 0, ">", "#000") == ""
