"""Responses that fail or never come, and what the conversation is afterwards."""

from __future__ import annotations

import pytest

from tests.support.faulty import AUDIO, FaultyPair, burst, speech
from tests.support.session_pair import MANUAL, Reply, types

AT_ONCE = ["rate_limit", "response_failed"]
REPLIES = [speech(), burst()]


def items_of(pair: FaultyPair) -> list[str]:
    """Return the chain of the items that the server holds."""
    return [item.id for item in pair.plain.conversation]


@pytest.mark.parametrize("reply", REPLIES, ids=["in time", "at once"])
@pytest.mark.parametrize("kind", AT_ONCE)
def test_a_response_that_fails_at_once_says_nothing(kind: str, reply: Reply) -> None:
    pair = FaultyPair([f"{kind}:at=1"], [reply, speech(2)], **MANUAL)
    pair.say("hello")
    pair.respond()
    pair.run(5000)
    assert types(pair.events[-3:], leaving_out="x") == [
        "response.created",
        "response.done",
        "rate_limits.updated",
    ]
    response = pair.last("response.done")["response"]
    assert (response["status"], response["output"]) == ("failed", [])
    assert "usage" not in response
    assert len(items_of(pair)) == 1, "the client knows every item that there is"
    (strike,) = pair.strikes
    assert strike.data["kind"] == kind
    pair.respond()
    pair.run(5000)
    assert pair.last("response.done")["response"]["status"] == "completed"
    added = pair.of("conversation.item.added")
    assert added[1]["previous_item_id"] == added[0]["item"]["id"]
    assert not pair.of("error")
    assert not pair.of("conversation.item.deleted")


def test_a_rate_limit_says_when_to_come_back() -> None:
    pair = FaultyPair(["rate_limit:reset_s=12.5"], [speech()], **MANUAL)
    pair.respond()
    pair.run(1000)
    details = pair.last("response.done")["response"]["status_details"]
    assert details["type"] == "failed"
    assert details["error"]["code"] == "rate_limit_exceeded"
    assert "try again in 12.5s" in details["error"]["message"]
    (limit,) = pair.last("rate_limits.updated")["rate_limits"]
    assert (limit["remaining"], limit["reset_seconds"]) == (0, 12.5)


@pytest.mark.parametrize("reply", REPLIES, ids=["in time", "at once"])
def test_a_response_that_fails_later_keeps_what_it_said(reply: Reply) -> None:
    pair = FaultyPair(["response_failed:after_ms=500"], [reply], **MANUAL)
    pair.respond()
    pair.run(5000)
    assert len(pair.of(AUDIO)) == (3 if reply == REPLIES[0] else 10)
    response = pair.last("response.done")["response"]
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["type"] == "server_error"
    assert len(response["output"]) == len(items_of(pair)) == 1
    assert not pair.of("error")
    assert len(pair.strikes) == 1


def test_a_response_shorter_than_that_does_not_fail() -> None:
    pair = FaultyPair(["response_failed:after_ms=2001"], [speech()], **MANUAL)
    pair.respond()
    pair.run(5000)
    assert pair.last("response.done")["response"]["status"] == "completed"
    assert pair.strikes == []


@pytest.mark.parametrize("reply", REPLIES, ids=["in time", "at once"])
def test_no_response_is_nothing_at_all(reply: Reply) -> None:
    pair = FaultyPair(["no_response:at=1"], [reply, speech(1)], **MANUAL)
    pair.say("hello")
    assert pair.respond() == []
    assert pair.run(5000) == []
    assert len(items_of(pair)) == 1
    assert pair.noted("reply.audio") == []
    pair.respond()
    pair.run(1000)
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_a_turn_without_a_response_has_no_trigger() -> None:
    pair = FaultyPair(["no_response"], [speech()])
    pair.speak(1000)
    pair.hush(1500)
    assert len(pair.of("input_audio_buffer.committed")) == 1
    assert pair.noted("response.trigger") == []
    assert [note.data["kind"] for note in pair.strikes] == ["no_response"]
    assert not [name for name in types(pair.events) if name.startswith("response")]


def test_a_barge_in_during_what_is_hidden_is_one_of_the_next_response() -> None:
    pair = FaultyPair(["rate_limit:at=1"], [speech(), speech(40)])
    pair.speak(1000)
    pair.hush(1500)
    pair.speak(1000)
    pair.hush(1500)
    pair.speak(500)
    statuses = [event["response"]["status"] for event in pair.of("response.done")]
    assert statuses == ["failed", "cancelled"]


def test_out_of_band_responses_are_struck_too() -> None:
    pair = FaultyPair(["response_failed"], [speech(), speech()], **MANUAL)
    pair.respond(conversation="none")
    pair.run(1000)
    response = pair.last("response.done")["response"]
    assert (response["status"], response["conversation_id"]) == ("failed", None)
