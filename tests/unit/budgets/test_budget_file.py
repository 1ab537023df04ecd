"""The budget file and the tolerances of the command line, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.budgets import Budget, Tolerance, load_budget, parse_tolerances
from voicelab.budgets.budget_file import merged
from voicelab.budgets.pooled import PooledBounds
from voicelab.errors import BudgetError
from voicelab.scenario.model import Bounds


def loaded(tmp_path: Path, text: str) -> Budget:
    file = tmp_path / "budget.yaml"
    file.write_text(text, "utf-8")
    return load_budget(file)


def test_a_budget(tmp_path: Path) -> None:
    text = """\
voicelab: 1
runs:
  "*": {unanswered: {max: 0}}
pooled:
  cut_in_rate: {max: 0.1, judged_by: estimate}
tolerances:
  cut_ins: {absolute: 1}
"""
    assert loaded(tmp_path, text) == Budget(
        voicelab=1,
        runs={"*": {"unanswered": Bounds(max=0)}},
        pooled={"cut_in_rate": PooledBounds(max=0.1, judged_by="estimate")},
        tolerances={"cut_ins": Tolerance(absolute=1)},
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runs: {}", "the key voicelab, the version of the format, is missing"),
        ("voicelab: 2", "budget.yaml:1: voicelab: "),
        ("voicelab: 1\nrun: {}", "budget.yaml:2: run: there is no such key"),
        (
            "voicelab: 1\nruns:\n  hotel:\n    cut_in: {max: 1}",
            "budget.yaml:4: runs.hotel.cut_in: there is no measure cut_in here",
        ),
        ("voicelab: 1\nruns: {h: {cut_in: {}}}", "; did you mean cut_ins?"),
        ("voicelab: 1\nruns: {h: {cut_ins: {}}}", "this is no limit; give max"),
        (
            "voicelab: 1\nruns: {h: {cut_ins: {min: 2, max: 1}}}",
            "nothing is between 2 and 1; swap them",
        ),
        ("voicelab: 1\npooled: {cut_ins: {max: 1}}", "there is no measure cut_ins"),
        ("voicelab: 1\npooled: {cut_in_rate: {}}", "this is no limit"),
        (
            "voicelab: 1\npooled: {stop_latency_p50_ms: {max: 1, judged_by: bound}}",
            "pooled.stop_latency_p50_ms.judged_by: a percentile is judged by its value",
        ),
        ("voicelab: 1\ntolerances: {turns: {absolute: 1}}", "no measure turns here"),
        ("voicelab: 1\ntolerances: {cut_ins: {absolute: -1}}", "-1 is out of range"),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BudgetError) as caught:
        loaded(tmp_path, text)
    assert says in str(caught.value)


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BudgetError, match="there is no such file"):
        load_budget(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("cut_ins=1", Tolerance(absolute=1)),
        ("cut_ins=5%", Tolerance(relative=0.05)),
        ("cut_ins=5%, 1.5", Tolerance(relative=0.05, absolute=1.5)),
        ("cut_ins=2,10%", Tolerance(relative=0.1, absolute=2)),
    ],
)
def test_tolerances(text: str, tolerance: Tolerance) -> None:
    assert parse_tolerances([text]) == {"cut_ins": tolerance}


@pytest.mark.parametrize(
    "told", ["", "=", "=x", "=-1", "=5%%", "=nan", "=inf", "=1,", "=5%,20,3", "=1%,2%"]
)
def test_no_tolerance(told: str) -> None:
    with pytest.raises(BudgetError, match="gives no tolerance; give cut_ins=5%"):
        parse_tolerances([f"cut_ins{told}"])


def test_a_tolerance_for_what_is_not_compared() -> None:
    with pytest.raises(BudgetError, match=r"no measure 'cut_in' .* mean cut_ins\?"):
        parse_tolerances(["cut_in=1"])
    with pytest.raises(BudgetError, match="tolerances: there is no measure 'cut_in'"):
        merged(None, {"cut_in": Tolerance(absolute=1)})


def test_what_is_given_prevails_over_the_file() -> None:
    file = {"cut_ins": Tolerance(absolute=1), "refused": Tolerance(absolute=2)}
    given = {"cut_ins": Tolerance(absolute=3)}
    assert merged(Budget(voicelab=1, tolerances=file), given) == {**file, **given}
    assert merged(None, given) == given
