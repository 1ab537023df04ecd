# ruff: noqa: RUF001 - signs that look like others are what this is about
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.speech.tts.spoken import read_out

SOME = "two hundred thirty four"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("hello", "hello"),
        ("hello,", "hello,"),
        ('"Really?"', "Really?"),
        ("well...", "well…"),
        ("well…", "well…"),
        ("no?!", "no?"),
        ("wait—no", "wait no"),
        ("**bold**", "bold"),
        ("snake_case", "snake case"),
        ("don’t", "don't"),
        ("café", "cafe"),
        ("well-known", "well-known"),
    ],
)
def test_words_and_their_signs(written: str, spoken: str) -> None:
    assert read_out(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("4592,", "four thousand five hundred ninety two,"),
        ("1,234,567", f"one million {SOME} thousand five hundred sixty seven"),
        ("2019", "twenty nineteen"),
        ("2005", "two thousand five"),
        ("12345678", "one two three four five six seven eight"),
        ("555-0123", "five five five zero one two three"),
        ("3.14", "three point one four"),
        (".5", "zero point five"),
        ("1.2.3", "one point two point three"),
        ("21st", "twenty first"),
        ("3-5", "three to five"),
        ("-5", "minus five"),
        ("50%", "fifty percent"),
        ("20°C", "twenty degrees C"),
        ("B12", "B twelve"),
        ("½", "one slash two"),
    ],
)  # fmt: skip
def test_numbers(written: str, spoken: str) -> None:
    assert read_out(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$30.50", "thirty dollars and fifty cents"),
        ("$1", "one dollar"),
        ("$0.99", "ninety nine cents"),
        ("$0.00", "zero dollars"),
        ("$1,000", "one thousand dollars"),
        ("£1.01", "one pound and one penny"),
        ("£0.02", "two pence"),
        ("€5m", "five million euros"),
        ("$2.5bn", "two point five billion dollars"),
        ("$1.125", "one point one two five dollars"),
    ],
)
def test_money(written: str, spoken: str) -> None:
    assert read_out(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("10:30,", "ten thirty,"),
        ("9:05.", "nine oh five."),
        ("5pm", "five p.m."),
        ("Dr.", "doctor"),
        ("etc.,", "et cetera,"),
        ("e.g.", "e.g."),
        ("U.S.,", "U.S.,"),
        ("AT&T", "AT and T"),
        ("and/or", "and or"),
        ("#1", "number one"),
        ("ann@example.com", "ann at example dot com"),
        ("https://example.com/a", "example dot com slash a"),
    ],
)
def test_times_abbreviations_and_addresses(written: str, spoken: str) -> None:
    assert read_out(written) == spoken


@pytest.mark.parametrize(
    "written",
    ["", "😀", "%%%", "###", "-", "—", "...", "!!!", "•", "привет", "你好", "\ud800",
     "\x00", "٣"],
)  # fmt: skip
def test_what_cannot_be_said_is_nothing(written: str) -> None:
    assert read_out(written) == ""


def test_of_what_is_too_long_for_a_word_the_start_is_read() -> None:
    assert read_out(100_000 * "ab") == 100 * "ab"


@given(st.text())
def test_whatever_is_written_becomes_plain_words(written: str) -> None:
    for part in read_out(written).split():
        letters = part.rstrip("?!.;:,—…")
        assert letters
        assert letters.isascii()
        assert letters.replace("'", "").replace("-", "").replace(".", "").isalpha()
