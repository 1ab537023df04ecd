from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import named, words
from voicelab import plot
from voicelab.errors import InputError

TABLE = pd.DataFrame(
    {
        "speed": [1.5, 1.0, 1.0, 1.0],
        "heard_words": [30, 20, 22, 27],
        "phantom_words": [2, 1, 1, 1],
        "call_s": [40.0, 60.0, 61.0, np.nan],
    }
)


def test_medians_are_joined_in_order_of_speed() -> None:
    heard, phantom, call = named(plot.speed_lever(TABLE), "medians")
    assert heard.get_xydata().tolist() == [[1, 22], [1.5, 30]]
    assert phantom.get_xydata().tolist() == [[1, 1], [1.5, 2]]
    assert call.get_xydata().tolist() == [[1, 60.5], [1.5, 40]]


def test_every_row_is_a_dot() -> None:
    rows = named(plot.speed_lever(TABLE), "rows")
    assert [len(each.get_xdata()) for each in rows] == [4, 4, 4]


def test_the_digest_tells_the_slowest_and_the_fastest() -> None:
    picture = plot.speed_lever(TABLE, values=["call_s"])
    assert repr(picture) == "<SpeedLever n=4 call_s: 60.5 at 1, 40 at 1.5>"
    assert "call, s" in words(picture)


def test_a_measure_without_a_value_is_left_out_unless_asked_for() -> None:
    silent = TABLE.assign(words_before_barge_in=np.nan)
    assert "words_before_barge_in" not in repr(plot.speed_lever(silent))
    with pytest.raises(InputError, match="'words_before_barge_in'"):
        plot.speed_lever(silent, values=["words_before_barge_in"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TABLE.iloc[:0], "there is no row"),
        (TABLE.drop(columns="speed"), "no column 'speed'"),
        (TABLE[["speed"]], "no column 'words_before_barge_in'"),
        (TABLE[["speed", "call_s"]].assign(call_s=np.nan), "a value of 'call_s'"),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: pd.DataFrame, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.speed_lever(wrong)
    assert said in str(caught.value)
