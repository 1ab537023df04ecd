"""Numbers spoken and written come to the same, worked out by hand."""

from __future__ import annotations

import pytest

from voicelab.speech.stt.numbers import digits_for_numbers


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("seven", "7"),
        ("seventeen", "1 7"),
        ("seventy", "7 0"),
        ("seventy seven", "7 7"),
        ("four five nine two", "4 5 9 2"),
        ("nineteen eighty four", "1 9 8 4"),
        ("three hundred", "3 0 0"),
        ("three hundred and five", "3 0 5"),
        ("two thousand and twenty six", "2 0 2 6"),
        ("one million two hundred thousand", "1 2 0 0 0 0 0"),
        ("forty five thousand six hundred seventy eight", "4 5 6 7 8"),
        ("first", "1st"),
        ("twenty first", "2 1st"),
        ("thirtieth", "3 0th"),
        ("twelfth", "1 2th"),
        ("eleventh", "1 1th"),
        ("ninth", "9th"),
        ("four oh two", "4 0 2"),
        ("o seven", "0 7"),
        ("zero", "0"),
    ],
)
def test_a_spoken_number_becomes_digits(spoken: str, digits: str) -> None:
    assert digits_for_numbers(spoken.split()) == digits.split()


@pytest.mark.parametrize(
    ("written", "digits"),
    [("4592", "4 5 9 2"), ("21st", "2 1st"), ("7", "7"), ("007", "0 0 7")],
)
def test_so_does_a_written_one(written: str, digits: str) -> None:
    assert digits_for_numbers([written]) == digits.split()


@pytest.mark.parametrize(
    "words", ["oh no", "b2b", "7up", "hundred", "and then", "thousand", ""]
)
def test_what_is_no_number_stays(words: str) -> None:
    assert digits_for_numbers(words.split()) == words.split()


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("three hundred and then", "3 0 0 and then"),
        ("two thousand and more", "2 0 0 0 and more"),
        ("one and two", "1 and 2"),
        ("twenty ten", "2 0 1 0"),
        ("second and third", "2nd and 3rd"),
    ],
)
def test_and_is_of_the_number_only_inside_it(spoken: str, digits: str) -> None:
    assert digits_for_numbers(spoken.split()) == digits.split()
