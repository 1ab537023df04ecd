"""What near-GA servers really send, and what a client makes of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from msgspec import UNSET

from tests.support import wire_examples
from voicelab.protocol import codec
from voicelab.protocol import items as i
from voicelab.protocol import response_object as r
from voicelab.protocol import server_events as ev
from voicelab.protocol.tolerance import NOT_TOLD_MS

IDS: dict[str, Any] = {
    "event_id": "e",
    "response_id": "r",
    "item_id": "i",
    "output_index": 0,
    "content_index": 0,
}


def read(kind: str, **fields: Any) -> Any:
    event = codec.decode_server(json.dumps({"type": kind, **fields}))
    assert codec.wire_type(event) == kind
    return event


def unread(kind: str, **fields: Any) -> str:
    event = read(kind, **fields)
    assert isinstance(event, ev.UnknownServerEvent)
    assert event.raw == {"type": kind, **fields}
    assert event.problem is not None
    return event.problem


def done(**fields: Any) -> r.Response:
    event = read("response.done", event_id="e", response=fields)
    assert isinstance(event, ev.ResponseDone)
    return event.response


# --- one server at a time ----------------------------------------------------


def test_xai_tells_no_positions() -> None:
    started = read("input_audio_buffer.speech_started", event_id="e", item_id="i")
    stopped = read("input_audio_buffer.speech_stopped", event_id="e", item_id="i")
    assert started == ev.InputAudioBufferSpeechStarted(
        event_id="e", item_id="i", audio_start_ms=NOT_TOLD_MS
    )
    assert stopped.audio_end_ms == NOT_TOLD_MS


def test_xai_leaves_the_transcript_and_the_indices_out() -> None:
    kind = "response.output_audio_transcript.done"
    event = read(kind, event_id="e", response_id="r", item_id="i")
    assert event == ev.ResponseOutputAudioTranscriptDone(**IDS, transcript="")


def test_xai_sends_usage_beside_the_response_or_empty() -> None:
    response = {"id": "r", "status": "completed", "output": [], "usage": {}}
    usage: dict[str, Any] = {
        "total_tokens": 3,
        "input_tokens": 1,
        "output_tokens": 2,
    }
    event = read("response.done", event_id="e", response=response, usage=usage)
    assert event.response.usage == r.Usage(**usage)
    assert done(**response).usage is UNSET


def test_vllms_error_is_a_string() -> None:
    event = read("error", error="Model not found", code="model_not_found")
    assert event == ev.ErrorEvent(
        event_id="",
        error=ev.ErrorDetail(
            type="error", code="model_not_found", message="Model not found"
        ),
    )


def test_an_error_may_stand_in_the_event_itself() -> None:
    event = read("error", event_id="e", message="Too much", code=429)
    assert (event.error.message, event.error.code) == ("Too much", "429")


@pytest.mark.parametrize("error", [None, {}, {"message": None}])
def test_an_error_may_say_nothing(error: object) -> None:
    assert read("error", event_id="e", error=error).error.message == ""


def test_a_ping_is_unknown_and_no_fault() -> None:
    event = read("ping", timestamp=1)
    assert event == ev.UnknownServerEvent("ping", {"type": "ping", "timestamp": 1})


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("assistant", [i.OutputText, i.OutputAudio]),
        ("user", [i.InputText, i.InputAudio]),
    ],
)
def test_contents_may_have_their_old_names(role: str, kinds: list[type]) -> None:
    content = [{"type": "text", "text": "a"}, {"type": "audio", "transcript": "b"}]
    item = {"type": "message", "role": role, "content": content}
    event = read("conversation.item.done", event_id="e", item=item)
    assert [type(part) for part in event.item.content] == kinds


def test_a_part_may_be_named_as_a_content() -> None:
    part = {"type": "output_audio", "transcript": "a"}
    event = read("response.content_part.done", **IDS, part=part)
    assert event.part == i.AudioPart("a")


@pytest.mark.parametrize(("told", "meant"), [(12.0, 12), (12.9, 12), (12, 12)])
def test_milliseconds_may_have_a_fraction(told: float, meant: int) -> None:
    event = read(
        "input_audio_buffer.speech_started",
        event_id="e",
        item_id="i",
        audio_start_ms=told,
    )
    assert event.audio_start_ms == meant
    assert type(event.audio_start_ms) is int


# --- the rules ---------------------------------------------------------------


@pytest.mark.parametrize("event_id", [{}, {"event_id": None}, {"event_id": 3}])
@pytest.mark.parametrize("event", wire_examples.SERVER_EVENTS, ids=codec.wire_type)
def test_every_event_may_lack_its_id(
    event: ev.ServerEvent, event_id: dict[str, Any]
) -> None:
    document = json.loads(codec.encode(event))
    del document["event_id"]
    mended = codec.decode_server(json.dumps(document | event_id))
    stand_in = str(event_id.get("event_id") or "")
    assert codec.encode(mended) == codec.encode(_with_id(event, stand_in))


def _with_id(event: ev.ServerEvent, event_id: str) -> ev.ServerEvent:
    document = json.loads(codec.encode(event)) | {"event_id": event_id}
    again = codec.decode_server(json.dumps(document))
    assert not isinstance(again, ev.UnknownServerEvent)
    return again


def test_a_null_object_is_an_absent_one() -> None:
    response = done(
        id="r", status="completed", output=None, audio=None, output_modalities=None
    )
    assert response.output == []
    assert response.output_modalities is UNSET


def test_what_is_optional_and_unreadable_is_left_out() -> None:
    response = done(
        id="r",
        status="completed",
        object="response",
        usage="much",
        metadata={"a": "b", "c": 1, "d": []},
        max_output_tokens="unlimited",
    )
    assert response.object == "realtime.response"
    assert response.usage is response.max_output_tokens is UNSET
    assert response.metadata == {"a": "b", "c": "1"}


def test_unreadable_members_of_a_list_are_left_out() -> None:
    spoken = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "refusal"}, {"type": "output_text", "text": "a"}, 3],
    }
    response = done(id="r", status="completed", output=[{"type": "mcp_call"}, spoken])
    assert response.output == [
        i.MessageItem(role="assistant", content=[i.OutputText("a")])
    ]


@pytest.mark.parametrize(
    ("told", "meant"),
    [(None, "completed"), ("canceled", "incomplete"), ("cancelled", "cancelled")],
)
def test_a_response_always_ends(told: str | None, meant: str) -> None:
    assert done(id="r", status=told).status == meant


def test_a_response_always_begins() -> None:
    event = read("response.created", response={"id": "r"})
    assert event.response.status == "in_progress"


def test_a_total_that_is_not_told_is_added_up() -> None:
    usage = {"input_tokens": 5, "output_tokens": 2}
    response = done(id="r", status="completed", usage=usage)
    assert response.usage == r.Usage(total_tokens=7, input_tokens=5, output_tokens=2)


def test_a_session_may_be_missing() -> None:
    first, second = read("session.created"), read("session.updated", session=None)
    assert (first.session, second.session) == ({}, {})
    assert first.session is not second.session


# --- the limits of tolerance -------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"delta": "!"}, "`delta`: Invalid base64"),
        ({"delta": None}, "`delta`: missing"),
        ({"delta": 3}, "`delta`: Expected `bytes`"),
        ({"delta": "AAAA", "output_index": "one"}, "`output_index`: Expected `int`"),
        ({"delta": "AAAA", "output_index": True}, "`output_index`: Expected `int`"),
    ],
)
def test_audio_is_never_guessed(fields: dict[str, Any], problem: str) -> None:
    assert problem in unread("response.output_audio.delta", **(IDS | fields))


@pytest.mark.parametrize("response", [None, [], "r", 3])
def test_a_response_is_never_guessed(response: object) -> None:
    assert "`response`" in unread("response.done", event_id="e", response=response)


def test_the_place_of_the_fault_is_named() -> None:
    item = {"type": "message", "content": []}
    problem = unread("conversation.item.added", event_id="e", item=item)
    assert problem == "`item.role`: missing"


@pytest.mark.parametrize("event_type", [{}, {"type": None}, {"type": 3}])
def test_an_event_without_a_type_is_kept(event_type: dict[str, Any]) -> None:
    event = codec.decode_server(json.dumps(event_type | {"a": 1}))
    assert event == ev.UnknownServerEvent("", event_type | {"a": 1}, "`type`: no text")


def test_nothing_is_mended_that_was_right() -> None:
    for event in wire_examples.SERVER_EVENTS:
        document = json.loads(codec.encode(event)) | {"later": {"version": 2}}
        assert codec.decode_server(json.dumps(document)) == event


def test_mending_takes_the_audio_with_it() -> None:
    audio = bytes(range(200))
    fields = {"response_id": "r", "item_id": "i", "delta": base64.b64encode(audio)}
    raw = {"type": "response.output_audio.delta", **fields}
    event = codec.decode_server(json.dumps(raw, default=bytes.decode))
    assert isinstance(event, ev.ResponseOutputAudioDelta)
    assert event.delta == audio
