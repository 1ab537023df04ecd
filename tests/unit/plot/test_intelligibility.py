from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tests.support.figures import named, words
from voicelab import plot
from voicelab.errors import InputError

CELLS = pd.DataFrame(
    {
        "speed": [2.0, 1.0, 1.0, 2.0],
        "line": ["wide", "wide", "telephone", "telephone"],
        "snr_db": [np.nan] * 4,
        "lever": "stretch",
        "voice": "joe",
        "recogniser": "ear",
        "answers": 15,
        "words": 256,
        "word_error_rate": [0.2, 0.02, 0.05, 0.5],
        "low": [0.1, 0.01, 0.02, 0.4],
        "high": [0.3, 0.03, 0.08, 0.6],
        "wpm_gross": [300, 150, 150, 300],
        "understood_wpm": [240, 147, 142.5, 150],
        "understood_low": [210, 145.5, 138, 120],
        "understood_high": [270, 148.5, 147, 180],
    }
)


def test_a_line_for_each_condition_in_order_of_speed() -> None:
    picture = plot.intelligibility(CELLS)
    wide, thin, wide_wpm, thin_wpm = named(picture, "line")
    assert wide.get_xydata().tolist() == [[1, 2], [2, 20]]
    assert thin.get_xydata().tolist() == [[1, 5], [2, 50]]
    assert wide_wpm.get_xydata().tolist() == [[1, 147], [2, 240]]
    assert thin_wpm.get_xydata().tolist() == [[1, 142.5], [2, 150]]


def test_the_bands_are_the_intervals() -> None:
    first, *_ = named(plot.intelligibility(CELLS), "band")
    corners = first.get_paths()[0].vertices
    assert sorted(set(np.round(corners[:, 1], 6))) == [1, 3, 10, 30]


def test_the_rate_as_it_is_spoken_stands_behind() -> None:
    spoken = named(plot.intelligibility(CELLS), "spoken")
    assert [line.get_xydata().tolist() for line in spoken] == [
        [[1, 150], [2, 300]],
        [[1, 150], [2, 300]],
    ]


def test_conditions_are_named_by_what_varies() -> None:
    assert "\nwide\n" in words(plot.intelligibility(CELLS))
    told = words(plot.intelligibility(pd.concat([CELLS, CELLS.assign(snr_db=10.0)])))
    for name in ("wide, quiet", "telephone, 10 dB"):
        assert f"\n{name}\n" in told


def test_as_many_conditions_as_can_be_drawn_are_named_whole() -> None:
    noisy = pd.concat([CELLS, CELLS.assign(snr_db=10.0)])
    picture = plot.intelligibility(pd.concat([noisy, noisy.assign(lever="voice")]))
    assert "\ntelephone, 10 dB, stretch\n" in words(picture)
    assert "…" not in words(picture)


def test_the_digest_tells_the_ends_and_the_best_speed() -> None:
    assert repr(plot.intelligibility(CELLS)) == (
        "<Intelligibility wide: 2 % at 1, 20 % at 2, most understood 240 wpm at 2; "
        "telephone: 5 % at 1, 50 % at 2, most understood 150 wpm at 2>"
    )
    assert "n = 15 answers, 256 words a point" in words(plot.intelligibility(CELLS))


def test_axes_made_elsewhere_are_drawn_into() -> None:
    axes = Figure().add_subplot()
    assert plot.intelligibility(CELLS, ax=axes).figure is axes.figure


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (CELLS.iloc[:0], "there is no row"),
        (CELLS.drop(columns="speed"), "no column 'speed'"),
        (CELLS.drop(columns="low"), "no column 'low'"),
        (CELLS.assign(understood_wpm=np.nan), "a value of 'understood_wpm'"),
        (
            pd.concat([CELLS.assign(voice=f"v{index}") for index in range(5)]),
            "10 values",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: pd.DataFrame, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.intelligibility(wrong)
    assert said in str(caught.value)
