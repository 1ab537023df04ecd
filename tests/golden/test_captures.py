"""Our server, given what a real endpoint was given, says what that one said.

The captures are recordings of the GA endpoint. The order of events is compared,
and for the turn that voice activity found, the milliseconds too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.session_pair import (
    Event,
    SessionPair,
    collapsed,
    hearing,
    spoken,
    types,
)
from tests.support.shared import CAPTURES, captured
from voicelab.audio import Samples, read_audio
from voicelab.responders.profile import Constant, LatencyProfile
from voicelab.responders.script import FunctionCall, ScriptedReply, Speech, TimedWord
from voicelab.responders.scripted import ScriptedResponder
from voicelab.session.reply import CallPiece, TextPiece
from voicelab.speech import make_scorer

VAD_TURN = "openai_server_vad_turn"
TEXT_TURN = "openai_text_turn"
TOOL_CALL = "openai_tool_call"
STEP_MS = 100
TRANSCRIPTION = "conversation.item.input_audio_transcription"
AUDIO_DELTAS = {"response.output_audio.delta", "response.output_audio_transcript.delta"}
SAID = "Nice to meet you."

PROMPT_PROFILE = LatencyProfile(
    voicelab_profile=1,
    name="prompt",
    source="these tests",
    modelled=True,
    time_to_first_audio_ms=Constant(value=300),
    speed=Constant(value=4),
    chunk_ms=(100,),
)


def caller() -> Samples:
    path = CAPTURES / "marcelo_24khz.wav"
    if not path.exists():
        pytest.skip(f"no captures of a real endpoint at {CAPTURES}")
    return read_audio(path, channel=0, rate_hz=24_000).samples


def answering(audio: Samples) -> ScriptedResponder:
    """Answer with half a second of `audio` a word."""
    words = tuple(
        TimedWord(word, 500.0 * k, 500.0 * k + 400)
        for k, word in enumerate(SAID.split())
    )
    speech = Speech(audio[36_000:84_000], 24_000, words)
    return ScriptedResponder([ScriptedReply(SAID, speech)], PROMPT_PROFILE.sampler(1))


def settings(name: str) -> dict[str, Any]:
    """Return the captured `session.update`; the silence is the endpoint's default."""
    (update,) = [e for e in captured(name, "sent") if e["type"] == "session.update"]
    session: dict[str, Any] = dict(update["session"])
    assert session.pop("type") == "realtime"
    return session


def ladder(events: Iterable[Event]) -> list[str | frozenset[str]]:
    """Return types in order, runs written once, without what may fall anywhere.

    Audio and its transcript alternate as they please, so a run of both is a set.
    `rate_limits.updated` is missing from captures that ended before it came.
    """
    names = [name for name in types(events) if not name.startswith(TRANSCRIPTION)]
    kept = collapsed(["deltas" if name in AUDIO_DELTAS else name for name in names])
    sent = frozenset(AUDIO_DELTAS & set(names))
    return [sent if name == "deltas" else name for name in kept]


@pytest.fixture(scope="module")
def turn() -> SessionPair:
    audio = caller()
    session = settings(VAD_TURN)
    session["audio"]["input"]["turn_detection"]["silence_duration_ms"] = 200
    pair = SessionPair(
        responder=answering(audio),
        scorer=make_scorer("silero"),
        transcriber=hearing(lambda *_: "Hello, my name is Marcelo."),
        **session,
    )
    pair.append(audio, step_ms=STEP_MS)
    pair.run(5000)
    return pair


def test_the_session_that_was_captured(turn: SessionPair) -> None:
    (theirs,) = [
        e["session"]
        for e in captured(VAD_TURN, "received")
        if e["type"] == "session.updated"
    ]
    ours = turn.last("session.updated")["session"]
    for own in ("id", "expires_at"):
        assert type(ours.pop(own)) is type(theirs.pop(own))
    assert ours == theirs


def test_the_turn_is_where_the_endpoint_found_it(turn: SessionPair) -> None:
    theirs = {e["type"]: e for e in captured(VAD_TURN, "received")}
    started, stopped = (
        f"input_audio_buffer.speech_{k}" for k in ("started", "stopped")
    )
    assert theirs[started]["audio_start_ms"] == 1460
    assert theirs[stopped]["audio_end_ms"] == 4256
    (start,), (stop,) = turn.of(started), turn.of(stopped)
    assert start["audio_start_ms"] == 1460
    assert stop["audio_end_ms"] == 4256


def test_the_turn_is_billed_as_it_was(turn: SessionPair) -> None:
    (theirs,) = [
        e["response"]["usage"]["input_token_details"]
        for e in captured(VAD_TURN, "received")
        if e["type"] == "response.done"
    ]
    ours = turn.last("response.done")["response"]["usage"]["input_token_details"]
    assert ours["audio_tokens"] == theirs["audio_tokens"] == 27
    assert ours.keys() == theirs.keys()


def test_the_events_of_the_turn_come_in_the_captured_order(turn: SessionPair) -> None:
    assert ladder(turn.events) == ladder(captured(VAD_TURN, "received"))


def test_the_transcript_follows_the_users_item(turn: SessionPair) -> None:
    names = types(turn.events)
    first = next(k for k, name in enumerate(names) if name.startswith(TRANSCRIPTION))
    assert first > names.index("conversation.item.added")
    assert turn.last(f"{TRANSCRIPTION}.completed")["transcript"].startswith("Hello")


def shape(value: Any) -> Any:
    """Return what is left of an event when its values go: keys and kinds."""
    if isinstance(value, dict):
        return {
            name: shape(child) for name, child in value.items() if child is not None
        }
    if isinstance(value, list):
        return {f"[{place}]": shape(child) for place, child in enumerate(value)}
    return type(value).__name__


def test_the_events_of_the_turn_have_the_captured_fields(turn: SessionPair) -> None:
    """But for what our server leaves out or adds on purpose.

    Absent optional fields are left out, not null; items name their `object`, which
    the SDK's models want; and an item that is done stands where it was added,
    whereas the endpoint gives no place.
    """
    apart = {"session.created", "session.updated", f"{TRANSCRIPTION}.completed"}
    theirs = {e["type"]: e for e in captured(VAD_TURN, "received")}
    for kind in theirs.keys() - apart:
        expected, found = shape(theirs[kind]), shape(turn.last(kind))
        assert_shown(found, expected, kind)


def assert_shown(found: Any, expected: Any, path: str) -> None:
    """Fail unless `found` has all that is expected, and no more than is allowed."""
    if not isinstance(expected, dict):
        assert found == expected, path
        return
    missing, extra = expected.keys() - found.keys(), found.keys() - expected.keys()
    assert missing <= {"obfuscation"}, path
    assert extra <= {"object", "previous_item_id"}, path
    for name in expected.keys() & found.keys():
        assert_shown(found[name], expected[name], f"{path}.{name}")


def replay(pair: SessionPair, sent: list[Event]) -> None:
    """Send what the captured client sent, with time for each response."""
    for event in sent:
        if event["type"] != "session.update":
            pair.send(event)
        if event["type"] == "response.create":
            pair.run(1000)


def test_a_text_turn_comes_in_the_captured_order() -> None:
    reply = [(300, spoken(100, "Hi")), (350, spoken(200, " there!"))]
    pair = SessionPair([reply], **settings(TEXT_TURN))
    replay(pair, captured(TEXT_TURN, "sent"))
    assert ladder(pair.events) == ladder(captured(TEXT_TURN, "received"))


def test_a_tool_call_comes_in_the_captured_order() -> None:
    """The capture's client answers the call before the response is done.

    Its answer is sent here once it is: the endpoint, too, added it only then.
    """
    theirs = captured(TOOL_CALL, "received")
    (arguments,) = [
        e for e in theirs if e["type"] == "response.function_call_arguments.done"
    ]
    call = CallPiece(arguments["name"], arguments["arguments"])
    answer = [
        (300 + k, TextPiece(word)) for k, word in enumerate(("It", " is", " foggy"))
    ]
    pair = SessionPair([[(300, call)], answer], **settings(TOOL_CALL))
    replay(pair, captured(TOOL_CALL, "sent"))
    assert ladder(pair.events) == ladder(theirs)
    outputs = [e["response"]["output"] for e in pair.of("response.done")]
    (call_item,), (message,) = outputs
    (their_call,), (their_message,) = (
        e["response"]["output"] for e in theirs if e["type"] == "response.done"
    )
    assert (call_item["name"], call_item["arguments"]) == (
        their_call["name"],
        their_call["arguments"],
    )
    assert shape(call_item) == shape(their_call | {"object": ""})
    assert shape(message) == shape(their_message | {"object": ""})


def test_a_scripted_call_streams_its_arguments() -> None:
    reply = ScriptedReply(call=FunctionCall("look", '{"where": "here"}'))
    responder = ScriptedResponder([reply], PROMPT_PROFILE.sampler(1))
    pair = SessionPair(responder=responder)
    pair.say("Look")
    pair.respond()
    pair.run(1000)
    deltas = pair.of("response.function_call_arguments.delta")
    assert "".join(e["delta"] for e in deltas) == '{"where": "here"}'
    assert pair.last("response.done")["response"]["status"] == "completed"
