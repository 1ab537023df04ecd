"""From which pages a browser may come."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from voicelab.serve.bridges.origins import comes_from_here


def asked(origin: str | None, host: str) -> HTTPConnection:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return HTTPConnection({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("origin", "host", "token_needed", "lets_in"),
    [
        (None, "127.0.0.1:8080", False, True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", False, True),
        ("http://localhost:8080", "localhost:8080", False, True),
        ("http://LOCALHOST:8080", "localhost:8080", False, True),
        ("http://[::1]:8080", "[::1]:8080", False, True),
        ("http://127.0.0.1", "127.0.0.1:80", False, True),
        ("https://127.0.0.1", "127.0.0.1:443", False, True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False, False),
        ("http://localhost:8080", "127.0.0.1:8080", False, False),
        # a name can be pointed at any machine, so it needs a token as well
        ("http://rebound.test:8080", "rebound.test:8080", False, False),
        ("https://voice.example", "voice.example", True, True),
        ("https://other.example", "voice.example", True, False),
        ("null", "127.0.0.1:8080", True, False),
        ("", "", False, False),
        ("http://[", "[", True, False),
        ("http://a:b", "a:b", True, False),
    ],
)
def test_the_own_page_is_let_in(
    origin: str | None, host: str, token_needed: bool, lets_in: bool
) -> None:
    found = comes_from_here(asked(origin, host), (), token_needed=token_needed)
    assert found == lets_in


@pytest.mark.parametrize(
    ("allowed", "lets_in"),
    [
        (("https://app.example",), True),
        (("https://APP.example/",), True),
        (("*",), True),
        (("https://app.example:8443",), False),
        (("http://app.example",), False),
        ((), False),
    ],
)
def test_other_pages_are_let_in_by_name(
    allowed: tuple[str, ...], lets_in: bool
) -> None:
    request = asked("https://app.example", "127.0.0.1:8080")
    assert comes_from_here(request, allowed, token_needed=False) == lets_in


def test_every_origin_that_is_told_counts() -> None:
    headers = [
        (b"host", b"127.0.0.1"),
        (b"origin", b"http://127.0.0.1"),
        (b"origin", b"https://evil.test"),
    ]
    request = HTTPConnection({"type": "http", "headers": headers})
    assert not comes_from_here(request, (), token_needed=False)
