# ruff: noqa: RUF001 - phonemes look like letters

from __future__ import annotations

import pytest

pytest.importorskip("piper", reason="the extra `speech-gpl` is not installed")

from voicelab.speech.tts.piper_phonemes import phonemes


def test_each_word_has_its_phonemes_and_its_sign() -> None:
    assert phonemes(["hello,", "world."]) == ["həlˈoʊ,", "wˈɜːld."]


def test_words_that_run_together_are_parted() -> None:
    assert phonemes(["some", "of", "the", "food"]) == ["sˌʌm", "ʌv", "ðə", "fˈuːd"]
    out, of, *_ = phonemes(["out", "of", "town"])
    assert (out, of) == ("ˌaʊɾ", "əv")


def test_words_that_fall_apart_are_joined() -> None:
    first, number, last = phonemes(["gate", "forty two", "now."])
    assert number == "fˈɔːɹɾi tˈuː"
    assert (first, last) == ("ɡˈeɪt", "nˈaʊ.")


def test_a_sentence_that_ends_inside_is_no_matter() -> None:
    read = phonemes(["The", "U.S.", "Office.", "Now"])
    assert len(read) == 4
    assert all(read)


def test_what_is_not_said_has_none() -> None:
    assert phonemes(["", "hello", ""]) == ["", "həlˈoʊ", ""]
    assert phonemes([""]) == [""]
    assert phonemes([]) == []


@pytest.mark.parametrize(
    "text",
    ["a kind of a thing for us in the end", "I've got to go and see what's up to it",
     "it was a lot of fun, and out of this world, in a way"],
)  # fmt: skip
def test_every_word_has_phonemes_and_none_is_lost(text: str) -> None:
    words = text.split()
    read = phonemes(words)
    assert all(any(symbol.isalpha() for symbol in each) for each in read)
    alone = "".join("".join(phonemes([word])) for word in words)
    assert len("".join(read)) == pytest.approx(len(alone), abs=len(words))
