"""46elks' leg, against the examples of its documentation, and what is refused."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from voicelab.errors import LegError
from voicelab.legs import elks

PROVIDER_WIRE = {
    '{"t":"hello","callid":"c1","from":"+461","to":"+462"}': elks.Hello(
        "c1", "+461", "+462"
    ),
    '{"t":"audio","data":"AAE="}': elks.Audio(b"\0\1"),
    '{"t":"sync"}': elks.Sync(),
    '{"t":"sync","id":7}': elks.Sync(7),
    '{"t":"bye","reason":"done","message":"Call finished"}': elks.Bye(
        "done", "Call finished"
    ),
}
BRIDGE_WIRE = {
    '{"t":"sending","format":"pcm_24000"}': elks.Sending("pcm_24000"),
    '{"t":"listening","format":"ulaw"}': elks.Listening("ulaw"),
    '{"t":"audio","data":"AAE="}': elks.Audio(b"\0\1"),
    '{"t":"sync"}': elks.Sync(),
    '{"t":"interrupt"}': elks.Interrupt(),
    '{"t":"bye"}': elks.Bye(),
}


@pytest.mark.parametrize(("text", "message"), PROVIDER_WIRE.items())
def test_what_46elks_sends(text: str, message: elks.ProviderMessage) -> None:
    assert elks.from_provider(text) == message
    assert elks.encode(message) == text


@pytest.mark.parametrize(("text", "message"), BRIDGE_WIRE.items())
def test_what_a_bridge_sends(text: str, message: elks.BridgeMessage) -> None:
    assert elks.from_bridge(text) == message
    assert elks.encode(message) == text


def test_fields_that_are_not_known_are_ignored() -> None:
    text = '{"t": "sync", "queued": 3}'
    assert elks.from_provider(text) == elks.Sync(UNSET)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"t": "hello", "callid": "c"', "it is not JSON"),
        ("7", "it is JSON, but not an object"),
        ('{"data": ""}', "it has no 't'; known are audio, bye, hello, sync"),
        ('{"t": "hallo"}', "unknown 't' 'hallo'; known are audio, bye, hello, sync"),
        (
            '{"t": "interrupt"}',
            "unknown 't' 'interrupt'; known are audio, bye, hello, sync",
        ),
        ('{"t": ["x"]}', "unknown 't' ['x']; known are audio, bye, hello, sync"),
        ('{"t": "hello"}', "'hello': object missing required field callid"),
        ('{"t": "audio", "data": "?"}', "'audio': invalid base64 encoded string"),
    ],
)
def test_a_wrong_message_is_named(text: str, problem: str) -> None:
    with pytest.raises(LegError) as caught:
        elks.from_provider(text)
    expected = f"the provider sent no message of the 46elks leg: {problem}"
    assert str(caught.value).startswith(expected)


def test_formats() -> None:
    assert elks.codec_named("pcm_16000").rate_hz == 16000
    assert elks.codec_named("alaw").bytes_per_sample == 1
    usable = "known are pcm_8000, pcm_16000, pcm_24000, ulaw, alaw"
    with pytest.raises(LegError, match=f"'ogg' cannot be used here; {usable}"):
        elks.codec_named("ogg")
    with pytest.raises(LegError, match=f"'pcm16' does not exist; {usable}"):
        elks.codec_named("pcm16")
