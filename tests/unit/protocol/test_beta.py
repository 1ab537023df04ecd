"""The beta dialect, held against the SDK's beta models and a session behind it."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from openai.types.beta.realtime import RealtimeClientEvent, RealtimeServerEvent

from tests.support import wire_examples
from tests.support.sdk import adapter_of
from tests.support.session_pair import Event, SessionPair, hearing, level, spoken
from voicelab.audio import AudioFormat
from voicelab.protocol import codec
from voicelab.protocol.beta import BetaDialect
from voicelab.protocol.client_events import ClientEvent, InputAudioBufferAppend
from voicelab.protocol.dialect import Dialect, GaDialect
from voicelab.protocol.server_events import ServerEvent
from voicelab.session.reply import CallPiece, TextPiece

BETA = BetaDialect()
UNKNOWN_TO_BETA = {
    "input_audio_buffer.timeout_triggered",
    "conversation.item.input_audio_transcription.segment",
}
"""Events that only GA has; they pass, and a beta client ignores them."""


SERVER = adapter_of(RealtimeServerEvent)
CLIENT = adapter_of(RealtimeClientEvent)


def to_ga(event: Event) -> Event:
    CLIENT.validate_python(event)
    ga: Event = json.loads(BETA.client_to_ga(json.dumps(event).encode()))
    return ga


def to_beta(message: bytes) -> list[Event]:
    told = BETA.ga_to_client(message)
    for one in told:
        if json.loads(one)["type"] not in UNKNOWN_TO_BETA:
            SERVER.validate_json(one)
    return [json.loads(one) for one in told]


class BetaClient:
    """A client of the beta protocol on a session of the GA protocol."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.pair = SessionPair(*args, **kwargs)
        self.told = self._read(self.pair.events)

    def send(self, event: Event) -> list[Event]:
        raw = BETA.client_to_ga(json.dumps(event).encode())
        self.pair.server.receive(raw, self.pair.now_ns)
        return self._read(self.pair.collect())

    def update(self, **session: Any) -> list[Event]:
        return self.send({"type": "session.update", "session": session})

    def run(self, for_ms: int) -> list[Event]:
        return self._read(self.pair.run(for_ms))

    def _read(self, events: list[Event]) -> list[Event]:
        return [one for e in events for one in to_beta(msgspec.json.encode(e))]


def types(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def test_both_are_dialects() -> None:
    dialects: list[Dialect] = [GaDialect(), BETA]
    assert [dialect.name for dialect in dialects] == ["ga", "beta"]


@pytest.mark.parametrize(
    "event",
    [*wire_examples.CLIENT_EVENTS, *wire_examples.SERVER_EVENTS],
    ids=codec.wire_type,
)
def test_ga_needs_no_translation(event: Any) -> None:
    raw = codec.encode(event)
    assert GaDialect().client_to_ga(raw) == raw
    assert GaDialect().ga_to_client(raw) == [raw]


# --- from the client ---------------------------------------------------------


def test_a_flat_session_is_nested() -> None:
    session = {
        "modalities": ["text", "audio"],
        "instructions": "Be brief.",
        "voice": "ash",
        "input_audio_format": "g711_ulaw",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "input_audio_noise_reduction": None,
        "turn_detection": {"threshold": 0.6},
        "tools": [],
        "tool_choice": "auto",
        "temperature": 0.8,
        "max_response_output_tokens": 100,
        "speed": 1.2,
    }
    assert to_ga({"type": "session.update", "event_id": "e", "session": session}) == {
        "type": "session.update",
        "event_id": "e",
        "session": {
            "type": "realtime",
            "output_modalities": ["audio"],
            "instructions": "Be brief.",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": 100,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcmu"},
                    "transcription": {"model": "whisper-1"},
                    "noise_reduction": None,
                    "turn_detection": {"type": "server_vad", "threshold": 0.6},
                },
                "output": {
                    "voice": "ash",
                    "format": {"type": "audio/pcm", "rate": 24000},
                    "speed": 1.2,
                },
            },
        },
    }


def test_what_one_response_wants_is_nested() -> None:
    item = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": "a"}],
    }
    response = {
        "modalities": ["text"],
        "voice": "ash",
        "output_audio_format": "g711_alaw",
        "max_response_output_tokens": 5,
        "temperature": 0.7,
        "input": [item],
    }
    ga = to_ga({"type": "response.create", "response": response})
    assert ga["response"] == {
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "ash", "format": {"type": "audio/pcma"}}},
        "max_output_tokens": 5,
        "input": [item | {"content": [{"type": "output_text", "text": "a"}]}],
    }


@pytest.mark.parametrize("role", ["user", "system"])
def test_contents_of_others_keep_their_names(role: str) -> None:
    item = {
        "type": "message",
        "role": role,
        "content": [{"type": "input_text", "text": "a"}],
    }
    event = {"type": "conversation.item.create", "item": item}
    assert to_ga(event) == event


@pytest.mark.parametrize(
    "raw",
    [
        b"session.update",
        b'["session.update"]',
        b'{"type":"session.update"}',
        b'{"type":"session.update","session":3}',
        b'{"type":"response.create","response":null}',
        b'{"type":"conversation.item.create","item":[]}',
        b'{"type":["response.create"]}',
        b'{"note":"session.update"}',
    ],
)
def test_what_is_no_event_is_left_to_the_session(raw: bytes) -> None:
    told = BETA.client_to_ga(raw)
    assert told == raw or json.loads(told) == json.loads(raw)


def test_audio_passes_untouched() -> None:
    raw = codec.encode(InputAudioBufferAppend(audio=b"\0\1"))
    assert BETA.client_to_ga(raw) is raw


def test_a_client_that_mixes_both_shapes_is_told_of_it() -> None:
    client = BetaClient()
    (event,) = client.update(voice="ash", audio=3)
    assert event["error"]["param"] in {"session.voice", "session.audio"}


@pytest.mark.parametrize("event", wire_examples.CLIENT_EVENTS, ids=codec.wire_type)
def test_what_is_already_ga_stays_ga(event: ClientEvent) -> None:
    raw = codec.encode(event)
    assert codec.decode_client(BETA.client_to_ga(raw)) == event


# --- to the client -----------------------------------------------------------


@pytest.mark.parametrize("event", wire_examples.SERVER_EVENTS, ids=codec.wire_type)
def test_every_event_is_valid_beta(event: ServerEvent) -> None:
    told = to_beta(without_pictures(codec.encode(event)))
    expected = 0 if codec.wire_type(event) == "conversation.item.done" else 1
    assert len(told) == expected
    known = get_args(get_args(RealtimeServerEvent)[0])
    names = {get_args(kind.model_fields["type"].annotation)[0] for kind in known}
    for one in told:
        assert one["type"] in names | UNKNOWN_TO_BETA
        assert "output_" not in json.dumps(one.get("item", {}).get("content", []))


def without_pictures(raw: bytes) -> bytes:
    """Leave out what a beta client could not have put there."""
    event = json.loads(raw)
    content = event.get("item", {}).get("content", [])
    content[:] = [part for part in content if part["type"] != "input_image"]
    return msgspec.json.encode(event)


# --- a session behind it -----------------------------------------------------


def test_a_conversation_in_beta() -> None:
    client = BetaClient(
        [
            [(100, spoken(300, "Hello"))],
            [(10, TextPiece("Hi")), (20, CallPiece("f", "{}"))],
        ],
        transcriber=hearing(lambda *_: "words"),
    )
    assert types(client.told) == ["session.created"]
    session = client.told[0]["session"]
    assert session["modalities"] == ["text", "audio"]
    assert session["input_audio_format"] == "pcm16"
    assert session["turn_detection"]["silence_duration_ms"] == 500
    assert "audio" not in session
    (updated,) = client.update(
        input_audio_format="g711_ulaw",
        input_audio_transcription={"model": "whisper-1"},
        turn_detection=None,
        temperature=0.8,
    )
    assert updated["type"] == "session.updated"
    assert updated["session"]["input_audio_format"] == "g711_ulaw"
    assert updated["session"]["turn_detection"] is None
    audio = AudioFormat.PCMU.encode(level(300, rate_hz=8000))
    raw = codec.encode(InputAudioBufferAppend(audio=audio))
    assert client.send(json.loads(raw)) == []
    told = client.send({"type": "input_audio_buffer.commit"})
    assert types(told) == ["input_audio_buffer.committed", "conversation.item.created"]
    client.send({"type": "response.create"})
    told = client.run(2000)
    assert "response.audio.delta" in types(told)
    assert "response.audio_transcript.done" in types(told)
    (done,) = [event for event in told if event["type"] == "response.done"]
    (item,) = done["response"]["output"]
    assert item["content"] == [{"type": "audio", "transcript": "Hello"}]
    assert done["response"]["output_audio_format"] == "pcm16"
    response = {"modalities": ["text"], "max_response_output_tokens": 9}
    (created, *_) = client.send({"type": "response.create", "response": response})
    assert created["response"]["modalities"] == ["text"]
    assert created["response"]["max_output_tokens"] == 9
    assert "response.text.delta" in types(client.run(1000))


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"input_audio_format": "pcm_16000"}, "invalid_value", "input_audio_format"),
        (
            {"turn_detection": {"type": "server_vad", "threshold": 7}},
            "decimal_above_max_value",
            "turn_detection.threshold",
        ),
        ({"modalities": ["video"]}, "invalid_value", "modalities[0]"),
        ({"modalities": []}, "array_below_min_length", "modalities"),
        ({"voice": 3}, "invalid_type", "voice"),
        (
            {"max_response_output_tokens": 0},
            "integer_below_min_value",
            "max_response_output_tokens",
        ),
        ({"bogus": 1}, "unknown_parameter", "bogus"),
        ({"client_secret": {}}, "unknown_parameter", "client_secret"),
    ],
)
def test_errors_name_what_the_client_wrote(
    session: Event, code: str, param: str
) -> None:
    client = BetaClient()
    (event,) = client.update(**session)
    error = event["error"]
    assert (error["code"], error["param"]) == (code, f"session.{param}")
    assert "audio/" not in error["message"]
    assert "output_modalities" not in error["message"]


def test_an_error_lists_beta_formats() -> None:
    (event,) = BetaClient().update(input_audio_format="pcm_16000")
    assert event["error"]["message"] == (
        "Invalid value: 'pcm_16000'. Supported values are: 'pcm16', 'g711_ulaw', and "
        "'g711_alaw'."
    )
