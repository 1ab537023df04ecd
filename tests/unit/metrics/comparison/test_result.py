from __future__ import annotations

import pytest

from tests.support.comparing import compared
from tests.support.logs import LogBuilder
from voicelab.metrics.comparison import Comparison
from voicelab.metrics.comparison.alignment import EventPair
from voicelab.units import ms_to_ns


def comparison(differences_ms: list[float], t_a_ms: float = 1000) -> Comparison:
    pairs = [
        EventPair(
            lane="client",
            type="response.done",
            subject=f"answer to turn {number}",
            number=0,
            t_a_ns=ms_to_ns(t_a_ms),
            t_b_ns=ms_to_ns(t_a_ms + difference_ms),
            in_turn_ns=ms_to_ns(difference_ms / 2),
        )
        for number, difference_ms in enumerate(differences_ms)
    ]
    return Comparison(pairs, {}, [], [], [])


@pytest.mark.parametrize(
    ("count", "median", "p95", "p99"),
    [
        (1, 1, 1, 1),
        (2, 1, 2, 2),
        (3, 2, 3, 3),
        (20, 10, 19, 20),
        (99, 50, 95, 99),
        (100, 50, 95, 99),
        (1000, 500, 950, 990),
    ],
)
def test_percentiles_are_values_that_were_there(
    count: int, median: float, p95: float, p99: float
) -> None:
    signed = [value if value % 2 else -value for value in range(1, count + 1)]
    told = comparison([float(each) for each in signed]).overall
    assert told is not None
    assert (told.n, told.median_ms, told.p95_ms, told.p99_ms, told.worst_ms) == (
        count,
        median,
        p95,
        p99,
        count,
    )


def test_the_sign_is_kept_where_it_tells_something() -> None:
    told = comparison([-5.0, -3.0, 1.0]).overall
    assert told is not None
    assert told.later_ms == -3
    assert told.median_ms == 3


def test_the_handshake_counts_only_by_type() -> None:
    found = comparison([-10.0], t_a_ms=0)
    assert found.overall is None
    assert [row.type for row in found.timings] == ["response.done"]
    assert repr(found) == "<Comparison same order, no event in common>"


def test_tables_have_their_columns_even_if_nothing_is_in_them() -> None:
    found = compared(LogBuilder(), LogBuilder())
    assert list(found.order) == [
        "rule",
        "where",
        "first",
        "second",
        "apart_a_ms",
        "apart_b_ms",
    ]
    assert list(found.unmatched)[:4] == ["run", "lane", "type", "n"]
    assert list(found.values)[-3:] == ["a", "b", "difference"]
    assert list(found.settings) == ["path", "a", "b"]
    assert found.events["difference_ns"].dtype == "int64"


def test_a_comparison_shows_itself() -> None:
    found = comparison([2.0, 4.0, 40.0])
    assert repr(found) == (
        "<Comparison same order n=3 median=4.0 ms p99=40.0 ms worst=40.0 ms>"
    )
    page = found._repr_html_()
    assert "The order of events is equal." in page
    assert "within the turn" in page
    assert "Only in one run" not in page
