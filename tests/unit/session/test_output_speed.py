"""`audio.output.speed`: when it may change, and whom it reaches."""

from __future__ import annotations

from typing import Any

from tests.support.session_pair import (
    MANUAL,
    FixedReplies,
    SessionPair,
    refusal,
    spoken,
)

FAST = {"output": {"speed": 1.5}}


def pair(replies: FixedReplies) -> SessionPair:
    return SessionPair(responder=replies, **MANUAL)


def updated(made: SessionPair, audio: dict[str, Any]) -> float:
    (event,) = made.update(audio=audio)
    assert event["type"] == "session.updated", event
    speed: float = event["session"]["audio"]["output"]["speed"]
    return speed


def test_a_response_is_asked_for_at_the_speed_of_the_session() -> None:
    replies = FixedReplies([[(0, spoken(100, "Hi"))]] * 3)
    made = pair(replies)
    for audio in ({}, FAST, {"output": {"speed": 1}}):
        updated(made, audio)
        made.respond()
        made.run(1000)
    assert [request.speed for request in replies.requests] == [1.0, 1.5, 1.0]


def test_the_speed_cannot_change_while_a_response_is_in_progress() -> None:
    replies = FixedReplies([[(0, spoken(100, "Hi")), (500, spoken(100, " you"))]])
    made = pair(replies)
    made.respond()
    made.run(100)
    update = {"type": "realtime", "audio": FAST, "instructions": "Hurry."}
    event = {"type": "session.update", "event_id": "mine", "session": update}
    detail = refusal(made.send(event))
    assert (detail["code"], detail["event_id"]) == ("cannot_update_speed", "mine")
    # what it is set to already is no change, and other fields may change
    assert updated(made, {"output": {"speed": 1.0}}) == 1.0
    made.run(1000)
    assert updated(made, FAST) == 1.5
    assert made.events[-1]["session"]["instructions"] == ""


def test_nor_while_one_beside_the_conversation_is() -> None:
    replies = FixedReplies([[(500, spoken(100, "Hi"))]])
    made = pair(replies)
    made.respond(conversation="none")
    update = {"type": "realtime", "audio": FAST}
    detail = refusal(made.send({"type": "session.update", "session": update}))
    assert detail["code"] == "cannot_update_speed"


def test_the_tokens_are_those_of_the_audio_as_it_is_sent() -> None:
    # a responder gives what the speed left of it: 50 ms a token
    replies = FixedReplies([[(0, spoken(400, "Hi"))]])
    made = pair(replies)
    updated(made, FAST)
    made.respond()
    made.run(1000)
    done = next(e for e in made.events if e["type"] == "response.done")
    usage = done["response"]["usage"]["output_token_details"]
    assert usage["audio_tokens"] == 8
