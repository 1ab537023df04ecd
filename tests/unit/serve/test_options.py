from __future__ import annotations

import pytest

from voicelab.errors import InputError
from voicelab.serve import ServeOptions
from voicelab.serve.options import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.0.2.1", False),
    ],
)
def test_who_can_reach_an_address(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
    if expected:
        ServeOptions(host=host)
    else:
        with pytest.raises(InputError, match=r"without a key .*; give --api-key"):
            ServeOptions(host=host)
        ServeOptions(host=host, api_keys=("k",))


def test_an_address_that_does_not_exist() -> None:
    with pytest.raises(InputError, match=r"no address named 'no-such\.invalid'"):
        ServeOptions(host="no-such.invalid")


def test_an_empty_key_is_none() -> None:
    with pytest.raises(InputError, match="an API key is empty"):
        ServeOptions(api_keys=("k", " "))


def test_an_empty_model_is_none() -> None:
    with pytest.raises(InputError, match="name of a model is empty"):
        ServeOptions(models=("m", ""))


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://app.example", "http://h:8080/", "app://local"]
)
def test_an_origin(origin: str) -> None:
    ServeOptions(origins=(origin,))


@pytest.mark.parametrize("origin", ["", "app.example", "https://h/app", "http://[h"])
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(InputError, match="is not the origin of a web page"):
        ServeOptions(origins=(origin,))


def test_keys_are_not_shown() -> None:
    assert "sk-" not in repr(ServeOptions(api_keys=("sk-1",)))
