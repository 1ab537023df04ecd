"""The order of events, ladder by ladder, as the real endpoint was seen to send them."""

from __future__ import annotations

from itertools import pairwise

from tests.support.session_pair import (
    MANUAL,
    Event,
    Reply,
    SessionPair,
    collapsed,
    spoken,
    types,
    user_text,
)
from voicelab.session.reply import CallPiece, FailurePiece, TextPiece

TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
]
OPENED = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
SPOKEN_DELTAS = [
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
]
SPOKEN_CLOSED = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
]
CALLED = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
]
END = ["response.done", "rate_limits.updated"]
HELLO = [(300, spoken(100, "Hello")), (400, spoken(100, " you."))]
LONG = [(100 * k, spoken(400, f" word{k}")) for k in range(1, 6)]


def kinds(events: list[Event]) -> list[str]:
    return collapsed(types(events, leaving_out="-"))


def caller_turn(pair: SessionPair) -> list[Event]:
    """Speak for 960 ms; the turn ends with the last append."""
    return pair.hush(640) + pair.speak(960) + pair.hush(560)


def test_a_turn_found_by_voice_activity() -> None:
    pair = SessionPair([HELLO])
    events = caller_turn(pair) + pair.run(1000)
    assert kinds(events) == [
        *TURN,
        "response.created",
        *OPENED,
        *SPOKEN_DELTAS,
        *SPOKEN_DELTAS,
        *SPOKEN_CLOSED,
        *END,
    ]


def test_one_item_id_runs_through_the_turn_and_the_chain_is_unbroken() -> None:
    pair = SessionPair([HELLO, HELLO])
    pair.say("first")
    caller_turn(pair)
    pair.run(1000)
    caller_turn(pair)
    pair.run(1000)
    first = pair.of("conversation.item.added")[0]["item"]["id"]
    users = [e["item_id"] for e in pair.of("input_audio_buffer.committed")]
    started = [e["item_id"] for e in pair.of("input_audio_buffer.speech_started")]
    stopped = [e["item_id"] for e in pair.of("input_audio_buffer.speech_stopped")]
    agents = [e["item"]["id"] for e in pair.of("response.output_item.added")]
    assert started == stopped == users
    chain = {
        e["item"]["id"]: e["previous_item_id"]
        for e in pair.of("conversation.item.added")
    }
    assert chain == {
        first: None,
        users[0]: first,
        agents[0]: users[0],
        users[1]: agents[0],
        agents[1]: users[1],
    }
    committed = pair.of("input_audio_buffer.committed")
    assert [e["previous_item_id"] for e in committed] == [first, agents[0]]
    for done in pair.of("conversation.item.done"):
        assert done["previous_item_id"] == chain[done["item"]["id"]]


def test_items_on_the_way_show_their_state() -> None:
    pair = SessionPair([HELLO])
    caller_turn(pair)
    pair.run(1000)
    user_added, agent_added = pair.of("conversation.item.added")
    assert user_added["item"]["content"] == [
        {"type": "input_audio", "transcript": None}
    ]
    assert user_added["item"]["status"] == "completed"
    assert agent_added["item"]["content"] == []
    assert agent_added["item"]["status"] == "in_progress"
    agent_done = pair.of("conversation.item.done")[1]
    content = [{"type": "output_audio", "transcript": "Hello you."}]
    assert agent_done["item"]["content"] == content
    assert agent_done["item"]["status"] == "completed"
    assert pair.last("response.output_item.done")["item"] == agent_done["item"]
    response = pair.last("response.done")["response"]
    assert response["output"] == [agent_done["item"]]
    assert response["conversation_id"].startswith("conv_")
    part = pair.last("response.content_part.done")["part"]
    assert part == {"type": "audio", "transcript": "Hello you."}


def test_a_barge_in_while_generating() -> None:
    pair = SessionPair([LONG])
    caller_turn(pair)
    pair.run(200)  # two of five pieces are out
    events = pair.speak(320)
    assert kinds(events) == [
        "input_audio_buffer.speech_started",
        *SPOKEN_CLOSED,
        *END,
    ]
    response = pair.last("response.done")["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"] == {
        "type": "cancelled",
        "reason": "turn_detected",
    }
    assert response["output"][0]["status"] == "incomplete"
    assert response["usage"]["output_token_details"]["audio_tokens"] == 800 // 50
    said = pair.last("response.output_audio_transcript.done")["transcript"]
    assert said == " word1 word2"
    assert pair.last("conversation.item.done")["item"]["status"] == "incomplete"
    after = pair.run(2000)
    assert after == []


def test_a_new_turn_after_a_barge_in_gets_a_new_response() -> None:
    pair = SessionPair([LONG, HELLO])
    caller_turn(pair)
    pair.run(250)
    pair.speak(320)
    item_id = pair.last("response.output_item.added")["item"]["id"]
    (cut,) = pair.truncate(item_id, 500)
    assert cut["type"] == "conversation.item.truncated"
    events = pair.hush(640) + pair.run(1000)
    assert kinds(events)[:5] == [*TURN[1:], "response.created"]
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_a_barge_in_after_the_response_is_done_cancels_nothing() -> None:
    pair = SessionPair([[(100, spoken(3000, "Long answer"))]])
    caller_turn(pair)
    pair.run(200)  # all three seconds were sent; the caller hears the first
    assert pair.last("response.done")["response"]["status"] == "completed"
    events = pair.speak(320)
    assert kinds(events) == ["input_audio_buffer.speech_started"]
    item_id = pair.last("response.output_item.added")["item"]["id"]
    assert types(pair.truncate(item_id, 400)) == ["conversation.item.truncated"]


def test_speech_that_may_not_interrupt_lets_the_response_run_on() -> None:
    detection = {"type": "server_vad", "interrupt_response": False}
    pair = SessionPair([LONG], audio={"input": {"turn_detection": detection}})
    caller_turn(pair)
    slow = pair.speak(64) + pair.hush(544)
    assert "response.done" in kinds(slow)
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_a_turn_that_ends_beside_a_running_response_gets_none_of_its_own() -> None:
    detection = {"type": "server_vad", "interrupt_response": False}
    pair = SessionPair(
        [[(2500, spoken(100, "late"))]], audio={"input": {"turn_detection": detection}}
    )
    caller_turn(pair)
    events = caller_turn(pair)
    assert kinds(events) == TURN
    (note,) = pair.noted("response.skipped")
    assert note.item_id == pair.last("input_audio_buffer.committed")["item_id"]
    pair.run(2000)
    assert len(pair.of("response.created")) == 1
    assert pair.of("error") == []


def test_a_turn_that_creates_no_response() -> None:
    detection = {"type": "server_vad", "create_response": False}
    pair = SessionPair([HELLO], audio={"input": {"turn_detection": detection}})
    assert kinds(caller_turn(pair) + pair.run(1000)) == TURN
    assert kinds(pair.respond() + pair.run(1000))[0] == "response.created"


def test_a_manual_turn() -> None:
    pair = SessionPair([HELLO], **MANUAL)
    assert caller_turn(pair) == []
    assert kinds(pair.commit()) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert pair.run(2000) == []
    assert kinds(pair.respond() + pair.run(1000)) == [
        "response.created",
        *OPENED,
        *SPOKEN_DELTAS,
        *SPOKEN_DELTAS,
        *SPOKEN_CLOSED,
        *END,
    ]


def test_a_text_turn_takes_fourteen_events_for_five_deltas() -> None:
    words = ["Fog", " in", " London", " today", "."]
    reply = [(100 + k, TextPiece(word)) for k, word in enumerate(words)]
    pair = SessionPair([reply], output_modalities=["text"])
    assert kinds(pair.say("Weather?")) == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    events = pair.respond() + pair.run(1000)
    assert types(events) == [
        "response.created",
        *OPENED,
        *["response.output_text.delta"] * 5,
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert pair.last("response.output_text.done")["text"] == "Fog in London today."
    part = pair.last("response.content_part.added")["part"]
    assert part == {"type": "text", "text": ""}
    part = pair.last("response.content_part.done")["part"]
    assert part == {"type": "text", "text": "Fog in London today."}
    item = pair.last("conversation.item.done")["item"]
    assert item["content"] == [{"type": "output_text", "text": "Fog in London today."}]
    assert pair.last("response.done")["response"]["output_modalities"] == ["text"]


def test_a_function_call_and_its_output() -> None:
    call = CallPiece("get_weather", '{"city": "London"}')
    pair = SessionPair([[(100, call)], HELLO])
    pair.say("Weather?")
    events = pair.respond() + pair.run(1000)
    assert kinds(events) == ["response.created", *CALLED, *END]
    added = pair.last("response.output_item.added")["item"]
    assert added["status"] == "in_progress"
    assert added["arguments"] == ""
    deltas = pair.of("response.function_call_arguments.delta")
    assert "".join(e["delta"] for e in deltas) == call.arguments
    done = pair.last("response.function_call_arguments.done")
    assert (done["arguments"], done["name"]) == (call.arguments, call.name)
    finished = pair.last("response.output_item.done")["item"]
    assert finished["status"] == "completed"
    assert finished["arguments"] == call.arguments
    assert {added["call_id"], done["call_id"]} == {finished["call_id"]}
    output = {
        "type": "function_call_output",
        "call_id": finished["call_id"],
        "output": "fog",
    }
    created = pair.create(output)
    assert kinds(created) == ["conversation.item.added", "conversation.item.done"]
    assert created[0]["previous_item_id"] == finished["id"]
    assert kinds(pair.respond() + pair.run(1000))[0] == "response.created"
    assert [item.id for item in pair.responder.requests[1].items][1] == finished["id"]


def test_a_message_and_then_a_call() -> None:
    reply: Reply = [(100, spoken(200, "Let me see.")), (200, CallPiece("look", "{}"))]
    pair = SessionPair([reply])
    pair.say("Weather?")
    events = pair.respond() + pair.run(1000)
    assert kinds(events) == [
        "response.created",
        *OPENED,
        *SPOKEN_DELTAS,
        *SPOKEN_CLOSED,
        *CALLED,
        *END,
    ]
    indices = [e["output_index"] for e in pair.of("response.output_item.added")]
    assert indices == [0, 1]
    output = pair.last("response.done")["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]
    message_id, call_id = (item["id"] for item in output)
    assert pair.of("conversation.item.added")[2]["previous_item_id"] == message_id
    assert pair.of("conversation.item.added")[2]["item"]["id"] == call_id


def test_a_cancel_closes_the_response_as_a_barge_in_does() -> None:
    pair = SessionPair([LONG])
    pair.say("Go on")
    pair.respond()
    pair.run(250)
    (stream,) = pair.responder.streams
    assert not stream.finished
    assert kinds(pair.cancel()) == [*SPOKEN_CLOSED, *END]
    assert stream.finished  # nothing more is generated for nobody
    response = pair.last("response.done")["response"]
    assert response["status_details"] == {
        "type": "cancelled",
        "reason": "client_cancelled",
    }
    assert pair.run(2000) == []


def test_a_response_cancelled_before_its_first_piece_has_no_output() -> None:
    pair = SessionPair([LONG])
    pair.say("Go on")
    pair.respond()
    assert kinds(pair.cancel()) == END
    response = pair.last("response.done")["response"]
    assert response["output"] == []
    assert response["usage"]["output_tokens"] == 0


def test_a_reply_without_pieces_is_an_empty_completed_response() -> None:
    pair = SessionPair([[]])
    pair.say("Hello?")
    assert kinds(pair.respond()) == ["response.created", *END]
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_a_failed_generation_is_a_failed_response_and_no_error() -> None:
    reply: Reply = [
        (100, spoken(200, "I am")),
        (300, FailurePiece("overloaded", "Busy.")),
    ]
    pair = SessionPair([reply, HELLO])
    pair.say("Hello?")
    events = pair.respond() + pair.run(1000)
    assert kinds(events)[-7:] == [*SPOKEN_CLOSED, *END]
    response = pair.last("response.done")["response"]
    assert response["status"] == "failed"
    assert response["status_details"] == {
        "type": "failed",
        "error": {"type": "server_error", "code": "overloaded", "message": "Busy."},
    }
    assert response["output"][0]["status"] == "incomplete"
    pair.respond()
    pair.run(1000)
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_a_reply_over_the_token_limit_is_incomplete() -> None:
    pair = SessionPair([LONG], max_output_tokens=10)
    pair.say("Go on")
    events = pair.respond() + pair.run(2000)
    assert len([e for e in events if e["type"] == "response.output_audio.delta"]) == 2
    response = pair.last("response.done")["response"]
    assert response["status"] == "incomplete"
    assert response["status_details"] == {
        "type": "incomplete",
        "reason": "max_output_tokens",
    }
    assert response["max_output_tokens"] == 10


def test_an_out_of_band_response_stays_outside_the_conversation() -> None:
    pair = SessionPair([[(100, TextPiece("yes"))]])
    pair.say("Is it?")
    events = pair.respond(
        conversation="none", output_modalities=["text"], metadata={"topic": "check"}
    ) + pair.run(1000)
    assert types(events) == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
    ]
    for event in (events[0], events[-2]):
        assert event["response"]["conversation_id"] is None
        assert event["response"]["metadata"] == {"topic": "check"}
    item_id = events[1]["item"]["id"]
    error = pair.delete(item_id)
    assert error[0]["error"]["code"] == "item_delete_invalid_item_id"


def test_an_out_of_band_response_runs_beside_the_conversations_own() -> None:
    pair = SessionPair([LONG, [(150, TextPiece("aside"))]])
    pair.say("Go on")
    own = pair.respond()[0]["response"]["id"]
    pair.run(200)
    aside = pair.respond(conversation="none", output_modalities=["text"])
    aside_id = aside[0]["response"]["id"]
    pair.run(1000)
    ended = {
        e["response"]["id"]: e["response"]["status"] for e in pair.of("response.done")
    }
    assert ended == {own: "completed", aside_id: "completed"}
    assert list(ended) == [aside_id, own]


def test_a_barge_in_spares_an_out_of_band_response() -> None:
    pair = SessionPair([LONG, [(2000, TextPiece("aside"))]])
    caller_turn(pair)
    pair.run(200)
    pair.respond(conversation="none", output_modalities=["text"])
    pair.speak(320)
    (ended,) = pair.of("response.done")
    assert ended["response"]["status_details"]["reason"] == "turn_detected"
    pair.run(3000)
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_an_item_created_amid_a_response_does_not_fork_the_chain() -> None:
    reply: Reply = [(100, spoken(200, "One moment.")), (500, CallPiece("look", "{}"))]
    pair = SessionPair([reply])
    pair.say("Weather?")
    pair.respond()
    pair.run(200)
    pair.create(user_text("Hurry", id="item_mine"))
    pair.run(1000)
    added = pair.of("conversation.item.added")
    assert len(added) == 4
    for before, after in pairwise(added):
        assert after["previous_item_id"] == before["item"]["id"]


def test_rate_limits_follow_every_response() -> None:
    pair = SessionPair([HELLO, HELLO])
    for _ in range(2):
        pair.say("Hi")
        pair.respond()
        pair.run(1000)
    every = [event["type"] for event in pair.events]
    after = [every[k + 1] for k, kind in enumerate(every) if kind == "response.done"]
    assert after == ["rate_limits.updated"] * 2


def test_audio_deltas_are_short() -> None:
    pair = SessionPair([[(100, spoken(10_000, "A long piece"))]])
    pair.say("Hi")
    pair.respond()
    events = pair.run(1000)
    deltas = [e for e in events if e["type"] == "response.output_audio.delta"]
    assert len(deltas) == 50
    assert {len(e["delta"]) for e in deltas} == {4 * 9600 // 3}


def test_the_session_greets_first() -> None:
    pair = SessionPair()
    assert types(pair.events) == ["session.created"]


IDLE_DETECTION = {"type": "server_vad", "idle_timeout_ms": 5000}
IDLE: Event = {"audio": {"input": {"turn_detection": IDLE_DETECTION}}}
TIMED_OUT = [
    "input_audio_buffer.timeout_triggered",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def test_an_idle_line_makes_the_agent_speak_up() -> None:
    pair = SessionPair([[(100, spoken(2000, "Well?"))], HELLO], **IDLE)
    caller_turn(pair)
    pair.hush(200)
    done_at_ms = pair.now_ns // 1_000_000
    events = pair.hush(8000)
    assert kinds(events)[:5] == TIMED_OUT
    timeout = pair.last("input_audio_buffer.timeout_triggered")
    at = pair.events.index(timeout)
    response_at = pair.events.index(pair.of("response.created")[0])
    first_audio_ns = pair.sent_at_ns[response_at] + 100_000_000
    assert pair.sent_at_ns[at] == first_audio_ns + 2_000_000_000 + 5_000_000_000
    assert done_at_ms < pair.sent_at_ns[at] // 1_000_000
    length = timeout["audio_end_ms"] - timeout["audio_start_ms"]
    assert length == 5000
    silent = pair.retrieve(timeout["item_id"])
    assert silent["content"][0]["type"] == "input_audio"
    assert pair.last("input_audio_buffer.committed")["item_id"] == timeout["item_id"]


def test_the_idle_timeout_repeats_after_each_reply() -> None:
    pair = SessionPair([HELLO, HELLO, HELLO], **IDLE)
    caller_turn(pair)
    pair.hush(13_000)
    assert len(pair.of("input_audio_buffer.timeout_triggered")) == 2


def test_a_caller_who_speaks_stops_the_idle_clock() -> None:
    pair = SessionPair([HELLO], **IDLE)
    caller_turn(pair)
    pair.hush(1000)
    pair.speak(8000)
    assert pair.of("input_audio_buffer.timeout_triggered") == []


def test_a_turn_without_a_response_leaves_the_idle_clock_stopped() -> None:
    detection = {**IDLE_DETECTION, "create_response": False}
    pair = SessionPair([HELLO], audio={"input": {"turn_detection": detection}})
    pair.say("Hi")
    pair.respond()
    pair.run(1000)
    pair.speak(6000)
    pair.hush(3000)
    assert pair.of("input_audio_buffer.timeout_triggered") == []


def test_a_reply_that_ends_within_a_turn_leaves_the_idle_clock_stopped() -> None:
    detection = {
        **IDLE_DETECTION,
        "create_response": False,
        "interrupt_response": False,
    }
    pair = SessionPair([LONG], audio={"input": {"turn_detection": detection}})
    pair.respond()
    pair.speak(6400)
    assert pair.last("response.done")["response"]["status"] == "completed"
    pair.hush(3000)
    assert pair.of("input_audio_buffer.timeout_triggered") == []


def test_a_cancelled_response_starts_the_idle_clock() -> None:
    pair = SessionPair([LONG, HELLO], **IDLE)
    pair.say("Hi")
    pair.respond()
    pair.run(50)
    pair.cancel()
    cancelled_ns = pair.now_ns
    pair.hush(6000)
    at = pair.events.index(pair.last("input_audio_buffer.timeout_triggered"))
    assert pair.sent_at_ns[at] == cancelled_ns + 5_000_000_000


def test_no_idle_clock_before_the_agent_has_spoken() -> None:
    pair = SessionPair([HELLO], **IDLE)
    assert pair.hush(10_000) == []
