"""Which run is compared with which."""

from __future__ import annotations

from tests.support.budgets import a_run
from voicelab.budgets.measured import Measured, subjects
from voicelab.budgets.pairing import pair


def paired(before: list[Measured], now: list[Measured]) -> set[tuple[str, str]]:
    found = pair(before, now)
    return {(each.before.run_id, each.after.run_id) for each in found.pairs}


def test_equal_seeds_and_settings_come_first() -> None:
    before = [a_run(seed=s, settings=x, run_id=f"{x}{s}") for s in (1, 2) for x in "ab"]
    now = [a_run(seed=s, settings=x, run_id=f"{x}{s}'") for s in (2, 1) for x in "ab"]
    assert paired(before, now) == {
        ("a1", "a1'"),
        ("a2", "a2'"),
        ("b1", "b1'"),
        ("b2", "b2'"),
    }


def test_changed_settings_are_paired_by_seed() -> None:
    before = [a_run(seed=s, settings="old", run_id=f"{s}") for s in (1, 2)]
    now = [a_run(seed=s, settings="new", run_id=f"{s}'") for s in (2, 1)]
    assert paired(before, now) == {("1", "1'"), ("2", "2'")}


def test_other_seeds_are_paired_in_order() -> None:
    before = [a_run(seed=s, run_id=f"{s}") for s in (2, 1)]
    now = [a_run(seed=s, run_id=f"{s}'") for s in (8, 7)]
    assert paired(before, now) == {("1", "7'"), ("2", "8'")}
    assert not any(each.same_seed for each in pair(before, now).pairs)


def test_settings_are_kept_apart_when_the_seeds_are_others() -> None:
    before = [a_run(seed=1, settings=x, run_id=x) for x in "ab"]
    now = [a_run(seed=7, settings=x, run_id=f"{x}'") for x in "ba"]
    assert paired(before, now) == {("a", "a'"), ("b", "b'")}


def test_scenarios_are_never_mixed() -> None:
    found = pair([a_run("hotel")], [a_run("dentist")])
    assert not found.pairs
    assert [run.name for run in found.missing] == ["hotel"]
    assert [run.name for run in found.extra] == ["dentist"]


def test_nobody_guesses_which_settings_became_which() -> None:
    before = [a_run(settings=x) for x in "ab"]
    now = [a_run(settings=x) for x in "cd"]
    found = pair(before, now)
    assert (len(found.pairs), len(found.missing), len(found.extra)) == (0, 2, 2)


def test_what_changed_is_what_is_left() -> None:
    before = [a_run(settings=x, run_id=x) for x in "ab"]
    now = [a_run(settings=x, run_id=f"{x}'") for x in "ac"]
    assert paired(before, now) == {("a", "a'"), ("b", "c'")}


def test_too_many_on_one_side_are_left_over() -> None:
    found = pair([a_run(seed=1)], [a_run(seed=1), a_run(seed=2)])
    assert len(found.pairs) == 1
    assert [run.seed for run in found.extra] == [2]


def test_names_tell_runs_apart() -> None:
    runs = [a_run(seed=1), a_run(seed=2), a_run(seed=2, settings="x"), a_run(seed=None)]
    assert list(subjects(runs).values()) == [
        "hotel seed 1",
        "hotel seed 2 (hotel-2-s)",
        "hotel seed 2 (hotel-2-x)",
        "hotel",
    ]
