"""Keys that stand where the name of one was asked for are not repeated."""

from __future__ import annotations

import re

import pytest

from voicelab.document.secrets import (
    VARIABLE_NAME,
    check_variable_name,
    may_be_key,
    setting_in_words,
    variable_in_words,
)
from voicelab.errors import InputError

NAMES = ["OPENAI_API_KEY", "MY_KEY", "_k", "key2", "SK_LIVE", "my_openai_key_of_2026"]
NO_NAMES = ["", "sk-abc123", "sk_live_abc123", "2KEY", "MY KEY", "KEY=x", "KEY\n", "ü"]
LIKE_KEYS = ["0123456789abcdef0123456789abcdef"[::-1], "aB3_" * 6, "gsk_abc", "hf_abc"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_repeated(name: str) -> None:
    check_variable_name(name, "--api-key-env")
    assert variable_in_words(name) == f"the environment variable {name}"


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_not(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_variable_name(name, "--api-key-env")
    assert str(caught.value) == (
        "--api-key-env: the value given is no name of an environment variable (it is "
        "not shown, as it may be a key); give the name of the variable that holds the "
        "key"
    )
    assert "not shown" in variable_in_words(name)


@pytest.mark.parametrize("name", LIKE_KEYS)
def test_a_name_that_looks_like_a_key_may_be_one(name: str) -> None:
    assert name not in variable_in_words(name)


def test_a_file_goes_by_the_same_pattern() -> None:
    """JSON Schema searches where we match the whole; they differ in a last line end."""
    for name in (*NAMES, *NO_NAMES):
        is_name = bool(re.search(VARIABLE_NAME, name)) and not name.endswith("\n")
        assert is_name == (name in NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "sk-abc",
        " sk-abc",
        "AIzaSyD",
        "http://me:pw@host/v1",
        "ws://host?key=1",
        "a://#b",
    ],
)
def test_what_may_be_a_key(text: str) -> None:
    assert may_be_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sketch",
        "skip",
        "gpt-4o-mini-2024-07-18",
        "http://host/v1",
        "me@host",
        "why?",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not may_be_key(text)


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("client.frame_ms=40", "client.frame_ms=40"),
        ("client.frame_ms", "client.frame_ms"),
        ("agent.name=sk-abc", "agent.name=…"),
        ("agent.cascade.endpoint.api_ke=abc", "agent.cascade.endpoint.api_ke=abc"),
        ("agent.cascade.endpoint.api_key=abc", "agent.cascade.endpoint.api_key=…"),
        ("sk-abc=", "…"),
        ("sk-abc", "…"),
    ],
)
def test_a_setting_is_shown_without_a_key(setting: str, shown: str) -> None:
    assert setting_in_words(setting) == shown
