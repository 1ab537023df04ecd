"""A whole check, and how it is told."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from msgspec import structs

from tests.support.budgets import a_check, a_run, a_verdict
from voicelab.budgets import (
    Budget,
    baseline_of,
    check_measured,
    check_whole,
    github_annotations,
    junit,
)
from voicelab.errors import BudgetError
from voicelab.scenario.model import Bounds

LIMIT = {"cut_ins": Bounds(max=1)}


def test_everything_is_looked_at() -> None:
    runs = [a_run(expect=LIMIT, cut_ins=0), a_run(seed=2, expect=LIMIT, cut_ins=2)]
    budget = Budget(voicelab=1, runs={"*": {"refused": Bounds(max=0)}})
    before = baseline_of([a_run(cut_ins=0).kept(), a_run(seed=2, cut_ins=2).kept()])
    check = check_measured(runs, budget=budget, baseline=before)
    told = [(row.source, row.measure, row.outcome) for row in check.verdicts]
    assert told == [
        ("run", "complete", "passed"),
        ("scenario", "cut_ins", "passed"),
        ("run", "complete", "passed"),
        ("scenario", "cut_ins", "failed"),
        ("budget", "refused", "failed"),
        ("budget", "refused", "failed"),
        ("baseline", "cut_ins", "passed"),
    ]
    assert not check.passed
    assert len(check.failures) == 3
    assert [(row.source, row.outcome) for row in check.shown] == [
        ("scenario", "failed"),
        ("budget", "failed"),
        ("budget", "failed"),
        ("scenario", "passed"),
    ]
    assert repr(check) == "<Check 2 runs checked: 4 passed, 3 failed, 0 noted>"
    assert list(check.table["outcome"]) == [outcome for _, _, outcome in told]


@pytest.mark.parametrize("runs", [[], [a_run(cut_ins=0)]])
def test_nothing_to_check_is_an_error(runs: list[object]) -> None:
    with pytest.raises(BudgetError, match="nothing is checked"):
        check_measured(runs)  # type: ignore[arg-type]


def test_a_broken_run_without_expectations_is_nothing_to_check_either() -> None:
    with pytest.raises(BudgetError, match="nothing is checked"):
        check_measured([a_run(partial="hung up")])


def test_what_is_kept_first_came_to_its_end() -> None:
    check = check_whole([a_run(), a_run(seed=2, partial="hung up")])
    assert [row.outcome for row in check.verdicts] == ["passed", "failed"]
    with pytest.raises(BudgetError, match="there is no run"):
        check_whole([])


def test_html_escapes_what_it_shows() -> None:
    check = a_check(a_verdict(subject="<b>&", reason='"<i>"'))
    shown = check._repr_html_()
    assert "&lt;b&gt;&amp;" in shown
    assert "&quot;&lt;i&gt;&quot;" in shown
    assert "<b>" not in shown
    assert "font-weight: bold" in shown
    assert "font-weight" not in a_check(a_verdict("passed"))._repr_html_()


def test_where_nothing_is_worth_a_line_there_is_no_table() -> None:
    shown = a_check(
        structs.replace(a_verdict("passed"), source="baseline")
    )._repr_html_()
    assert shown == "<h4>1 run checked: 1 passed, 0 failed, 0 noted.</h4>"


def test_long_tables_are_cut_and_failures_come_first() -> None:
    rows = [a_verdict("passed", subject=f"run {n}") for n in range(60)]
    shown = a_check(*rows, a_verdict(subject="the bad one"))._repr_html_()
    assert shown.count("<tr") == 1 + 50
    assert shown.index("the bad one") < shown.index("run 0")
    assert "and 11 more in" in shown


# -- JUnit ------------------------------------------------------------------

REQUIRED = {
    "testsuites": set(),
    "testsuite": {"name", "tests", "failures", "errors", "time"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "skipped": {"message"},
}
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "skipped": {"message", "type"},
}
"""What Jenkins' junit-10.xsd allows, as far as it is used here."""

INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "skipped"},
}


def check_structure(element: ET.Element) -> None:
    """Hold an element and what is in it to the JUnit schema, as far as it goes."""
    assert REQUIRED[element.tag] <= set(element.attrib) <= ALLOWED[element.tag]
    assert {child.tag for child in element} <= INSIDE.get(element.tag, set())
    if element.tag == "testcase":
        assert len(element) <= 1
    if element.tag in ("testsuites", "testsuite"):
        cases = list(element.iter("testcase"))
        assert element.get("tests") == str(len(cases))
        assert element.get("failures") == str(len(list(element.iter("failure"))))
        assert element.get("errors") == "0"
    for child in element:
        check_structure(child)


def test_junit_is_parsed_back() -> None:
    nasty = 'caf\u00e9 "<&>" \x01\ufffe'
    check = a_check(
        a_verdict("passed"),
        a_verdict("noted", reason="noise"),
        a_verdict(subject=nasty, reason=f"{nasty} is 2"),
    )
    text = junit(check)
    root = ET.fromstring(text.encode())
    check_structure(root)
    passed, noted, failed = root.iter("testcase")
    assert [len(case) for case in (passed, noted, failed)] == [0, 1, 1]
    assert noted[0].tag == "skipped"
    (suite,) = root
    assert (suite.get("name"), suite.get("skipped")) == ("scenario", "1")
    kept = 'caf\u00e9 "<&>" \ufffd\ufffd'
    assert failed.get("classname") == kept
    assert failed[0].get("message") == f"{kept} is 2"
    assert failed[0].text == f"{kept}: {kept} is 2."


def test_each_source_is_a_suite() -> None:
    runs = [a_run(seed=seed, expect=LIMIT, cut_ins=0) for seed in (1, 2)]
    budget = Budget(voicelab=1, runs={"*": LIMIT})
    root = ET.fromstring(junit(check_measured(runs, budget=budget)).encode())
    check_structure(root)
    assert [suite.get("name") for suite in root] == ["budget", "run", "scenario"]


# -- annotations ------------------------------------------------------------


def test_annotations_are_escaped_and_for_failures_only() -> None:
    subject = "50%: a, b\r\nc"
    check = a_check(
        a_verdict("passed"), a_verdict("noted"), a_verdict(subject=subject, reason="x:")
    )
    assert github_annotations(check) == [
        "::error title=50%25%3A a%2C b%0D%0Ac%3A cut_ins::50%25: a, b%0D%0Ac: x:."
    ]


def test_an_annotation_is_one_command() -> None:
    """As the runner reads it: `::command key=value,key=value::message`."""
    (line,) = github_annotations(a_check(a_verdict(subject="::error::x")))
    found = re.fullmatch(r"::(\w+) ([^,:=]+)=([^,:]*)::(.*)", line)
    assert found is not None
    assert found.groups()[:3] == ("error", "title", "%3A%3Aerror%3A%3Ax%3A cut_ins")
