from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import msgspec
import pytest
from openai.types.realtime import realtime_session_create_request_param as reference
from pydantic import TypeAdapter, ValidationError
from typing_extensions import get_type_hints, is_typeddict

from voicelab.document import document_of, fit
from voicelab.errors import ScenarioError
from voicelab.protocol.session_object import SessionObject

REFERENCE = reference.RealtimeSessionCreateRequestParam


def check(session: Mapping[str, Any]) -> SessionObject:
    return fit(document_of(session, ScenarioError), SessionObject)


def nested(path: str, value: Any) -> dict[str, Any]:
    session: dict[str, Any] = {"type": "realtime"}
    holder = session
    *way, last = path.split(".")
    for step in way:
        holder = holder.setdefault(step, {})
    holder[last] = value
    return session


def typed_dicts(hint: Any) -> list[Any]:
    if is_typeddict(hint):
        return [hint]
    if get_origin(hint) is dict:
        return []
    return [found for argument in get_args(hint) for found in typed_dicts(argument)]


def reference_keys(hint: Any, path: str = "") -> set[str]:
    """Return the paths of all keys of the published types, `audio.input.format`."""
    found = set()
    for options in typed_dicts(hint):
        for key, inner in get_type_hints(options).items():
            found |= {f"{path}{key}"} | reference_keys(inner, f"{path}{key}.")
    return found


def own_keys(shape: Any, path: str = "") -> set[str]:
    if isinstance(shape, msgspec.inspect.Metadata):
        return own_keys(shape.type, path)
    if isinstance(shape, msgspec.inspect.UnionType):
        return {key for option in shape.types for key in own_keys(option, path)}
    if isinstance(shape, msgspec.inspect.VarTupleType):
        return own_keys(shape.item_type, path)
    if not isinstance(shape, msgspec.inspect.StructType):
        return set()
    found = {f"{path}{shape.tag_field}"} if shape.tag_field else set()
    for field in shape.fields:
        name = f"{path}{field.encode_name}"
        found |= {name} | own_keys(field.type, f"{name}.")
    return found


def test_the_keys_are_those_of_the_published_types() -> None:
    theirs = reference_keys(REFERENCE)
    ours = own_keys(msgspec.inspect.type_info(SessionObject))
    assert theirs == ours
    assert len(ours) > 40


GOOD = [
    ("model", "gpt-realtime"),
    ("instructions", ""),
    ("prompt", {"id": "p", "variables": {"a": "b"}}),
    ("prompt", {"id": "p", "variables": {"a": {"type": "input_text", "text": "b"}}}),
    ("tools", [{"type": "mcp", "server_label": "s", "allowed_tools": ["a"]}]),
    ("tools", [{"type": "mcp", "server_label": "s", "require_approval": "never"}]),
    (
        "tools",
        [
            {
                "type": "mcp",
                "server_label": "s",
                "require_approval": {"always": {"tool_names": ["a"]}},
            }
        ],
    ),
    ("output_modalities", ["text"]),
    ("max_output_tokens", "inf"),
    ("max_output_tokens", 4096),
    ("audio.input.format", {"type": "audio/pcm", "rate": 24000}),
    ("audio.input.format", {"type": "audio/pcmu"}),
    ("audio.output.format", {"type": "audio/pcma"}),
    ("audio.output.voice", "someone-new"),
    ("audio.output.voice", {"id": "voice_1"}),
    ("audio.output.speed", 0.25),
    ("audio.input.turn_detection", None),
    ("audio.input.turn_detection", {"type": "server_vad", "idle_timeout_ms": 6000}),
    ("audio.input.turn_detection", {"type": "semantic_vad", "eagerness": "auto"}),
    ("audio.input.noise_reduction", {"type": "far_field"}),
    ("audio.input.transcription", {"model": "whisper-1", "language": "en"}),
    ("tools", [{"type": "function", "name": "f", "parameters": {"type": "object"}}]),
    ("tools", [{"type": "mcp", "server_label": "s", "server_url": "https://x.test"}]),
    ("tool_choice", "required"),
    ("tool_choice", {"type": "function", "name": "f"}),
    ("truncation", "disabled"),
    ("truncation", {"type": "retention_ratio", "retention_ratio": 0.8}),
    ("reasoning", {"effort": "low"}),
    ("tracing", "auto"),
    ("prompt", {"id": "p", "variables": {"city": "Oslo"}}),
    ("include", ["item.input_audio_transcription.logprobs"]),
]


@pytest.mark.parametrize(("path", "value"), GOOD)
def test_what_the_published_types_accept_is_accepted(path: str, value: Any) -> None:
    session = nested(path, value)
    TypeAdapter(REFERENCE).validate_python(session)
    check(session)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("output_modalities", ["speech"]),
        ("audio.input.format", {"type": "pcm_16000"}),
        ("audio.input.format", {"type": "audio/pcm", "rate": 16000}),
        ("audio.input.turn_detection", {"type": "semantic_vad", "eagerness": "wild"}),
        ("audio.input.noise_reduction", {"type": "outer_space"}),
        ("tool_choice", "perhaps"),
        ("reasoning", {"effort": "heroic"}),
        ("include", ["everything"]),
    ],
)
def test_what_the_published_types_refuse_is_refused(path: str, value: Any) -> None:
    session = nested(path, value)
    with pytest.raises(ValidationError):
        TypeAdapter(REFERENCE).validate_python(session)
    with pytest.raises(ScenarioError):
        check(session)


VAD = "audio.input.turn_detection"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (VAD, {"type": "server_vad", "threshold": -0.01}),
        (VAD, {"type": "server_vad", "threshold": 1.01}),
        (VAD, {"type": "server_vad", "prefix_padding_ms": -1}),
        (VAD, {"type": "server_vad", "silence_duration_ms": -1}),
        (VAD, {"type": "server_vad", "silence_duration_ms": 200.5}),
        (VAD, {"type": "server_vad", "idle_timeout_ms": 0}),
        (VAD, {"type": "semantic_vad", "threshold": 0.5}),
        ("audio.output.speed", 0.24),
        ("audio.output.speed", 1.51),
        ("max_output_tokens", 0),
        ("max_output_tokens", 4097),
        ("max_output_tokens", "infinite"),
        ("output_modalities", []),
        ("output_modalities", ["audio", "text"]),
        ("truncation", {"type": "retention_ratio", "retention_ratio": 1.1}),
        ("modalities", ["audio"]),
        ("audio.input.format", {"type": "audio/pcmu", "rate": 8000}),
    ],
)
def test_ranges_and_unknown_keys(path: str, value: Any) -> None:
    with pytest.raises(ScenarioError) as caught:
        check(nested(path, value))
    assert caught.value.path is not None
    assert caught.value.path.startswith(path)


def test_the_ends_of_the_ranges_are_allowed() -> None:
    for threshold in (0, 1):
        check(nested(VAD, {"type": "server_vad", "threshold": threshold}))
    for speed in (0.25, 1.5):
        check(nested("audio.output.speed", speed))
    for tokens in (1, 4096):
        check(nested("max_output_tokens", tokens))


def test_speaks() -> None:
    assert check({"type": "realtime"}).speaks
    assert check(nested("output_modalities", ["audio"])).speaks
    assert not check(nested("output_modalities", ["text"])).speaks
