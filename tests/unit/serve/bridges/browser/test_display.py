"""What a page may see of Realtime events."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.wire_examples import SERVER_EVENTS
from voicelab.protocol.codec import decode_server
from voicelab.protocol.server_events import ResponseOutputAudioDelta, ServerEvent
from voicelab.serve.bridges.browser.display import displayed

AUDIO = base64.b64encode(bytes(range(256)) * 20).decode()


def shown(**event: Any) -> dict[str, Any] | None:
    return displayed(decode_server(json.dumps({"event_id": "event_1"} | event)))


def test_an_audio_delta_is_not_shown() -> None:
    event = {
        "type": "response.output_audio.delta",
        "response_id": "r",
        "item_id": "i",
        "output_index": 0,
        "content_index": 0,
        "delta": AUDIO,
    }
    assert shown(**event) is None


def test_what_is_the_host_s_is_left_out() -> None:
    session = {
        "type": "realtime",
        "instructions": "a secret",
        "tools": [{"name": "secret_tool"}],
        "prompt": {"id": "secret"},
        "audio": {"output": {"voice": "marin"}},
    }
    found = shown(type="session.updated", session=session)
    assert found is not None
    assert "secret" not in json.dumps(found)
    assert found["session"]["audio"] == {"output": {"voice": "marin"}}


def test_an_unknown_event_is_shown_without_audio() -> None:
    found = shown(type="something.new", audio=AUDIO, delta=AUDIO, text="hello")
    assert found is not None
    assert found["text"] == "hello"
    assert AUDIO not in json.dumps(found)


def test_words_are_not_taken_for_audio() -> None:
    delta = "a long tale " * 200
    found = shown(type="something.new", delta=delta)
    assert found is not None
    assert found["delta"] == delta


@pytest.mark.parametrize("event", SERVER_EVENTS, ids=lambda e: type(e).__name__)
def test_every_event_is_shown_as_json(event: ServerEvent) -> None:
    found = displayed(event)
    if isinstance(event, ResponseOutputAudioDelta):
        assert found is None
    else:
        assert json.loads(json.dumps(found)) == found
