"""Where a live run goes."""

from __future__ import annotations

import pytest

from voicelab.errors import InputError
from voicelab.lab.endpoint import Endpoint, shown_url


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("ws://127.0.0.1:8765", "ws://127.0.0.1:8765/v1/realtime?model=m"),
        ("ws://127.0.0.1:8765/", "ws://127.0.0.1:8765/v1/realtime?model=m"),
        ("https://h/v1/realtime", "wss://h/v1/realtime?model=m"),
        ("http://h:80/openai", "ws://h:80/openai?model=m"),
        ("wss://h/x?model=other", "wss://h/x?model=other"),
        ("wss://h/x?deployment=d&a=", "wss://h/x?deployment=d&a=&model=m"),
        ("wss://[::1]:9/x", "wss://[::1]:9/x?model=m"),
    ],
)
def test_a_url_is_completed(url: str, target: str) -> None:
    assert Endpoint(url, model="m").target == target


def test_the_url_names_the_model_before_the_option_does() -> None:
    assert Endpoint("ws://h/?model=a", model="b").asked_model == "a"
    assert Endpoint("ws://h/", model="b").asked_model == "b"


@pytest.mark.parametrize("url", ["", "h:1", "ftp://h", "ws://", "ws:///x", "ws://h:x"])
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        Endpoint(url)


def test_nothing_secret_is_ever_shown() -> None:
    url = "wss://user:hush@h:1/x?model=m&api-key=hush&token=hush"
    assert shown_url(url) == "wss://h:1/x?model=m&api-key=***&token=***"
    endpoint = Endpoint(url, api_key="hush", headers={"x-key": "hush"})
    assert "hush" not in repr(endpoint)


def test_the_error_of_a_wrong_url_shows_no_secret() -> None:
    with pytest.raises(InputError) as told:
        Endpoint("ftp://user:hush@h")
    assert "hush" not in str(told.value)
