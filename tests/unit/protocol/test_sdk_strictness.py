"""The helper that validates events must itself refuse what clients choke on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support import wire_examples
from tests.support.sdk import assert_valid_client_event, assert_valid_server_event
from voicelab.protocol import codec

Fault = Callable[[dict[str, Any]], None]


def example(wire_type: str) -> dict[str, Any]:
    for event in [*wire_examples.SERVER_EVENTS, *wire_examples.CLIENT_EVENTS]:
        if codec.wire_type(event) == wire_type:
            document: dict[str, Any] = json.loads(codec.encode(event))
            return document
    raise LookupError(wire_type)


FAULTS: list[tuple[str, Fault]] = [
    ("response.done", lambda e: e.update(type="response.cancelled")),
    ("response.done", lambda e: e.pop("event_id")),
    ("response.done", lambda e: e.update(novelty=1)),
    ("response.done", lambda e: e["response"].update(novelty=1)),
    ("response.done", lambda e: e["response"].update(usage=None)),
    ("response.done", lambda e: e["response"]["usage"].update(novelty=1)),
    ("response.done", lambda e: e["response"]["output"][0].update(name=None)),
    ("response.done", lambda e: e["response"]["output"][0].update(call_id="c")),
    ("response.done", lambda e: e["response"]["status_details"].update(reason="x")),
    ("session.created", lambda e: e["session"].update(novelty=1)),
    ("session.created", lambda e: e["session"]["audio"]["input"].update(rate=1)),
    ("session.created", lambda e: e["session"].update(output_modalities=["video"])),
    ("input_audio_buffer.speech_started", lambda e: e.update(audio_start_ms=1.5)),
    ("input_audio_buffer.speech_started", lambda e: e.update(audio_start_ms="1")),
    ("response.content_part.added", lambda e: e["part"].update(type="output_audio")),
    ("response.content_part.added", lambda e: e["part"].update(audio=None)),
    ("response.output_audio.delta", lambda e: e.update(type="response.audio.delta")),
    (
        "conversation.item.input_audio_transcription.completed",
        lambda e: e.pop("usage"),
    ),
]


@pytest.mark.parametrize(("wire_type", "spoil"), FAULTS)
def test_fault_is_caught(wire_type: str, spoil: Fault) -> None:
    document = example(wire_type)
    assert_valid_server_event(json.dumps(document).encode())
    spoil(document)
    with pytest.raises((AssertionError, ValidationError)):
        assert_valid_server_event(json.dumps(document).encode())


def test_client_fault_is_caught() -> None:
    document = example("conversation.item.truncate")
    assert_valid_client_event(json.dumps(document).encode())
    with pytest.raises(AssertionError, match=r"conversation\.item\.truncate\.novelty"):
        assert_valid_client_event(json.dumps(document | {"novelty": 1}).encode())
