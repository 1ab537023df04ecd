"""No input, however odd, makes the codec do anything but answer or refuse."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import wire_examples
from tests.support.json_paths import paths
from tests.support.sdk import assert_valid_client_event, assert_valid_server_event
from voicelab.errors import RemoteProtocolError
from voicelab.protocol import codec
from voicelab.protocol.client_events import ClientEvent, InputAudioBufferAppend
from voicelab.protocol.items import tags
from voicelab.protocol.server_events import ResponseOutputAudioDelta
from voicelab.protocol.wire_errors import WireError

repeatable = settings(derandomize=True, deadline=None, max_examples=400)

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
)
JSON = st.recursive(
    SCALARS,
    lambda child: (
        st.lists(child, max_size=4)
        | st.dictionaries(st.text(max_size=8), child, max_size=4)
    ),
    max_leaves=12,
)
CLIENT_DOCUMENTS = [json.loads(codec.encode(e)) for e in wire_examples.CLIENT_EVENTS]
SERVER_DOCUMENTS = [json.loads(codec.encode(e)) for e in wire_examples.SERVER_EVENTS]


def answers_or_refuses(raw: bytes | str) -> None:
    try:
        event = codec.decode_client(raw)
    except WireError as error:
        assert_valid_server_event(codec.encode(error.to_event("event_1")))
    else:
        assert codec.decode_client(codec.encode(event)) == event


@st.composite
def mutated(draw: st.DrawFn, documents: list[dict[str, Any]]) -> str:
    """An event with one value, at any depth, replaced or a field added."""
    document = json.loads(json.dumps(draw(st.sampled_from(documents))))
    *parents, last = draw(st.sampled_from(paths(document)[1:]))
    holder = document
    for key in parents:
        holder = holder[key]
    if isinstance(holder, dict) and draw(st.booleans()):
        last = draw(st.text(max_size=8))
    holder[last] = draw(JSON)
    return json.dumps(document)


@repeatable
@given(st.binary(max_size=200))
def test_any_bytes_from_a_client(raw: bytes) -> None:
    answers_or_refuses(raw)


@repeatable
@given(st.text(max_size=200))
def test_any_text_from_a_client(raw: str) -> None:
    answers_or_refuses(raw)


@repeatable
@given(JSON)
def test_any_json_from_a_client(document: object) -> None:
    answers_or_refuses(json.dumps(document))


@repeatable
@given(st.sampled_from(tags(ClientEvent)), st.dictionaries(st.text(), JSON, max_size=4))
def test_any_fields_from_a_client(kind: str, fields: dict[str, object]) -> None:
    answers_or_refuses(json.dumps(fields | {"type": kind}))


@repeatable
@given(mutated(CLIENT_DOCUMENTS))
def test_any_slip_of_a_client(raw: str) -> None:
    answers_or_refuses(raw)


@repeatable
@given(mutated(SERVER_DOCUMENTS) | JSON.map(json.dumps) | st.binary(max_size=100))
def test_any_slip_of_a_server(raw: bytes | str) -> None:
    try:
        event = codec.decode_server(raw)
    except RemoteProtocolError:
        return
    assert codec.decode_server(codec.encode(event)) == event


@repeatable
@given(st.binary(min_size=1, max_size=4000))
def test_any_audio_survives_both_ways(audio: bytes) -> None:
    raw = codec.encode(InputAudioBufferAppend(audio=audio))
    assert_valid_client_event(raw)
    assert codec.decode_client(raw) == InputAudioBufferAppend(audio=audio)
    delta = ResponseOutputAudioDelta(
        event_id="e",
        response_id="r",
        item_id="i",
        output_index=0,
        content_index=0,
        delta=audio,
    )
    assert_valid_server_event(codec.encode(delta))
    assert codec.decode_server(codec.encode(delta)) == delta
