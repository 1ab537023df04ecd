from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import all_axes, named, words
from tests.support.results import make_run
from voicelab import plot
from voicelab.errors import InputError
from voicelab.plot.words import MINUS

LEDGER = pd.DataFrame(
    {
        "player": ["browser", "browser", "twilio", "twilio"],
        "heard_ms": [1000.0, 2000.0, 1500.0, 500.0],
        "audio_end_ms": [1100, pd.NA, 1400, 900],
        "kept_ms": [1100.0, 5000.0, 1400.0, 3000.0],
        "truncation_error_ms": [100.0, 3000.0, -100.0, 2500.0],
        "verdict": ["accepted", "not_sent", "accepted", "refused"],
    }
).astype({"audio_end_ms": "Int64"})


def points(picture: plot.Plot, name: str) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for line in named(picture, name)
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def test_claims_are_drawn_against_what_was_heard() -> None:
    picture = plot.truncation_scatter(LEDGER)
    assert points(picture, "accepted") == [(1000, 1100), (1500, 1400)]
    assert points(picture, "refused") == [(500, 900)]


def test_what_was_not_claimed_stands_where_it_is_kept() -> None:
    picture = plot.truncation_scatter(LEDGER)
    assert points(picture, "not_sent") == [(2000, 5000)]
    assert "no claim: all is kept" in words(picture)


def test_errors_are_signed_lines_from_zero() -> None:
    picture = plot.truncation_scatter(LEDGER)
    lengths = {
        name: [
            segment[:, 1].tolist()
            for drawn in named(picture, name)
            for segment in drawn.get_segments()
        ]
        for name in ("phantom", "forgotten")
    }
    assert lengths["phantom"] == [[0, 100], [0, 3000], [0, 2500]]
    assert lengths["forgotten"] == [[0, -100]]


def test_each_decade_of_large_errors_is_named_and_divided() -> None:
    picture = plot.truncation_scatter(LEDGER)
    (strip,) = all_axes(picture.figure)[2::4]
    named_ms = [label.get_text() for label in strip.get_yticklabels()]
    assert named_ms == [f"{MINUS}1000", f"{MINUS}100", "0", "+100", "+1000"]
    assert {2000, 3000, -200} <= set(strip.yaxis.get_minorticklocs())


def test_where_decades_do_not_fit_whole_seconds_are_named() -> None:
    far = LEDGER.assign(truncation_error_ms=[500_000.0, 1.0, -2.0, 3.0])
    strip = all_axes(plot.truncation_scatter(far).figure)[2]
    named_ms = [label.get_text() for label in strip.get_yticklabels()]
    assert named_ms == [f"{MINUS}1000", "0", "+1000"]


def test_each_player_has_a_panel_and_the_diagonal() -> None:
    picture = plot.truncation_scatter(LEDGER)
    assert len(all_axes(picture.figure)) == 1 + 2 * 2
    for line in named(picture, "identity"):
        assert list(line.get_xdata()) == list(line.get_ydata())
    assert repr(picture) == (
        "<TruncationScatter browser: n=2 median=1550 ms worst=3000 ms; "
        "twilio: n=2 median=1200 ms worst=2500 ms refused=1>"
    )


def test_a_table_without_a_player_is_one_panel() -> None:
    picture = plot.truncation_scatter(LEDGER.drop(columns="player"))
    assert repr(picture).startswith("<TruncationScatter n=4 ")


def test_a_run_knows_its_player() -> None:
    client = {"client": {"player": "browser"}}
    picture = plot.truncation_scatter(make_run(scenario=client))
    assert repr(picture) == "<TruncationScatter browser: n=1 median=48 ms worst=48 ms>"


def test_what_nobody_observed_is_counted() -> None:
    unseen = LEDGER.assign(heard_ms=[1000.0, np.nan, np.nan, np.nan])
    picture = plot.truncation_scatter(unseen)
    assert "3 not observed" in words(picture)
    assert "twilio" not in repr(picture)


@pytest.mark.parametrize(
    ("wrong", "by", "said"),
    [
        (LEDGER.iloc[:0], "player", "there is no row"),
        (LEDGER, "policy", "no column 'policy'"),
        (LEDGER.drop(columns="heard_ms"), None, "no column 'heard_ms'"),
        (LEDGER.assign(heard_ms=np.nan), None, "nobody observed what was heard"),
        (
            pd.concat([LEDGER.assign(player=str(i)) for i in range(13)]),
            "player",
            "13 values of 'player' cannot be told apart; choose at most 12",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: Any, by: str | None, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.truncation_scatter(wrong, by=by)
    assert said in str(caught.value)
