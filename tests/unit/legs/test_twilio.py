"""Twilio's leg, against the examples of its documentation, and what is refused."""

from __future__ import annotations

import json

import pytest

from voicelab.errors import LegError
from voicelab.legs import twilio

START = """{"event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
 "start": {"accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1",
  "tracks": ["inbound"], "customParameters": {"name": "Ann"},
  "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}}}"""
MEDIA = """{"event": "media", "sequenceNumber": "4", "streamSid": "MZ1",
 "media": {"track": "inbound", "chunk": "2", "timestamp": "20", "payload": "f38="}}"""


def test_the_start_of_a_stream() -> None:
    hello = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
    assert twilio.from_provider(hello) == twilio.Connected("Call", "1.0.0")
    start = twilio.from_provider(START)
    assert isinstance(start, twilio.Start)
    assert start.stream_sid == start.start.stream_sid == "MZ1"
    assert start.start.call_sid == "CA1"
    assert start.start.media_format == twilio.MediaFormat("audio/x-mulaw", 8000, 1)
    assert start.start.custom_parameters == {"name": "Ann"}


def test_caller_audio() -> None:
    media = twilio.from_provider(MEDIA)
    assert isinstance(media, twilio.CallerMedia)
    assert (media.payload, media.timestamp_ms) == (b"\x7f\x7f", 20)
    assert media == twilio.CallerMedia.of(
        "MZ1", b"\x7f\x7f", number=4, chunk=2, at_ms=20
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"event":"mark","streamSid":"M","mark":{"name":"a"}}', twilio.MarkReached),
        ('{"event":"dtmf","streamSid":"M","dtmf":{"digit":"1"}}', twilio.Dtmf),
        ('{"event":"stop","streamSid":"M","stop":{"callSid":"C"}}', twilio.Stop),
        ('{"event":"stop","streamSid":"M"}', twilio.Stop),
    ],
)
def test_the_other_messages_of_twilio(text: str, kind: type) -> None:
    assert isinstance(twilio.from_provider(text), kind)


@pytest.mark.parametrize(
    "message",
    [
        twilio.Connected(),
        twilio.Start(
            stream_sid="M", start=twilio.StreamFacts("M", "C"), sequence_number="1"
        ),
        twilio.CallerMedia.of("M", b"\xff", number=2, chunk=1, at_ms=0),
        twilio.MarkReached(stream_sid="M", mark=twilio.MarkName("a")),
    ],
)
def test_what_is_written_is_read(message: twilio.ProviderMessage) -> None:
    assert twilio.from_provider(twilio.encode(message)) == message


def test_numbers_are_strings_and_names_are_in_camel_case() -> None:
    message = twilio.CallerMedia.of("M", b"", number=2, chunk=1, at_ms=40)
    assert json.loads(twilio.encode(message)) == {
        "event": "media",
        "streamSid": "M",
        "sequenceNumber": "2",
        "media": {"payload": "", "timestamp": "40", "chunk": "1", "track": "inbound"},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"event":"media","streamSid":"M","media":{"payload":"/38="}}',
            twilio.AgentMedia.of("M", b"\xff\x7f"),
        ),
        (
            '{"event":"mark","streamSid":"M","mark":{"name":"a"}}',
            twilio.Mark.of("M", "a"),
        ),
        ('{"event":"clear","streamSid":"M"}', twilio.Clear(stream_sid="M")),
    ],
)
def test_what_a_bridge_sends(text: str, message: twilio.BridgeMessage) -> None:
    assert twilio.from_bridge(text) == message
    assert twilio.encode(message) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no", "it is not JSON"),
        ('{"event": "stop"}', "unknown 'event' 'stop'; known are clear, mark, media"),
        ('{"streamSid": "M"}', "it has no 'event'; known are clear, mark, media"),
        ('{"event": "clear"}', "'clear': object missing required field streamSid"),
        (
            '{"event": "media", "streamSid": "M", "media": {"payload": "*"}}',
            "'media': invalid base64 encoded string at media.payload",
        ),
    ],
)
def test_a_wrong_message_of_a_bridge_is_named(text: str, problem: str) -> None:
    with pytest.raises(LegError) as caught:
        twilio.from_bridge(text)
    assert str(caught.value) == (
        f"the bridge sent no message of the Twilio leg: {problem}"
    )


@pytest.mark.parametrize("timestamp", ['"-1"', '"1.5"', '""', '"1e3"', "20"])
def test_a_timestamp_is_a_whole_number_as_a_string(timestamp: str) -> None:
    with pytest.raises(LegError, match="'media': expected str"):
        twilio.from_provider(MEDIA.replace('"20"', timestamp))
