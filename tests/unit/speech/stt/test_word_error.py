"""Word errors, worked out by hand."""

from __future__ import annotations

import math

import pytest

from voicelab.speech.stt import WordErrors, normalised_words, pooled, word_errors


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("the cat sat", "the cat sat", WordErrors(3, 0, 0, 0)),
        ("the cat sat", "the bat sat", WordErrors(3, 1, 0, 0)),
        ("the cat sat", "the sat", WordErrors(3, 0, 1, 0)),
        ("the cat sat", "the big cat sat", WordErrors(3, 0, 0, 1)),
        ("the cat sat", "", WordErrors(3, 0, 3, 0)),
        ("the cat sat down", "a cat sat", WordErrors(4, 1, 1, 0)),
        # two replaced, or one dropped and one added: neither is dropped nor added
        ("a b", "b c", WordErrors(2, 2, 0, 0)),
        # here the shift is cheaper: one dropped, one added, three right
        ("a b c d", "b c d e", WordErrors(4, 0, 1, 1)),
        ("river bank", "riverbank", WordErrors(2, 1, 1, 0)),
    ],
)
def test_errors_of_a_short_sentence(said: str, heard: str, errors: WordErrors) -> None:
    assert word_errors(said, heard) == errors


def test_the_rate_is_errors_over_words_of_the_reference() -> None:
    assert word_errors("the cat sat down", "a cat sat").rate == 0.5
    assert word_errors("cat", "a big fat cat sat").rate == 4.0


def test_without_words_every_error_is_infinitely_many() -> None:
    assert word_errors("", "").rate == 0.0
    assert math.isinf(word_errors("", "you").rate)
    assert word_errors(" ... ", "you") == WordErrors(0, 0, 0, 1)


def test_pooled_every_word_weighs_the_same() -> None:
    parts = [WordErrors(90, 0, 0, 0), WordErrors(10, 3, 1, 1)]
    assert pooled(parts) == WordErrors(100, 3, 1, 1)
    assert pooled(parts).rate == 0.05
    assert pooled([]) == WordErrors(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don't!", "dont"),
        ("Don\u2019t", "don't"),
        ("follow-up", "Follow up."),
        ("at 3:30 p.m.", "at three thirty pm"),
        ("It costs $30.", "it costs thirty dollars"),
        ("\u00a31,250.50", "one thousand two hundred and fifty point five zero pounds"),
        ("50 %", "fifty percent"),
        ("Smith & Sons", "smith and sons"),
        ("Zo\u00eb", "zoe"),
        ("order 4592", "order four, five, nine, two"),
        ("May 21st", "may twenty-first"),
        ("  a \n b\t", "a b"),
        ("well -- no", "well no"),
    ],
)
def test_what_is_only_written_differently_is_no_error(one: str, other: str) -> None:
    assert normalised_words(one) == normalised_words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("forty", "fourteen"), ("its", "it is"), ("by", "buy")]
)
def test_what_is_heard_differently_is_one(one: str, other: str) -> None:
    assert word_errors(one, other).errors > 0


def test_ten_thousand_words_are_compared() -> None:
    said = " ".join(f"w{index % 613}x" for index in range(10_000))
    heard = said.replace("w7x", "w8x").removeprefix("w0x ")
    replaced = len([index for index in range(10_000) if index % 613 == 7])
    assert word_errors(said, heard) == WordErrors(10_000, replaced, 1, 0)
