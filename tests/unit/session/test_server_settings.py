"""`session.update`: what merges, what is cleared, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.session_pair import MANUAL, SessionPair, refusal, spoken, types
from voicelab.session.server import ServerOptions
from voicelab.session.turn_detection import SEMANTIC_WAIT_MS

FULL: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}


def updated(pair: SessionPair, **session: Any) -> dict[str, Any]:
    (event,) = pair.update(**session)
    assert event["type"] == "session.updated", event
    answer: dict[str, Any] = event["session"]
    return answer


def detection(pair: SessionPair, value: Any) -> Any:
    session = updated(pair, audio={"input": {"turn_detection": value}})
    return session["audio"]["input"]["turn_detection"]


def test_the_defaults_are_the_documented_ones() -> None:
    pair = SessionPair(options=ServerOptions(model="gpt-x", opened_unix_s=1000))
    session = pair.events[0]["session"]
    assert session["model"] == "gpt-x"
    assert session["expires_at"] == 4600
    assert session["id"].startswith("sess_")
    assert session["output_modalities"] == ["audio"]
    assert session["max_output_tokens"] == "inf"
    assert session["audio"]["input"]["turn_detection"] == FULL
    assert session["audio"]["input"]["transcription"] is None
    assert session["audio"]["output"]["speed"] == 1.0
    assert pair.client.session == session


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    pair = SessionPair()
    before = pair.events[0]["session"]
    after = updated(
        pair,
        instructions="Be brief.",
        audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.8}}},
    )
    expected = before | {"instructions": "Be brief."}
    expected["audio"]["input"]["turn_detection"]["threshold"] = 0.8
    assert after == expected
    assert updated(pair) == expected


def test_empty_values_clear() -> None:
    tool = {"type": "function", "name": "look", "parameters": {}}
    pair = SessionPair(instructions="Be brief.", tools=[tool])
    assert updated(pair)["tools"] == [tool]
    session = updated(pair, instructions="", tools=[])
    assert (session["instructions"], session["tools"]) == ("", [])


@pytest.mark.parametrize(
    "feature", ["turn_detection", "transcription", "noise_reduction"]
)
def test_null_switches_a_feature_off_and_an_object_on_again(feature: str) -> None:
    on: dict[str, dict[str, Any]] = {
        "turn_detection": FULL,
        "transcription": {"model": "gpt-t", "language": None, "prompt": None},
        "noise_reduction": {"type": "near_field"},
    }
    given = {k: v for k, v in on[feature].items() if v is not None}
    pair = SessionPair()
    for value, shown in ((given, on[feature]), (None, None), (given, on[feature])):
        session = updated(pair, audio={"input": {feature: value}})
        assert session["audio"]["input"][feature] == shown


def test_another_kind_of_turn_detection_starts_from_its_own_defaults() -> None:
    pair = SessionPair()
    detection(pair, {"type": "server_vad", "silence_duration_ms": 200})
    assert detection(pair, {"type": "semantic_vad"}) == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
    assert detection(pair, {"type": "server_vad"}) == FULL


@pytest.mark.parametrize("eagerness", ["low", "medium", "high", "auto"])
def test_semantic_turn_detection_waits_as_its_eagerness_allows(eagerness: str) -> None:
    turn_detection = {"type": "semantic_vad", "eagerness": eagerness}
    pair = SessionPair(audio={"input": {"turn_detection": turn_detection}})
    pair.speak(320)
    pair.hush(9000)
    end_ms = pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"]
    assert end_ms - 320 == pytest.approx(SEMANTIC_WAIT_MS[eagerness] + 32, abs=31)


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"foo": 1}, "unknown_parameter", "foo"),
        (
            {"audio": {"input": {"codec": "x"}}},
            "unknown_parameter",
            "audio.input.codec",
        ),
        (
            {
                "audio": {
                    "input": {"turn_detection": {"type": "server_vad", "silence": 1}}
                }
            },
            "unknown_parameter",
            "audio.input.turn_detection.silence",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "guess"}}}},
            "invalid_value",
            "audio.input.turn_detection.type",
        ),
        (
            {"audio": {"input": {"turn_detection": {"threshold": 0.4}}}},
            "missing_required_parameter",
            "audio.input.turn_detection.type",
        ),
        (
            {
                "audio": {
                    "input": {"turn_detection": {"type": "server_vad", "threshold": 7}}
                }
            },
            "decimal_above_max_value",
            "audio.input.turn_detection.threshold",
        ),
        (
            {
                "audio": {
                    "input": {
                        "turn_detection": {"type": "semantic_vad", "eagerness": "keen"}
                    }
                }
            },
            "invalid_value",
            "audio.input.turn_detection.eagerness",
        ),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "invalid_value",
            "audio.input.format.rate",
        ),
        (
            {"audio": {"input": {"format": {"type": "pcm16"}}}},
            "invalid_value",
            "audio.input.format.type",
        ),
        (
            {"audio": {"input": {"noise_reduction": {"type": "strong"}}}},
            "invalid_value",
            "audio.input.noise_reduction.type",
        ),
        (
            {"audio": {"output": {"speed": 2}}},
            "decimal_above_max_value",
            "audio.output.speed",
        ),
        (
            {"audio": {"output": {"speed": 0.1}}},
            "decimal_below_min_value",
            "audio.output.speed",
        ),
        ({"max_output_tokens": 0}, "integer_below_min_value", "max_output_tokens"),
        ({"max_output_tokens": 5000}, "integer_above_max_value", "max_output_tokens"),
        ({"output_modalities": ["video"]}, "invalid_value", "output_modalities[0]"),
        (
            {"output_modalities": ["audio", "text"]},
            "array_above_max_length",
            "output_modalities",
        ),
        ({"truncation": "always"}, "invalid_value", "truncation"),
        ({"tool_choice": "perhaps"}, "invalid_value", "tool_choice"),
        ({"tracing": "manual"}, "invalid_value", "tracing"),
        ({"include": ["everything"]}, "invalid_value", "include[0]"),
        ({"reasoning": {"effort": "heroic"}}, "invalid_value", "reasoning.effort"),
        ({"tools": [{"type": "robot", "name": "x"}]}, "invalid_value", "tools[0].type"),
        ({"instructions": 3}, "invalid_type", "instructions"),
    ],
)
def test_a_bad_update_names_the_field_and_changes_nothing(
    session: dict[str, Any], code: str, param: str
) -> None:
    pair = SessionPair()
    before = updated(pair)
    bad = {"type": "realtime", "instructions": "new"} | session
    event = {"type": "session.update", "event_id": "mine", "session": bad}
    detail = refusal(pair.send(event))
    assert (detail["code"], detail["param"]) == (code, f"session.{param}")
    assert detail["event_id"] == "mine"
    assert "session.update" not in detail["message"]
    assert updated(pair) == before


@pytest.mark.parametrize(
    ("kind", "code"),
    [(None, "missing_required_parameter"), ("transcription", "invalid_value")],
)
def test_the_type_of_session_must_be_named(kind: str | None, code: str) -> None:
    pair = SessionPair()
    session = {"instructions": "x"} | ({} if kind is None else {"type": kind})
    detail = refusal(pair.send({"type": "session.update", "session": session}))
    assert (detail["code"], detail["param"]) == (code, "session.type")


@pytest.mark.parametrize(
    ("kind", "got"),
    [
        (None, "null"),
        (3, "an integer"),
        (1.5, "a number"),
        (True, "a boolean"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_the_type_of_an_object_is_a_text(kind: object, got: str) -> None:
    pair = SessionPair()
    odd = {"output": {"format": {"type": kind}}}
    update = {"type": "session.update", "session": {"type": "realtime", "audio": odd}}
    for events in (pair.send(update), pair.respond(audio=odd)):
        error = refusal(events)
        assert error["code"] == "invalid_type"
        assert error["message"].endswith(f"expected a string, but got {got} instead.")


def test_the_model_stays_that_of_the_connection() -> None:
    pair = SessionPair(options=ServerOptions(model="gpt-x"))
    session = updated(pair, model="gpt-y", instructions="Hi")
    assert (session["model"], session["instructions"]) == ("gpt-x", "Hi")


def test_the_voice_is_open_until_the_agent_has_spoken() -> None:
    pair = SessionPair([[(100, spoken(100, "Hello"))], []])
    assert updated(pair, audio={"output": {"voice": "marin"}})
    pair.say("Hi")
    response = pair.respond()[0]["response"]
    assert response["audio"]["output"]["voice"] == "marin"
    voice = updated(pair, audio={"output": {"voice": {"id": "voice_1"}}})
    assert voice["audio"]["output"]["voice"] == {"id": "voice_1"}
    pair.run(1000)
    update = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}
    detail = refusal(
        pair.send({"type": "session.update", "event_id": "v", "session": update})
    )
    assert (detail["code"], detail["event_id"]) == ("cannot_update_voice", "v")
    assert updated(pair, audio={"output": {"voice": {"id": "voice_1"}}})


def test_a_response_names_a_custom_voice_by_its_id() -> None:
    pair = SessionPair(audio={"output": {"voice": {"id": "voice_1"}}})
    response = pair.respond()[0]["response"]
    assert response["audio"]["output"]["voice"] == "voice_1"
    other = {"output": {"voice": {"id": "voice_2"}}}
    response = pair.respond(audio=other)[0]["response"]
    assert response["audio"]["output"]["voice"] == "voice_2"


def test_a_bad_update_is_called_bad_even_where_the_voice_is_locked() -> None:
    pair = SessionPair([[(100, spoken(100, "Hello"))]])
    pair.say("Hi")
    pair.respond()
    pair.run(1000)
    session = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}, "foo": 1}
    detail = refusal(pair.send({"type": "session.update", "session": session}))
    assert detail["param"] == "session.foo"


def test_text_alone_does_not_lock_the_voice() -> None:
    pair = SessionPair([[]], output_modalities=["text"])
    pair.say("Hi")
    pair.respond()
    assert updated(pair, audio={"output": {"voice": "cedar"}})


def test_repeating_the_turn_detection_within_a_turn_does_not_reset_it() -> None:
    pair = SessionPair()
    pair.hush(640)
    pair.speak(640)
    detection(pair, FULL)
    pair.speak(320)
    pair.hush(560)
    assert types(pair.events).count("input_audio_buffer.speech_started") == 1
    start = pair.last("input_audio_buffer.speech_started")
    stop = pair.last("input_audio_buffer.speech_stopped")
    assert start["item_id"] == stop["item_id"]
    assert stop["audio_end_ms"] == 1600 + 544


def test_a_changed_silence_applies_to_the_running_turn() -> None:
    pair = SessionPair()
    pair.speak(640)
    detection(pair, {"type": "server_vad", "silence_duration_ms": 200})
    pair.hush(400)
    assert pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"] == 640 + 256


def test_turn_detection_switched_off_within_a_turn_leaves_it_to_the_client() -> None:
    pair = SessionPair()
    pair.hush(640)
    pair.speak(640)
    item_id = pair.last("input_audio_buffer.speech_started")["item_id"]
    updated(pair, **MANUAL)
    assert pair.hush(2000) == []
    assert pair.commit()[0]["item_id"] == item_id


def test_the_settings_apply_to_the_next_response() -> None:
    pair = SessionPair([[(1, spoken(100))]] * 2)
    pair.say("Hi")
    pair.update(
        instructions="Sing.",
        max_output_tokens=77,
        tool_choice="required",
        audio={"output": {"format": {"type": "audio/pcma"}}},
    )
    response = pair.respond()[0]["response"]
    assert response["max_output_tokens"] == 77
    assert response["audio"]["output"]["format"] == {"type": "audio/pcma"}
    request = pair.responder.requests[-1]
    assert request.instructions == "Sing."
    assert request.tool_choice == "required"
    assert request.format.value == "audio/pcma"


def test_a_response_may_differ_from_the_session() -> None:
    tool = {"type": "function", "name": "look", "parameters": {}}
    pair = SessionPair([[(1, spoken(100, rate_hz=8000))]])
    response = pair.respond(
        instructions="Whisper.",
        max_output_tokens=50,
        tools=[tool],
        tool_choice={"type": "function", "name": "look"},
        metadata={"client_event_id": "ask"},
        audio={"output": {"format": {"type": "audio/pcmu"}, "voice": "cedar"}},
    )[0]["response"]
    assert response["max_output_tokens"] == 50
    assert response["metadata"] == {"client_event_id": "ask"}
    assert response["audio"]["output"] == {
        "format": {"type": "audio/pcmu"},
        "voice": "cedar",
    }
    request = pair.responder.requests[-1]
    assert request.instructions == "Whisper."
    assert request.tools == (tool,)
    assert request.tool_choice == {"type": "function", "name": "look"}
    pair.run(100)
    done = pair.last("response.done")["response"]
    assert done["metadata"] == {"client_event_id": "ask"}
    (delta,) = pair.of("response.output_audio.delta")
    assert len(delta["delta"]) == 4 * -(-800 // 3)
    assert updated(pair)["audio"]["output"]["voice"] == "alloy"


def test_null_instructions_leave_those_of_the_session() -> None:
    pair = SessionPair([[(1, spoken(100))]] * 2)
    pair.update(instructions="Sing.")
    pair.respond(instructions=None)
    assert pair.responder.requests[-1].instructions == "Sing."
    pair.run(200)
    pair.respond(instructions="")
    assert pair.responder.requests[-1].instructions == ""
