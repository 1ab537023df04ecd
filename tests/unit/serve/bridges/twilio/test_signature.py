"""Signatures against examples that others published, and what must not pass."""

from __future__ import annotations

import pytest

from voicelab.serve.bridges.twilio.signature import Signatures, signature

# The example of Twilio's documentation; its libraries' tests hold the same.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = [
    ("To", "+18005551212"),
    ("CallSid", "CA1234567890ABCDE"),
    ("From", "+14158675309"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
]
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
TARGET = "/myapp.php?foo=1&bar=2"


def test_the_documented_example() -> None:
    assert signature("12345", URL, FIELDS) == SIGNED


def test_another_published_example() -> None:
    fields = [
        (name, value.replace("+14158675309", "+12349013030")) for name, value in FIELDS
    ]
    assert signature("12345", URL, fields) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@pytest.mark.parametrize("base", ["https://mycompany.com", "https://mycompany.com/"])
def test_a_request_of_twilio_passes(base: str) -> None:
    assert Signatures("12345", base).vouch_for_request(SIGNED, TARGET, FIELDS)


@pytest.mark.parametrize(
    ("given", "target", "fields"),
    [
        (None, TARGET, FIELDS),
        ("", TARGET, FIELDS),
        (SIGNED.lower(), TARGET, FIELDS),
        ("snow\udce9", TARGET, FIELDS),
        (SIGNED, "/myapp.php?foo=1&bar=3", FIELDS),
        (SIGNED, TARGET, FIELDS[1:]),
        (SIGNED, TARGET, [*FIELDS, ("Extra", "1")]),
    ],
)
def test_another_request_does_not_pass(
    given: str | None, target: str, fields: list[tuple[str, str]]
) -> None:
    checked = Signatures("12345", "https://mycompany.com")
    assert not checked.vouch_for_request(given, target, fields)


def test_another_token_does_not_pass() -> None:
    checked = Signatures("12346", "https://mycompany.com")
    assert not checked.vouch_for_request(SIGNED, TARGET, FIELDS)


@pytest.mark.parametrize(
    ("public", "called"),
    [
        ("https://a.example", "https://a.example/twilio"),
        ("https://a.example", "https://a.example:443/twilio"),
        ("https://a.example:443", "https://a.example/twilio"),
        ("http://a.example", "http://a.example:80/twilio"),
        ("https://a.example:8443", "https://a.example:8443/twilio"),
        ("https://a.example/voice/", "https://a.example/voice/twilio"),
    ],
)
def test_the_standard_port_may_be_written_or_not(public: str, called: str) -> None:
    given = signature("token", called)
    assert Signatures("token", public).vouch_for_request(given, "/twilio", [])


@pytest.mark.parametrize(
    "called",
    [
        "wss://a.example/twilio/media",
        "wss://a.example/twilio/media/",
        "wss://a.example:443/twilio/media",
        "https://a.example/twilio/media",
    ],
)
def test_a_stream_of_twilio_passes(called: str) -> None:
    checked = Signatures("token", "https://a.example")
    assert checked.vouch_for_stream(signature("token", called), "/twilio/media")


@pytest.mark.parametrize(
    "called", ["wss://b.example/twilio/media", "wss://a.example/twilio"]
)
def test_another_stream_does_not_pass(called: str) -> None:
    checked = Signatures("token", "https://a.example")
    assert not checked.vouch_for_stream(signature("token", called), "/twilio/media")


def test_a_field_that_comes_twice_is_signed_with_both_values() -> None:
    both = signature("token", "u", [("a", "2"), ("a", "1"), ("a", "2")])
    assert both == signature("token", "ua1a2")
