from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import named, words
from voicelab import plot
from voicelab.errors import InputError

TABLE = pd.DataFrame(
    {
        "words": [100, 10, 10, 100],
        "channel": ["listening", "listening", "reading", "reading"],
        "seconds_p50": [40.0, 4.0, 5.0, 25.0],
        "seconds_low": [35.0, 3.0, 4.0, 20.0],
        "seconds_high": [50.0, 5.0, 7.0, 30.0],
    }
)


def test_each_channel_is_a_line_in_order_of_its_lengths() -> None:
    (line,) = named(plot.rate_trade_off(TABLE), "line-listening")
    assert list(line.get_xdata()) == [10, 100]
    assert list(line.get_ydata()) == [4, 40]


def test_the_band_shows_what_is_not_known() -> None:
    (band,) = named(plot.rate_trade_off(TABLE), "band-reading")
    box = band.get_paths()[0].get_extents()
    assert (box.y0, box.y1) == (4, 30)


def test_break_even_lengths_are_marked() -> None:
    picture = plot.rate_trade_off(
        TABLE, break_even={"reading wins": 20, "never": np.inf}
    )
    (rule, _) = named(picture, "break-even")
    assert list(rule.get_xdata()) == [20, 20]
    assert "reading wins from 20 words" in words(picture)
    assert repr(picture) == (
        "<RateTradeOff listening: 40 s at 100 words; reading: 25 s at 100 words; "
        "reading wins from 20 words; never from inf words>"
    )


def test_what_the_model_says_of_break_even_is_taken_as_it_is() -> None:
    even = pd.DataFrame(
        {
            "channel": ["reading", "skimming"],
            "words_p50": [20.0, 0.0],
            "words_low": [12.0, 0.0],
            "words_high": [np.inf, 0.0],
        }
    )
    picture = plot.rate_trade_off(TABLE, break_even=even)
    (span,) = named(picture, "break-even-range")
    right = picture.figure.axes[0].get_xlim()[1]
    assert span.get_x() == 12
    assert span.get_x() + span.get_width() == pytest.approx(right)
    assert "reading is faster from 20 words" in words(picture)
    assert "skimming is faster from 0 words" in repr(picture)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TABLE.iloc[:0], "there is no row"),
        (TABLE.drop(columns="seconds_low"), "no column 'seconds_low'"),
        (TABLE.assign(seconds_p50=0.0), "no length has words and seconds above 0"),
        (TABLE.assign(words=np.nan), "has a value of 'words'"),
    ],
)
def test_what_cannot_be_drawn_is_told(wrong: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        plot.rate_trade_off(wrong)
    assert said in str(caught.value)
