from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.support.figures import named, words
from tests.support.results import make_run
from voicelab import plot
from voicelab.errors import InputError

TURNS = pd.DataFrame(
    {
        "party": ["agent", "agent", "caller", "caller", "agent", "caller"],
        "fto_ms": [1250.0, 1299.0, -50.0, 250.0, 210.0, None],
    }
)


def bars(picture: plot.Plot, party: str) -> dict[float, tuple[float, float]]:
    """Return foot and height of the bars that are not empty, by left edge."""
    return {
        round(bar.get_x(), 6): (bar.get_y(), bar.get_height())
        for bar in named(picture, f"bar-{party}")
        if bar.get_height()
    }


def test_offsets_are_counted_by_party_in_bins_of_100_ms() -> None:
    picture = plot.fto_histogram(TURNS)
    assert bars(picture, "agent") == {200: (0, 1), 1200: (0, 2)}
    assert bars(picture, "caller") == {-100: (0, 1), 200: (1, 1)}


def test_medians_and_overlaps_are_told() -> None:
    assert repr(plot.fto_histogram(TURNS)) == (
        "<FtoHistogram n=5 agent_median=1250 ms caller_median=100 ms overlaps=1>"
    )
    assert "agent takes over: median 1250 ms (n = 3)" in words(
        plot.fto_histogram(TURNS)
    )


def test_people_are_marked_with_the_source() -> None:
    picture = plot.fto_histogram(TURNS)
    (line,) = [each for each in named(picture, "human") if hasattr(each, "get_xdata")]
    assert list(line.get_xdata()) == [200, 200]
    assert "Stivers 2009; Levinson & Torreira 2015" in words(picture)


def test_the_side_of_overlaps_is_shaded_up_to_zero() -> None:
    picture = plot.fto_histogram(TURNS)
    (shade,) = named(picture, "overlap")
    assert shade.get_x() + shade.get_width() == pytest.approx(0)
    (zero,) = named(picture, "zero")
    assert list(zero.get_xdata()) == [0, 0]


def test_one_party_alone() -> None:
    picture = plot.fto_histogram(TURNS, party="caller")
    assert repr(picture) == "<FtoHistogram n=2 caller_median=100 ms overlaps=1>"
    assert "n = 2 floor transfers of 3 turns" in words(picture)


def test_offsets_beyond_the_view_are_counted_at_its_edge() -> None:
    far = pd.DataFrame({"fto_ms": [-7000.0, 200.0, 30_000.0, 30_100.0]})
    picture = plot.fto_histogram(far)
    assert repr(picture) == "<FtoHistogram n=4 median=15100 ms overlaps=1>"
    texts = words(picture)
    assert "1 below \N{MINUS SIGN}2.5 s" in texts
    assert "2 at 5 s or more" in texts


def test_a_run_is_taken_as_it_is() -> None:
    picture = plot.fto_histogram([make_run(), make_run(seed=8)])
    assert "seeds 7, 8" in words(picture)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TURNS.iloc[:0], "there is no row"),
        (TURNS[["party"]], "no column 'fto_ms'; its columns are party"),
        (TURNS.iloc[5:], "none of 1 rows has a value of 'fto_ms'"),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.fto_histogram(wrong)
    assert said in str(caught.value)


@pytest.mark.parametrize("party", ["nobody"])
def test_a_party_that_is_not_there_is_told(party: str) -> None:
    with pytest.raises(InputError, match="no turn is the nobody's; take"):
        plot.fto_histogram(TURNS, party=party)
