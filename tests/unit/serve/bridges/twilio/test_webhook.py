"""Twilio asks what to do with a call, and is told where to stream it to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.sockets import on_sockets
from tests.support.telephone_bridges import calls_to, line_to, running, twilio_bridge
from voicelab.errors import InputError
from voicelab.serve.bridges.twilio.app import MAX_FORM_BYTES
from voicelab.serve.bridges.twilio.settings import TwilioSettings
from voicelab.serve.bridges.twilio.signature import HEADER, signature

NOBODY = "ws://127.0.0.1:9/v1/realtime"
PUBLIC = "https://voice.example/base"
FORM = {"CallSid": "CA1", "From": "+46701234567", "To": "+46766861234", "Empty": ""}


def answered(
    method: str, target: str, settings: dict[str, Any], **request: Any
) -> httpx.Response:
    """Return what a bridge answers to a request."""

    async def main() -> httpx.Response:
        app = twilio_bridge(calls_to(NOBODY), **settings)
        async with running(app) as bridge, httpx.AsyncClient() as client:
            return await client.request(method, bridge.http_url + target, **request)

    return on_sockets(main)


def stream_url(response: httpx.Response) -> str:
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/xml")
    stream = ET.fromstring(response.text).find("./Connect/Stream")
    assert stream is not None
    return stream.attrib["url"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_stream_is_where_the_bridge_is_found(method: str) -> None:
    response = answered(method, "/twilio", {"public_url": PUBLIC})
    assert stream_url(response) == "wss://voice.example/base/twilio/media"


def test_or_at_the_host_that_was_asked_for() -> None:
    response = answered("POST", "/twilio", {}, headers={"Host": "phone.example"})
    assert stream_url(response) == "wss://phone.example/twilio/media"


def test_without_tls_the_stream_has_none() -> None:
    response = answered("GET", "/twilio", {"public_url": "http://127.0.0.1:8080"})
    assert stream_url(response) == "ws://127.0.0.1:8080/twilio/media"


@pytest.mark.parametrize("target", ["/twilio/s3cret%2F+t", "/twilio?token=s3cret/%2Bt"])
def test_who_knows_the_token_learns_where_the_stream_is(target: str) -> None:
    settings = {"public_url": PUBLIC, "token": "s3cret/+t"}
    response = answered("POST", target, settings)
    assert stream_url(response) == (
        "wss://voice.example/base/twilio/media/s3cret%2F%2Bt"
    )


@pytest.mark.parametrize("target", ["/twilio", "/twilio/no", "/twilio?token=no"])
def test_who_does_not_know_it_learns_nothing(target: str) -> None:
    response = answered("POST", target, {"public_url": PUBLIC, "token": "s3cret"})
    assert response.status_code == 403
    assert "s3cret" not in response.text


SIGNED = {"public_url": PUBLIC, "auth_token": "12345"}


def test_what_twilio_posted_and_signed_is_answered() -> None:
    given = signature("12345", f"{PUBLIC}/twilio?a=b", list(FORM.items()))
    response = answered(
        "POST", "/twilio?a=b", SIGNED, data=FORM, headers={HEADER: given}
    )
    assert stream_url(response) == "wss://voice.example/base/twilio/media"


def test_what_twilio_asked_for_and_signed_is_answered() -> None:
    target = f"/twilio?{urlencode(FORM)}"
    given = signature("12345", PUBLIC + target)
    response = answered("GET", target, SIGNED, headers={HEADER: given})
    assert stream_url(response) == "wss://voice.example/base/twilio/media"


@pytest.mark.parametrize("given", [None, "", "x", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="])
def test_what_twilio_did_not_sign_is_not(given: str | None) -> None:
    headers = {} if given is None else {HEADER: given}
    response = answered("POST", "/twilio", SIGNED, data=FORM, headers=headers)
    assert response.status_code == 403


def test_a_form_that_is_too_long_is_not_read() -> None:
    response = answered("POST", "/twilio", {}, content=b"x" * (MAX_FORM_BYTES + 1))
    assert response.status_code == 413


def test_only_a_stream_that_twilio_signed_is_accepted() -> None:
    async def main() -> None:
        app = twilio_bridge(calls_to(NOBODY), **SIGNED)
        path = "/twilio/media"
        right = signature("12345", f"wss://voice.example/base{path}")
        async with running(app) as bridge:
            async with line_to(bridge, path, additional_headers={HEADER: right}):
                pass
            for headers in ({}, {HEADER: right[::-1]}):
                with pytest.raises(InvalidStatus, match="403"):
                    async with line_to(bridge, path, additional_headers=headers):
                        pass

    on_sockets(main)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"public_url": "voice.example"}, "write it like https://voice.example"),
        ({"public_url": "wss://voice.example"}, "is not where Twilio could find"),
        ({"public_url": "https://voice.example?x=1"}, "without a query"),
        ({"public_url": "https://voice.example:x"}, "is not where"),
        ({"public_url": "https://"}, "is not where"),
        ({"auth_token": "12345"}, "give --public-url"),
        ({"auth_token": " ", "public_url": PUBLIC}, "the auth token is empty"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        TwilioSettings(calls=calls_to(NOBODY), **settings)


def test_secrets_are_not_shown() -> None:
    settings = TwilioSettings(
        calls=calls_to(NOBODY), public_url=PUBLIC, auth_token="hush", token="quiet"
    )
    assert "hush" not in repr(settings)
    assert "quiet" not in repr(settings)
