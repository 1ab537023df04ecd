"""Word errors and what of a rate is understood, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from voicelab.errors import ModalityError
from voicelab.modality import (
    Intelligibility,
    Listened,
    bundled_listening,
    intelligibility,
)
from voicelab.modality.listening import (
    LEVERS,
    LINES,
    LISTENING_SPEEDS,
    LISTENING_VOICES,
    answer_texts,
)
from voicelab.record.tables import columns, table
from voicelab.speech.stt import RECOGNISER_NAMES


def row(answer: str, speed: float, errors: int, **changes: Any) -> Listened:
    """Return ten words in 4 s at speed 1: 150 words a minute."""
    plain: dict[str, Any] = {
        "lever": "stretch",
        "voice": "joe",
        "line": "wide",
        "snr_db": None,
        "recogniser": "ear",
        "spoken_words": 10,
        "spoken_s": 4 / speed,
        "words": 10,
        "dropped": 0,
    }
    told = {**plain, **changes}
    return Listened(answer=answer, speed=speed, errors=errors, **told)


def rows(*each: Listened) -> pd.DataFrame:
    return table(each, Listened)


HEARD = rows(row("a", 1.0, 0), row("b", 1.0, 1), row("a", 2.0, 2), row("b", 2.0, 3))


def test_a_cell_holds_all_errors_over_all_words() -> None:
    own, fast = intelligibility(HEARD).to_dict("records")
    assert (own["speed"], own["answers"], own["words"], own["errors"]) == (1, 2, 20, 1)
    assert own["word_error_rate"] == pytest.approx(0.05)
    assert own["wpm_gross"] == pytest.approx(150)
    assert own["understood_wpm"] == pytest.approx(142.5)
    assert fast["word_error_rate"] == pytest.approx(0.25)
    assert fast["wpm_gross"] == pytest.approx(300)
    assert fast["understood_wpm"] == pytest.approx(225)


def test_the_interval_draws_answers() -> None:
    _, fast = intelligibility(HEARD).to_dict("records")
    # of two answers, one alone is drawn in half of the draws
    assert (fast["low"], fast["high"]) == pytest.approx((0.2, 0.3))
    bounds = (fast["understood_low"], fast["understood_high"])
    assert bounds == pytest.approx((210, 240))


def test_what_speed_adds_is_counted_by_answer() -> None:
    own, fast = intelligibility(HEARD).to_dict("records")
    assert (own["added_rate"], own["added_low"], own["added_high"]) == (0, 0, 0)
    # each answer has two errors more, so every draw agrees
    added = (fast["added_rate"], fast["added_low"], fast["added_high"])
    assert added == pytest.approx((0.2, 0.2, 0.2))


def test_nothing_is_added_to_a_speed_that_was_not_measured() -> None:
    (fast,) = intelligibility(HEARD[HEARD["speed"] == 2]).to_dict("records")
    assert np.isnan(fast["added_rate"])
    partly = HEARD.drop(index=0)  # answer a is missing at speed 1
    assert np.isnan(intelligibility(partly)["added_rate"].iloc[1])


def test_one_answer_has_no_interval() -> None:
    cell = intelligibility(rows(row("a", 1.0, 1))).iloc[0]
    assert cell["word_error_rate"] == pytest.approx(0.1)
    names = ("low", "high", "added_low", "added_high", "understood_low")
    assert cell[list(names)].isna().all()


def test_more_errors_than_words_leave_nothing() -> None:
    cell = intelligibility(rows(row("a", 1.0, 12), row("b", 1.0, 14))).iloc[0]
    assert cell["word_error_rate"] == pytest.approx(1.3)
    assert cell["understood_wpm"] == 0


def test_voices_are_pooled_and_stay_in_one_cluster() -> None:
    both = pd.concat(
        [HEARD, HEARD.assign(voice="heart", spoken_s=2 * HEARD["spoken_s"])]
    )
    cells = intelligibility(both)
    assert set(cells["voice"]) == {"joe + heart"}
    assert list(cells["answers"]) == [2, 2]
    assert list(cells["words"]) == [40, 40]
    assert cells["wpm_gross"].to_list() == pytest.approx([100, 200])
    assert cells["low"].to_list() == intelligibility(HEARD)["low"].to_list()
    apart = intelligibility(both, pool=())
    assert list(apart["voice"]) == ["heart", "heart", "joe", "joe"]


def test_conditions_are_told_apart_quiet_first() -> None:
    loud = HEARD.assign(snr_db=0.0)
    some = HEARD.assign(snr_db=10.0)
    thin = HEARD.assign(line="telephone")
    cells = intelligibility(pd.concat([loud, thin, some, HEARD]))
    told = zip(cells["line"], cells["snr_db"].fillna(99), cells["speed"], strict=True)
    assert list(told) == [
        *(("telephone", 99, 1), ("telephone", 99, 2), ("wide", 99, 1), ("wide", 99, 2)),
        *(("wide", 10, 1), ("wide", 10, 2), ("wide", 0, 1), ("wide", 0, 2)),
    ]
    # each against its own condition at speed 1
    assert cells["added_rate"].to_list() == pytest.approx([0, 0.2] * 4)


def test_an_empty_table_has_the_same_columns() -> None:
    cells = intelligibility(HEARD.iloc[:0])
    assert len(cells) == 0
    assert dict(cells.dtypes.astype(str)) == columns(Intelligibility)


def test_the_same_seed_gives_the_same_cells() -> None:
    counts = {f"{number}": number**2 % 11 for number in range(15)}
    heard = rows(*(row(name, 1.0, errors) for name, errors in counts.items()))
    pd.testing.assert_frame_equal(intelligibility(heard), intelligibility(heard))
    assert not intelligibility(heard).equals(intelligibility(heard, seed=5))


@pytest.mark.parametrize(
    ("heard", "pool", "said"),
    [
        (pd.concat([HEARD, HEARD[:1]]), (), "heard twice in one condition"),
        (HEARD.assign(words=0), (), "an answer has no word, or takes no time"),
        (HEARD.assign(spoken_s=0.0), (), "an answer has no word, or takes no time"),
        (HEARD, ("snr_db",), "'snr_db' cannot be pooled; give lever, voice, line or"),
    ],
)
def test_what_makes_no_cell_is_refused(
    heard: pd.DataFrame, pool: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ModalityError) as caught:
        intelligibility(heard, pool=pool)
    assert said in str(caught.value)


def test_the_bundled_table_is_whole() -> None:
    heard = bundled_listening()
    assert {str(name): str(kind) for name, kind in heard.dtypes.items()} == columns(
        Listened
    )
    told = {name: sorted(set(heard[name])) for name in ("voice", "lever", "line")}
    assert told["voice"] == sorted(LISTENING_VOICES)
    assert told["lever"] == sorted(LEVERS)
    assert told["line"] == sorted(LINES)
    assert set(heard["recogniser"]) == set(RECOGNISER_NAMES)
    assert tuple(sorted(set(heard["speed"]))) == LISTENING_SPEEDS
    assert set(heard["answer"]) == set(answer_texts())
    cells = intelligibility(heard, pool=())
    assert set(cells["answers"]) == {len(answer_texts())}
    assert (cells["words"] >= 200).all()
