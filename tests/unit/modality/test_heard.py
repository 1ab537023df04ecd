"""How much is heard before an interruption, by hand and from runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicelab.errors import ModalityError
from voicelab.facade import run
from voicelab.modality import Answer, answers, expected_words, heard_survival
from voicelab.record.tables import table
from voicelab.result import Run

repeatable = settings(derandomize=True, deadline=None, max_examples=40)

HAND = [("a", 2, True), ("a", 3, False), ("b", 5, True), ("b", 8, False)]


def made(rows: Sequence[tuple[str, int | None, bool]], words: int = 10) -> pd.DataFrame:
    """Return answers of `words` words, of which so many were heard."""
    return table(
        [
            Answer(
                conversation=conversation,
                item_id=f"item-{number}",
                interrupted=interrupted,
                generated_words=None if heard is None else words,
                heard_words=heard,
                generated_ms=100.0 * words,
                heard_ms=100.0 * (words if heard is None else heard),
            )
            for number, (conversation, heard, interrupted) in enumerate(rows)
        ],
        Answer,
    )


def test_a_curve_by_hand() -> None:
    curve = heard_survival(made(HAND))
    # at 2, one of four; at 5, one of the two that are left
    assert list(curve["heard_words"]) == [0, 2, 3, 5, 8]
    assert list(curve["at_risk"]) == [4, 4, 3, 2, 1]
    assert list(curve["interrupted"]) == [0, 1, 0, 1, 0]
    assert list(curve["censored"]) == [0, 0, 1, 0, 1]
    assert list(curve["survival_rate"]) == [1, 0.75, 0.75, 0.375, 0.375]
    assert curve["heard_rate"].isna().all()


def test_a_curve_of_shares_has_the_same_steps() -> None:
    curve = heard_survival(made(HAND), "share")
    assert list(curve["heard_rate"]) == pytest.approx([0, 0.2, 0.3, 0.5, 0.8])
    assert list(curve["survival_rate"]) == [1, 0.75, 0.75, 0.375, 0.375]
    assert curve["heard_words"].isna().all()


@pytest.mark.parametrize(
    ("words", "wanted"), [(1, 1), (2, 2), (4, 3.5), (10, 2 + 3 * 0.75 + 5 * 0.375)]
)
def test_expected_words_by_hand(words: int, wanted: float) -> None:
    assert expected_words(heard_survival(made(HAND)), words) == pytest.approx(wanted)


def test_nobody_interrupts_and_all_is_heard() -> None:
    curve = heard_survival(made([("a", 4, False), ("b", 9, False)]))
    assert (curve["survival_rate"] == 1).all()
    assert (curve["low_rate"] == 1).all()
    assert expected_words(curve, 200) == 200


def test_an_answer_that_ends_where_another_is_interrupted_was_at_risk() -> None:
    curve = heard_survival(made([("a", 5, False), ("a", 5, True)]))
    assert list(curve["survival_rate"]) == [1, 0.5]


def test_what_is_not_known_is_left_out_of_words_and_not_of_shares() -> None:
    told = made([("a", 5, True), ("a", None, False)])
    assert list(heard_survival(told)["survival_rate"]) == [1, 0]
    assert list(heard_survival(told, "share")["survival_rate"]) == [1, 0.5, 0.5]


def test_the_interval_draws_conversations() -> None:
    one = heard_survival(made([("a", 2, True), ("a", 3, False)]))
    assert one["low_rate"].isna().all()
    two = heard_survival(made([("a", 2, True), ("b", 3, False)]))
    # drawn are aa, ab, ba or bb: 0, a half or 1 goes on after two words
    assert (two["low_rate"].iloc[1], two["high_rate"].iloc[1]) == (0, 1)
    assert (two["low_rate"] <= two["survival_rate"]).all()
    again = heard_survival(made([("a", 2, True), ("b", 3, False)]))
    pd.testing.assert_frame_equal(two, again)


@repeatable
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_without_censoring_it_is_the_share_that_was_heard_longer(
    heard: list[int],
) -> None:
    curve = heard_survival(made([("a", each, True) for each in heard], words=30))
    amounts, rates = curve["heard_words"].to_list(), curve["survival_rate"].to_list()
    for amount, rate in zip(amounts, rates, strict=True):
        beyond = np.mean([each > amount for each in heard])
        assert rate == pytest.approx(beyond)
    mean = np.mean(heard)
    assert expected_words(curve, 31) == pytest.approx(mean)


def test_bad_questions_are_refused() -> None:
    with pytest.raises(ModalityError, match="of no answer is it known"):
        heard_survival(made([("a", None, False)]))
    with pytest.raises(ModalityError, match="no curve of 'seconds'"):
        heard_survival(made(HAND), "seconds")  # type: ignore[arg-type]
    with pytest.raises(ModalityError, match="draw no interval"):
        heard_survival(made(HAND), confidence=1)
    with pytest.raises(ModalityError, match="an answer of 0 words"):
        expected_words(heard_survival(made(HAND)), 0)
    with pytest.raises(ModalityError, match="counts no words"):
        expected_words(heard_survival(made(HAND), "share"), 5)


@pytest.fixture(scope="module")
def interrupter() -> Run:
    return run("interrupter")


def test_the_answers_of_a_run(interrupter: Run) -> None:
    found = answers([interrupter, interrupter])
    assert len(found) == 2 * len(interrupter.playback)
    assert set(found["conversation"]) == {"interrupter"}
    once = found.iloc[: len(found) // 2].set_index("item_id")
    # of its stops, those by a backchannel interrupt nobody's answer
    ledger = interrupter.truncations.set_index("item_id")
    turns = [turn.index for turn in interrupter.facts.caller_turns if turn.is_turn]
    by_turn = set(ledger.index[ledger["turn"].isin(turns)])
    assert 0 < len(by_turn) < len(ledger)
    assert set(once.index[once["interrupted"]]) == by_turn
    told = ledger["heard_words"]
    assert once["heard_words"].loc[told.index].to_list() == told.to_list()
    whole = once[~once.index.isin(ledger.index)]
    assert (whole["heard_rate"] == 1).all()
    assert (whole["heard_words"] == whole["generated_words"]).all()
