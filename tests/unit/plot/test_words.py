from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.support.results import make_run
from voicelab.errors import InputError
from voicelab.plot.tables import axis_name, gather, in_order, require, series
from voicelab.plot.words import percent, plain, quantile_of, signed, without_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.5, "1234"),
        (99.96, "100"),
        (12.34, "12.3"),
        (1.5, "1.5"),
        (0.0123, "0.0123"),
        (-3.0, "\N{MINUS SIGN}3"),
        (1e-12, "0"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert plain(value) == text


def test_signs_and_shares() -> None:
    assert (signed(5.0), signed(-5.0), signed(0.0)) == ("+5", "\N{MINUS SIGN}5", "0")
    assert percent(0.0312) == "3.12 %"


def test_a_quantile_is_refused_in_words() -> None:
    p95 = quantile_of([1.0, 2.0], 0.95)
    assert p95.refusal == "p95 refused: n = 2 < 20"
    assert p95.digest("ms") == "p95=refused (n=2 < 20)"
    assert quantile_of([], 0.5).digest("ms") == "p50=refused (n=0 < 1)"


def test_what_has_no_value_is_told_with_its_reason() -> None:
    values = np.array([1.0, np.nan, np.nan, np.nan])
    outcomes = ["answered", "merged", "unanswered", "unanswered"]
    table = pd.DataFrame({"outcome": outcomes})
    assert without_value(table, values) == "1 of 4 merged, 2 unanswered"
    assert without_value(pd.DataFrame(index=range(4)), values) == (
        "3 of 4 without a value"
    )
    assert without_value(table[:1], values[:1]) == ""


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("response_latency_ms", "response latency, ms"),
        ("endpointing_delay_p95_ms", "endpointing delay, p95, ms"),
        ("cut_in_rate", "cut in, share"),
        ("session.audio.output.speed", "speed"),
        ("channel.uplink.delay_ms", "delay, ms"),
    ],
)
def test_axes_have_units(column: str, label: str) -> None:
    assert axis_name(column) == label


def test_runs_tables_and_mappings_are_gathered() -> None:
    run = make_run()
    table = gather({"a": [run, run], "b": run.latency}, "x", "latency").table
    assert list(table["condition"]) == ["a"] * 6 + ["b"] * 3
    assert list(table["player"].dropna().unique()) == ["unknown player"]
    assert gather(run, "x", "latency").told == ("a <test>", "seed 7")


def test_several_tables_are_conversations() -> None:
    one = pd.DataFrame({"v": [1]})
    table = gather([one, one.assign(conversation="named")], "x").table
    assert list(table["conversation"]) == ["1", "named"]


def test_many_seeds_are_counted() -> None:
    assert gather(pd.DataFrame({"seed": range(9)}), "x").told == ("9 seeds, 0 to 8",)


def test_a_run_where_only_a_table_will_do_is_refused() -> None:
    with pytest.raises(InputError, match="Run cannot be drawn; give a table"):
        gather(make_run(), "x")


def test_a_table_that_no_run_has_is_told() -> None:
    with pytest.raises(InputError, match="x: a run has no table 'nope'; name one"):
        gather(make_run(), "x", "nope")


def test_a_column_that_is_nearly_right_is_guessed() -> None:
    with pytest.raises(InputError, match=r"no column 'heard'; did you mean heard_ms\?"):
        require(pd.DataFrame({"heard_ms": [1]}), ["heard"], "x")


def test_numbers_come_before_names() -> None:
    assert in_order(["b", 10, 9, "a", 10]) == [9, 10, "a", "b"]


def test_series_are_named_by_what_varies() -> None:
    table = pd.DataFrame({"detector": ["a", "a"], "snr_db": [10.0, 20.0]})
    assert list(series(table, ("detector", "snr_db"), "x", 8)) == ["10 dB", "20 dB"]
    assert list(series(table[:1], ("detector", "snr_db"), "x", 8)) == ["a"]
