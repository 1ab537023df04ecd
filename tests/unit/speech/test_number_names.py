"""The words of numbers, which readers and writers of numbers share."""

from __future__ import annotations

from voicelab.speech.number_names import ONES, TENS, ordinal_name
from voicelab.speech.stt.numbers import digits_for_numbers
from voicelab.speech.tts.number_words import cardinal, ordinal


def test_ordinals_are_irregular_or_end_alike() -> None:
    names = [ordinal_name(word) for word in ONES[1:13]]
    assert names[:5] == ["first", "second", "third", "fourth", "fifth"]
    assert names[5:8] == ["sixth", "seventh", "eighth"]
    assert names[8:] == ["ninth", "tenth", "eleventh", "twelfth"]
    assert [ordinal_name(word) for word in TENS[:2]] == ["twentieth", "thirtieth"]


def test_what_is_read_out_is_read_back() -> None:
    for number in [*range(1, 121), 999, 1_000, 20_317, 5_000_001, 3_000_000_000]:
        spoken = cardinal(str(number)).split()
        assert digits_for_numbers(spoken) == list(str(number))


def test_so_is_an_ordinal() -> None:
    for number in range(1, 100):
        *tens, ones = digits_for_numbers(ordinal(str(number)).split())
        assert "".join([*tens, ones[0]]) == str(number)
        assert ones[1:] in {"st", "nd", "rd", "th"}  # codespell:ignore nd
