"""What words a turn cannot end with."""

from __future__ import annotations

import pytest

from voicelab.speech.end_of_turn import unfinished


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("I'd like to move it to, um", "filler"),
        ("Thursday. Let me think,", "filler"),
        ("It costs, I mean", "filler"),
        ("Hmm", "filler"),
        ("I'd like to", "preposition"),
        ("I called yesterday, but", "conjunction"),
        ("I'd go because", "conjunction"),
        ("What time does the", "article"),
        ("Send it to my", "article"),
        ("I would like to change my flight to", "preposition"),
        ("A room for two nights with", "preposition"),
        ("Well, I think it\N{RIGHT SINGLE QUOTATION MARK}s", "contraction"),
        ("I'm", "contraction"),
        ("My order number is four, five", "digits"),
        ("five five", "digits"),
        ("My phone number is", "digits"),
        ("My phone number is five five five", "digits"),
        ("It's double", "digits"),
        ("The card number is 4000 1234", "digits"),
        ("My PIN is one two three", "digits"),
        ("phone: 555 0142 1", "digits"),  # 8 digits: more than 7, fewer than 10
    ],
)
def test_unfinished(text: str, rule: str) -> None:
    assert unfinished(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "Yes, that works for me.",
        "What time does the store close tonight?",
        "Where are you from?",
        "What is it for",
        "I think so.",
        "It's fine, though.",
        "Please turn it on",
        "I want that",
        "Mm-hmm.",
        "Uh-huh",
        "I'd love to.",
        "I'd be happy to",
        "Yes, let's.",
        "It's been a while.",
        "It's nice, you know",
        "Option A",
        "B, R, A",
        "A table for two",
        "one",
        "At nine",
        "My order number is four five nine two",
        "My phone number is five five five, oh one four two",
        "My phone number is 415 555 0142",
        "Call my phone, please",
        "The card number is 4000 1234 5678 9010",
        "My PIN is 1234",
        "The ZIP code is 90210",
        "Zwei Bier, bitte",
        "My cancellation number is 48213",  # no cell phone
        "Excellent, 4 8 2 1 7",
        "The headphones are number 48213",
        "The zipper is number 1 2 3 4 5 6",
    ],
)
def test_no_rule_applies(text: str) -> None:
    assert unfinished(text) is None


def test_case_and_punctuation_do_not_count() -> None:
    assert unfinished("AND...") == unfinished("and") == "conjunction"


def test_triple_digits_count_as_three() -> None:
    assert unfinished("My PIN is four triple two") is None
    assert unfinished("My PIN is double two one") == "digits"


def test_a_number_far_behind_its_name_is_any_number() -> None:
    text = "my phone number I gave you last week so now it is one two three four"
    assert unfinished(text) is None
