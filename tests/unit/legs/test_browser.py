"""The page's leg: what stands on the wire, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicelab.errors import EXIT_FAR_SIDE, LegError
from voicelab.legs import MAX_MESSAGE_CHARACTERS, browser

WIRE = {
    '{"hello":{"rate":24000,"token":"t"}}': browser.Hello(24000, "t"),
    '{"hello":{}}': browser.Hello(16000),
    '{"audio":"AAEC"}': browser.Audio(b"\x00\x01\x02"),
    '{"mark":{"name":"m3"}}': browser.MarkPlayed("m3"),
    '{"bye":{}}': browser.Bye(),
}
BRIDGE_WIRE = {
    '{"ready":{"rate":16000}}': browser.Ready(16000),
    '{"audio":"AAEC"}': browser.Audio(b"\x00\x01\x02"),
    '{"mark":{"name":"m3","item_id":"item_1","audio_ms":1200.0}}': browser.Mark(
        "m3", "item_1", 1200.0
    ),
    '{"clear":true}': browser.Clear(),
    '{"event":{"type":"response.done"}}': browser.UpstreamEvent(
        {"type": "response.done"}
    ),
    '{"error":{"message":"no server"}}': browser.Failure("no server"),
    '{"bye":{"reason":"done"}}': browser.Bye("done"),
}


@pytest.mark.parametrize(("text", "message"), WIRE.items())
def test_what_a_page_sends_is_read(text: str, message: browser.ProviderMessage) -> None:
    assert browser.from_provider(text) == message
    assert browser.from_provider(text.encode()) == message


@pytest.mark.parametrize(("text", "message"), BRIDGE_WIRE.items())
def test_what_a_bridge_sends_is_read_and_written(
    text: str, message: browser.BridgeMessage
) -> None:
    assert browser.from_bridge(text) == message
    assert browser.encode(message) == text


@given(st.binary(max_size=64))
@settings(derandomize=True)
def test_audio_crosses_unchanged(data: bytes) -> None:
    text = browser.encode(browser.Audio(data))
    assert browser.from_provider(text) == browser.from_bridge(text)
    assert browser.from_bridge(text) == browser.Audio(data)


def test_what_is_not_known_beside_the_key_is_ignored() -> None:
    text = '{"audio": "AAA=", "at": 7, "more": {"x": 1}}'
    assert browser.from_bridge(text) == browser.Audio(b"\0\0")
    mark = '{"mark": {"name": "a", "item_id": "i", "audio_ms": 1, "x": null}}'
    assert browser.from_bridge(mark) == browser.Mark("a", "i", 1.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        (b"\xff", "it is not JSON"),
        ("[" * 5000, "it is not JSON"),
        ("[]", "it is JSON, but not an object"),
        ("{}", "it is empty; known are audio, bye, hello, mark"),
        ('{"foo": 1}', "unknown key 'foo'; known are audio, bye, hello, mark"),
        ('{"clear": true}', "unknown key 'clear'; known are audio, bye, hello, mark"),
        (
            '{"audio": "", "bye": {}}',
            "it has 'audio' and 'bye', but a message is one of them",
        ),
        ('{"audio": 3}', "'audio': expected bytes, got int at data"),
        ('{"audio": "#"}', "'audio': invalid base64 encoded string at data"),
        ('{"hello": {"rate": 11025}}', "'hello': invalid enum value 11025 at rate"),
        ('{"hello": 1}', "'hello': expected object, got int"),
        ('{"mark": {}}', "'mark': object missing required field name"),
    ],
)
def test_a_wrong_message_is_named(text: str | bytes, problem: str) -> None:
    with pytest.raises(LegError) as caught:
        browser.from_provider(text)
    assert str(caught.value) == (
        f"the provider sent no message of the browser leg: {problem}"
    )
    assert caught.value.exit_code == EXIT_FAR_SIDE


def test_clear_is_true_or_nothing() -> None:
    with pytest.raises(LegError, match="'clear': expected object, got bool"):
        browser.from_bridge('{"clear": false}')


def test_a_long_name_is_shortened() -> None:
    with pytest.raises(LegError) as caught:
        browser.from_bridge(json.dumps({"k" * 5000: 1}))
    assert len(str(caught.value)) < 250


def test_a_message_that_is_too_long_is_not_read() -> None:
    room = MAX_MESSAGE_CHARACTERS - len('{"audio":""}')
    longest = '{"audio":"' + "A" * (room // 4 * 4) + '"}'
    assert isinstance(browser.from_bridge(longest), browser.Audio)
    with pytest.raises(LegError, match="1048577 characters; 1048576 is the limit"):
        browser.from_bridge("x" * (MAX_MESSAGE_CHARACTERS + 1))


def test_a_codec_for_each_rate() -> None:
    assert [browser.codec_at(rate).rate_hz for rate in browser.RATES] == [
        8000,
        16000,
        24000,
        48000,
    ]
