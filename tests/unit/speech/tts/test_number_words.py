from __future__ import annotations

import pytest

from voicelab.speech.tts import number_words


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("40", "forty"),
        ("99", "ninety nine"),
        ("100", "one hundred"),
        ("4592", "four thousand five hundred ninety two"),
        ("1000001", "one million one"),
        ("007", "zero zero seven"),
        ("1" + 14 * "0", "one hundred trillion"),
        ("1" + 15 * "0", "one " + " ".join(15 * ["zero"])),
    ],
)
def test_whole_numbers(digits: str, words: str) -> None:
    assert number_words.cardinal(digits) == words


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("1", "first"),
        ("12", "twelfth"),
        ("20", "twentieth"),
        ("21", "twenty first"),
        ("100", "one hundredth"),
        ("113", "one hundred thirteenth"),
    ],
)
def test_ordinals(digits: str, words: str) -> None:
    assert number_words.ordinal(digits) == words


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("1984", "nineteen eighty four"),
        ("1900", "nineteen hundred"),
        ("1805", "eighteen oh five"),
    ],
)
def test_years(digits: str, words: str) -> None:
    assert number_words.year(digits) == words


@pytest.mark.parametrize(
    ("hours", "minutes", "words"),
    [
        ("10", "30", "ten thirty"),
        ("09", "05", "nine oh five"),
        ("7", "00", "seven o'clock"),
    ],
)
def test_times_of_day(hours: str, minutes: str, words: str) -> None:
    assert number_words.clock_time(hours, minutes) == words


def test_decimals() -> None:
    assert number_words.decimal("3", "14") == "three point one four"
    assert number_words.decimal("", "5") == "zero point five"
