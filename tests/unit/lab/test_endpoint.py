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


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h:1",
        "ftp://h",
        "ws://",
        "ws:///x",
        "ws://h:x",
        "ws://h:0",
        "ws://h:99999",
        "ws://[::1",
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        Endpoint(url)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"a b": "hush"}, "'a b' is no name of a header"),
        ({"": "hush"}, "'' is no name of a header"),
        ({"x": "hush\r\ny: z"}, "the header x holds what no header can"),
        ({"x": " "}, "the header x holds what no header can"),
        ({"Upgrade": "hush"}, "belongs to the connection itself"),
        ({"sec-websocket-key": "hush"}, "belongs to the connection itself"),
    ],
)
def test_a_header_that_cannot_be_sent(headers: dict[str, str], problem: str) -> None:
    with pytest.raises(InputError, match=problem) as told:
        Endpoint("ws://h", headers=headers)
    assert "hush" not in str(told.value)


def test_a_key_with_a_line_break_is_refused_and_not_told() -> None:
    with pytest.raises(InputError, match="line break") as told:
        Endpoint("ws://h", api_key="hush\nhush")
    assert "hush" not in str(told.value)


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_a_limit_of_cost_that_is_none(limit: float) -> None:
    with pytest.raises(InputError, match="cannot cost"):
        Endpoint("ws://h", max_cost_usd=limit)


def test_nothing_secret_is_ever_shown() -> None:
    url = "wss://user:hush@h:1/x?model=m&api-key=hush&token=hush"
    assert shown_url(url) == "wss://h:1/x?model=m&api-key=***&token=***"
    endpoint = Endpoint(url, api_key="hush", headers={"x-key": "hush"})
    assert "hush" not in repr(endpoint)
    assert repr(endpoint) == "<Endpoint wss://h:1/x?model=m&api-key=***&token=***>"


def test_the_error_of_a_wrong_url_shows_no_secret() -> None:
    with pytest.raises(InputError) as told:
        Endpoint("ftp://user:hush@h")
    assert "hush" not in str(told.value)
