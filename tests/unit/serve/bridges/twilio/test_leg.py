"""A call's leg to Twilio, message by message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicelab.errors import LegError
from voicelab.legs import twilio
from voicelab.protocol.server_events import UnknownServerEvent
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    KeyPressed,
    Leg,
    MarkReached,
    Oddity,
)
from voicelab.serve.bridges.twilio.leg import TwilioLeg

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'


def start(**changes: Any) -> str:
    facts: dict[str, Any] = {
        "streamSid": "MZ1",
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "customParameters": {"password": "hush"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    return json.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": "MZ1",
            "start": facts | changes,
        }
    )


def media(chunk: int, payload: bytes = b"\x7f", **changes: Any) -> str:
    message = twilio.CallerMedia.of(
        "MZ1", payload, number=chunk + 1, chunk=chunk, at_ms=20 * (chunk - 1)
    )
    document = json.loads(twilio.encode(message))
    document["media"] |= changes
    return json.dumps(document)


def of_stream(event: str, sid: str = "MZ1", **fields: Any) -> str:
    return json.dumps({"event": event, "streamSid": sid} | fields)


def leg_in_a_call() -> TwilioLeg:
    leg = TwilioLeg()
    leg.receive(CONNECTED)
    leg.receive(start())
    leg.ready()
    return leg


def sent(leg: TwilioLeg) -> list[dict[str, Any]]:
    return [json.loads(text) for text in leg.outgoing()]


def test_it_is_a_leg() -> None:
    leg: Leg = TwilioLeg()
    assert leg.name == "twilio"
    assert leg.codec == twilio.CODEC


def test_a_call_begins_with_its_stream_and_secrets_are_not_told() -> None:
    leg = TwilioLeg()
    assert leg.receive(CONNECTED) == []
    begins = CallBegins({"call_id": "CA1", "stream_id": "MZ1"}, frame_ms=20)
    assert leg.receive(start()) == [begins]
    leg.ready()
    assert leg.outgoing() == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"mediaFormat": {"encoding": "audio/x-alaw"}},
            "the audio is audio/x-alaw at 8000 Hz in 1 channel, not",
        ),
        ({"mediaFormat": {"sampleRate": 16000}}, "at 16000 Hz"),
        ({"mediaFormat": {"channels": 2}}, "in 2 channels"),
        ({"tracks": ["outbound"]}, "the caller's track is not in the stream"),
        ({"tracks": []}, "the caller's track is not in the stream"),
    ],
)
def test_a_stream_that_cannot_be_heard_is_refused(
    changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(LegError, match=problem):
        TwilioLeg().receive(start(**changes))


@pytest.mark.parametrize(
    "text",
    [
        media(1),
        of_stream("mark", mark={"name": "m1"}),
        of_stream("dtmf", dtmf={"digit": "1"}),
        of_stream("stop"),
    ],
)
def test_nothing_may_come_before_start(text: str) -> None:
    leg = TwilioLeg()
    leg.receive(CONNECTED)
    with pytest.raises(LegError, match="comes before 'start'"):
        leg.receive(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (start(), "a second 'start'"),
        (of_stream("stop", sid="MZ2"), "'stop' belongs to another stream"),
        (of_stream("mark", sid="MZ2", mark={"name": "m"}), "belongs to another"),
        (media(1, payload=b"").replace('""', '"*"'), "base64"),
        (media(1, timestamp=20), "timestamp"),
        (media(1).replace('"chunk": "1"', '"chunk": "-1"'), "chunk"),
        (of_stream("media"), "media"),
        (of_stream("dtmf"), "dtmf"),
        ('{"event":"stop"}', "streamSid"),
        ('{"streamSid":"MZ1"}', "no 'event'"),
        ('{"event":[]}', "unknown 'event'"),
        ("null", "not an object"),
        ("", "not JSON"),
    ],
)
def test_a_wrong_message_is_refused(text: str, problem: str) -> None:
    with pytest.raises(LegError, match=problem):
        leg_in_a_call().receive(text)


def test_one_of_an_unknown_kind_changes_nothing() -> None:
    leg = leg_in_a_call()
    [event] = leg.receive(of_stream("weather"))
    assert isinstance(event, Oddity)
    assert "'weather'" in event.problem
    assert leg.receive(media(1)) == [CallerAudio(b"\x7f")]


def test_only_the_callers_track_is_heard() -> None:
    leg = leg_in_a_call()
    assert leg.receive(media(1, track="outbound")) == []
    assert leg.receive(media(1, payload=b"")) == []


def test_a_lost_chunk_is_silence() -> None:
    leg = leg_in_a_call()
    leg.receive(media(1, payload=b"\x01" * 160))
    [event] = leg.receive(media(3, payload=b"\x02" * 160))
    assert event == CallerAudio(b"\xff" * 160 + b"\x02" * 160)


def test_a_key_of_the_telephone() -> None:
    leg = leg_in_a_call()
    text = of_stream("dtmf", dtmf={"track": "inbound_track", "digit": "#"})
    assert leg.receive(text) == [KeyPressed("#")]


def test_audio_marks_and_clear_name_the_stream() -> None:
    leg = leg_in_a_call()
    leg.play("item_1", b"\xff\x7f")
    leg.mark("m1", "item_1", 0.25)
    leg.clear()
    assert sent(leg) == [
        {"event": "media", "streamSid": "MZ1", "media": {"payload": "/38="}},
        {"event": "mark", "streamSid": "MZ1", "mark": {"name": "m1"}},
        {"event": "clear", "streamSid": "MZ1"},
    ]


def returned(name: str) -> str:
    return of_stream("mark", mark={"name": name})


def test_marks_come_back_when_they_were_reached_once() -> None:
    leg = leg_in_a_call()
    leg.mark("m1", "item_1", 0)
    leg.mark("m2", "item_1", 100)
    assert leg.receive(returned("m1")) == [MarkReached("m1")]
    assert leg.receive(returned("m1")) == []
    assert leg.receive(returned("m2")) == [MarkReached("m2")]
    assert leg.receive(returned("m3")) == []


def test_marks_that_a_clear_returns_do_not_count() -> None:
    leg = leg_in_a_call()
    leg.mark("m1", "item_1", 0)
    leg.mark("m2", "item_1", 100)
    leg.clear()
    leg.mark("m3", "item_2", 0)
    events = [leg.receive(returned(name)) for name in ("m1", "m2", "m3")]
    assert events == [[], [], [MarkReached("m3")]]


def test_twilio_ends_the_call() -> None:
    leg = leg_in_a_call()
    stop = of_stream("stop", stop={"accountSid": "AC1", "callSid": "CA1"})
    assert leg.receive(stop) == [CallOver("stop")]
    assert leg.receive("garbage") == []
    leg.play("item_1", b"\0")
    assert leg.outgoing() == []


def test_the_bridge_ends_the_call_without_a_word() -> None:
    leg = leg_in_a_call()
    leg.show(UnknownServerEvent("response.created", {}))
    leg.fail("the agent cannot be reached")
    leg.hang_up("failed")
    leg.play("item_1", b"\0")
    assert leg.outgoing() == []
