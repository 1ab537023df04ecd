"""What is compared, and what a check keeps of a run."""

from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from tests.support.results import barge_in, make_run
from voicelab.budgets import JUDGED, MEASURES, measured
from voicelab.errors import RunFormatError
from voicelab.scenario.model import Bounds

NEITHER_GOOD_NOR_BAD = {
    "turns",
    "truncations",
    "barge_ins",
    "stopped_barge_ins",
    "ended_barge_ins",
    "ignored_backchannels",
}


def test_every_measure_is_compared_or_left_out_on_purpose() -> None:
    causes = {name for name in MEASURES if name.startswith("false_by_")}
    assert set(JUDGED) | NEITHER_GOOD_NOR_BAD | causes == set(MEASURES)
    assert not set(JUDGED) & (NEITHER_GOOD_NOR_BAD | causes)


def test_what_is_kept_of_a_run() -> None:
    scenario = {"seed": 7, "name": "x", "expect": {"cut_ins": {"max": 1}}, "client": 1}
    run = make_run(barge_in(), scenario=scenario)
    found = measured(run)
    assert (found.name, found.seed, found.run_id) == ("a <test>", 7, "0123456789ab")
    assert found.expect == {"cut_ins": Bounds(max=1)}
    assert found.measures["turns"] == 3
    assert found.measures["truncations"] == 1
    assert len(found.samples["response_latency"]) == 3
    assert len(found.samples["stop_latency"]) == 1


def test_settings_are_all_but_name_seed_and_expectations() -> None:
    def settings(**scenario: object) -> str:
        return measured(make_run(barge_in(), scenario=scenario)).settings

    assert settings(seed=1, name="a", expect={}) == settings(seed=2, name="b")
    assert settings(client=1) != settings(client=2)


def test_without_a_turn_its_counts_are_unknown() -> None:
    found = measured(make_run(LogBuilder()))
    assert found.measures["turns"] == 0
    assert found.measures["cut_ins"] is None
    assert found.measures["unanswered"] is None
    assert found.measures["refused"] == 0


def test_expectations_that_are_no_limits() -> None:
    run = make_run(barge_in(), scenario={"expect": {"cut_ins": 3}})
    with pytest.raises(RunFormatError, match="0123456789ab expects is no list of lim"):
        measured(run)
