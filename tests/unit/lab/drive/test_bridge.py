"""Where a bridge is: what is refused, and what a page's request says."""

from __future__ import annotations

from typing import Any

import pytest

from voicelab.errors import InputError
from voicelab.lab.drive.bridge import Bridge, Kind
from voicelab.lab.drive.browser import BrowserPage
from voicelab.lab.drive.elks import ElksProvider
from voicelab.lab.drive.findings import Findings, as_sentence
from voicelab.lab.drive.twilio import TwilioProvider


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("ws://h:1/voice", "ws://h:1/voice"),
        ("http://h:1/voice?x=1", "ws://h:1/voice?x=1"),
        ("https://h/voice", "wss://h/voice"),
    ],
)
def test_the_socket(url: str, target: str) -> None:
    assert Bridge("twilio", url).peer.url == target


def test_a_page_names_its_origin_and_a_telephone_has_none() -> None:
    page = Bridge("browser", "wss://user:pw@voice.example/voice").peer
    assert page.headers == {"Origin": "https://voice.example"}
    assert Bridge("elks", "ws://h:1/").peer.headers == {}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("browser", "let this origin in"), ("elks", "token"), ("twilio", "signature")],
)
def test_what_to_look_at_when_it_lets_nobody_in(kind: Kind, asked: str) -> None:
    assert asked in Bridge(kind, "ws://h:1/").peer.questions[403]


@pytest.mark.parametrize(
    ("kind", "provider"),
    [("browser", BrowserPage), ("elks", ElksProvider), ("twilio", TwilioProvider)],
)
def test_each_kind_has_its_provider(kind: Kind, provider: type) -> None:
    assert isinstance(Bridge(kind, "ws://h:1/").provider(), provider)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"url": "voice"}, "that is not the URL of a bridge; write it like"),
        ({"url": "ftp://h/x"}, "not the URL of a bridge"),
        ({"url": "ws://[::1"}, "not the URL of a bridge"),
        ({"url": "ws://h:0/x"}, "not the URL of a bridge"),
        ({"kind": "elks", "rate_hz": 8000}, "only a page in a browser says a rate"),
        ({"kind": "twilio", "token": "t"}, "only a page in a browser says a rate"),
        ({"rate_hz": 11025}, "a page's audio cannot have 11025 Hz; give one of 8000"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], problem: str) -> None:
    whole: dict[str, Any] = {"kind": "browser", "url": "ws://h:1/voice"} | fields
    with pytest.raises(InputError, match=problem):
        Bridge(**whole)


def test_the_token_is_never_shown() -> None:
    assert "secret" not in repr(Bridge("browser", "ws://h:1/", token="secret"))


def test_findings_are_counted_by_kind() -> None:
    findings = Findings()
    findings.add("sang")
    findings.add("hummed")
    assert findings.add("sang") == 2
    assert findings.described() == [
        {"what": "sang", "times": 2},
        {"what": "hummed", "times": 1},
    ]
    assert as_sentence("sang", 2) == "The bridge sang (2 times)."
    assert as_sentence("hummed", 1) == "The bridge hummed."
