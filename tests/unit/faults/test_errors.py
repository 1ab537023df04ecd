"""Errors that nobody caused, and one that somebody seems to have caused."""

from __future__ import annotations

from tests.support.faulty import FaultyPair, speech
from tests.support.session_pair import MANUAL, refusal, types


def test_a_refused_commit_commits_nothing() -> None:
    pair = FaultyPair(["commit_error:at=1"], **MANUAL)
    pair.speak(400)
    detail = refusal(pair.commit())
    assert detail["code"] == "input_audio_buffer_commit_empty"
    assert detail["event_id"]
    assert detail["message"].endswith("buffer only has 0.00ms of audio.")
    assert [note.data["kind"] for note in pair.strikes] == ["commit_error"]
    # the audio is still there, and the next commit takes it
    assert types(pair.commit())[0] == "input_audio_buffer.committed"
    assert len(pair.strikes) == 1


def test_other_messages_pass_even_if_they_speak_of_commits() -> None:
    pair = FaultyPair(["commit_error"], **MANUAL)
    assert types(pair.say("input_audio_buffer.commit")) == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    broken = pair.send({"type": "input_audio_buffer.commit", "event_id": 7})
    assert refusal(broken)["code"] == "invalid_type"
    assert pair.strikes == []


def test_the_refused_event_is_told_to_the_host() -> None:
    pair = FaultyPair(["commit_error"], **MANUAL)
    event = pair.server.receive('{"type":"input_audio_buffer.commit"}', 0)
    assert event is not None
    assert refusal(pair.collect())["event_id"] is None


def test_a_stray_error_follows_what_it_strikes() -> None:
    pair = FaultyPair(["stray_error:at=2"], [speech(1), speech(1)], **MANUAL)
    for _ in range(2):
        pair.respond()
        pair.run(1000)
    (error,) = pair.of("error")
    assert error["error"]["type"] == "server_error"
    assert error["error"]["event_id"] is None
    names = types(pair.events)
    assert names[names.index("error") - 1] == "response.created"
    ids = [event["event_id"] for event in pair.events]
    assert len(set(ids)) == len(ids)


def test_what_a_stray_error_says_is_chosen() -> None:
    fault = "stray_error:on=session.created,code=boom,message=Oh no."
    pair = FaultyPair([fault], **MANUAL)
    detail = pair.events[1]["error"]
    assert (detail["code"], detail["message"]) == ("boom", "Oh no.")
