from __future__ import annotations

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics.comparison.naming import OPENING, SESSION, Names


def subjects(log: LogBuilder) -> list[tuple[str, str]]:
    """Return type and subject of each event that the client saw."""
    read = log.log()
    names = Names(read)
    return [
        (event.type.rpartition(".")[2], names.subject(event))
        for event in read.events
        if event.lane == "client"
    ]


def test_everything_is_named_after_the_turn_that_led_to_it() -> None:
    log = one_answer()
    log.wire(9000, "rate_limits.updated", rate_limits=[])
    assert subjects(log) == [
        ("created", SESSION),
        ("speech_started", "turn 0"),
        ("speech_stopped", "turn 0"),
        ("committed", "turn 0"),
        ("created", "answer to turn 0"),
        ("delta", "given item"),  # no output_index: nothing tells its place
        ("done", "answer to turn 0"),
        ("updated", "answer to turn 0"),
    ]


def test_a_turn_cut_in_two_has_two_items_and_two_answers() -> None:
    log = LogBuilder()
    log.caller(3, 200, 3000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 300)
    log.heard_as("user-1", 2000, 3000, sent_ms=3560)
    log.answer("resp-1", "agent-1", "user-1", 3560, 300)
    names = Names(log.log())
    assert names.of_id("user-0") == "turn 3"
    assert names.of_id("user-1") == "turn 3 (2)"
    assert names.of_id("resp-0") == "answer to turn 3"
    assert names.of_id("resp-1") == "answer to turn 3 (2)"


def test_a_second_answer_to_a_turn_shifts_no_later_name() -> None:
    log = one_answer()
    log.response("resp-extra", None, 4000, done_ms=4100)
    log.caller(1, 6000, 7000)
    log.heard_as("user-1", 6020, 7000, sent_ms=7560)
    log.answer("resp-1", "agent-1", "user-1", 7560, 500)
    names = Names(log.log())
    assert names.of_id("resp-extra") == "answer to turn 0 (2)"
    assert names.of_id("user-1") == "turn 1"
    assert names.of_id("resp-1") == "answer to turn 1"


def test_what_comes_before_any_turn_belongs_to_the_opening() -> None:
    log = LogBuilder()
    log.add(0, "client", "response.create", event_id="event_1")
    log.response("resp-0", None, 40, done_ms=900)
    log.audio("agent-0", "resp-0", 500, 100)
    read = log.log()
    names = Names(read)
    assert names.of_id("resp-0") == f"answer to {OPENING}"
    (asked,) = read.of("client", "response.create")
    assert names.subject(asked) == OPENING


def test_an_item_of_the_agent_is_named_by_its_place_in_the_response() -> None:
    log = LogBuilder()
    log.response("resp-0", None, 40, done_ms=900)
    # some servers announce the item before its place in the response
    log.wire(100, "conversation.item.added", "agent-0", item={"id": "agent-0"})
    added = {"response_id": "resp-0", "output_index": 1}
    log.wire(110, "response.output_item.added", "agent-0", **added)
    read = log.log()
    names = Names(read)
    assert names.of_id("agent-0") == f"answer to {OPENING} item 1"
    (joined,) = read.of("client", "conversation.item.added")
    assert names.home(joined) == f"answer to {OPENING}"


def test_a_response_outside_of_the_conversation_is_aside() -> None:
    log = one_answer()
    made = {"id": "resp-out", "conversation_id": None}
    log.wire(1700, "response.created", response=made)
    names = Names(log.log())
    assert names.of_id("resp-out") == "aside"
    assert names.of_id("resp-0") == "answer to turn 0"


def test_a_refusal_is_about_what_it_refuses() -> None:
    log = one_answer()
    asked = {"event_id": "event_7", "audio_end_ms": 9}
    log.add(3000, "client", "conversation.item.truncate", "agent-0", **asked)
    log.caller(1, 3010, 3500)
    log.wire(3020, "error", error={"event_id": "event_7", "message": "no"})
    read = log.log()
    names = Names(read)
    (claim,) = read.of("client", "conversation.item.truncate")
    (error,) = read.of("client", "error")
    assert names.subject(error) == names.subject(claim)
    assert names.of_id("nobody") is None
