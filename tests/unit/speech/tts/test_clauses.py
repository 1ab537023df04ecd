from __future__ import annotations

import pytest

from voicelab.speech.tts import ClauseSplitter, clauses


@pytest.mark.parametrize("text", ["", "  ", "\n \t\n"])
def test_no_words_make_no_clause(text: str) -> None:
    assert clauses(text) == []


def test_sentences_end_clauses_however_short() -> None:
    assert clauses("Yes. I can do that! Anything else? Good") == [
        "Yes.",
        "I can do that!",
        "Anything else?",
        "Good",
    ]


def test_a_comma_ends_one_behind_enough_words() -> None:
    assert clauses("Sure, I can, I think, do all of that, today") == [
        "Sure, I can,",  # two words at least in the first one
        "I think, do all of that,",  # four in the others
        "today",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Then Dr. Smith came by",
        "It costs 3.50 dollars or 1,000 yen",
        "The U.S. office opens at 9 a.m. today",
        "Ask J. Smith about it",
        "Fruit, e.g. apples",
        "See example.com for more",
    ],
)
def test_no_clause_ends_inside(text: str) -> None:
    assert clauses(text) == [text]


def test_signs_behind_the_end_belong_to_it() -> None:
    assert clauses('He said "no." Then (so I heard.) he left.') == [
        'He said "no."',
        "Then (so I heard.)",
        "he left.",
    ]


def test_a_single_letter_that_is_a_word_ends_a_sentence() -> None:
    assert clauses("So am I. You too.") == ["So am I.", "You too."]


def test_ellipses_and_dashes() -> None:
    assert clauses("Well... let me see — one moment please — here it is") == [
        "Well...",
        "let me see —",
        "one moment please —",
        "here it is",
    ]


def test_lists_end_at_their_lines_and_not_behind_the_number() -> None:
    assert clauses("You need:\n1. Milk and honey\n2. Bread\n- butter\n\nDone") == [
        "You need:",
        "1. Milk and honey",
        "2. Bread",
        "- butter",
        "Done",
    ]


def test_the_first_clause_is_short_even_without_signs() -> None:
    text = "we have looked at all of it this morning and found nothing wrong at all"
    assert clauses(text) == [
        "we have looked at all of it this morning",
        "and found nothing wrong at all",
    ]


def test_words_that_never_pause_are_cut_at_the_limit() -> None:
    assert [len(clause.split()) for clause in clauses("word " * 100)] == [
        12,
        30,
        30,
        28,
    ]


def test_a_clause_is_out_as_soon_as_its_end_is_seen() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("Sure") == []
    assert splitter.feed(" thing.") == []  # "thing.com" could follow
    assert splitter.feed(" It") == ["Sure thing."]
    assert splitter.feed(" is\n") == ["It is"]
    assert splitter.finish() == []


def test_after_the_end_a_new_text_may_begin() -> None:
    splitter = ClauseSplitter()
    splitter.feed("One two")
    assert splitter.finish() == ["One two"]
    assert splitter.feed("Three four, five") == ["Three four,"]


def test_ten_thousand_words_are_never_held_at_once() -> None:
    splitter = ClauseSplitter()
    count = 0
    for number in range(10_000):
        found = splitter.feed(f"word{number} ")
        assert all(len(clause.split()) <= 30 for clause in found)
        count += sum(len(clause.split()) for clause in found)
        assert number + 1 - count < 30
    count += sum(len(clause.split()) for clause in splitter.finish())
    assert count == 10_000


def test_a_word_without_end_costs_no_more_than_its_length() -> None:
    """Ten million letters, some at a time and at once: by their square, for ever."""
    splitter = ClauseSplitter()
    fed = [splitter.feed("abcde" * 10_000) for _ in range(100)]
    word = "abcde" * 1_000_000
    assert not any(fed)
    assert splitter.feed(f"{word} on.") == []
    assert splitter.finish() == [f"{word * 2} on."]
