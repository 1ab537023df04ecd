"""Items: created, retrieved, deleted, transcribed; and the chain they form."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.session_pair import (
    MANUAL,
    SessionPair,
    audio_of,
    hearing,
    level,
    refusal,
    spoken,
    types,
    user_text,
)

TRANSCRIBED: dict[str, Any] = {
    "audio": {
        "input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}
    }
}
B64_200_MS = base64.b64encode(level(200).tobytes()).decode()


def order(pair: SessionPair) -> list[str]:
    """Return the ids that the responder is shown, in order."""
    pair.respond(conversation="none")
    return [str(item.id) for item in pair.responder.requests[-1].items]


def test_an_item_is_added_then_done_with_the_same_content() -> None:
    pair = SessionPair()
    added, done = pair.say("Hello")
    assert added["type"] == "conversation.item.added"
    assert done["type"] == "conversation.item.done"
    assert added["item"] == done["item"]
    assert added["item"].pop("id").startswith("item_")
    assert added["item"] == user_text("Hello") | {
        "object": "realtime.item",
        "status": "completed",
    }
    assert added["previous_item_id"] is None


def test_a_clients_own_id_is_kept_and_cannot_be_used_twice() -> None:
    pair = SessionPair()
    assert pair.create(user_text("a", id="item_a"))[0]["item"]["id"] == "item_a"
    detail = refusal(pair.create(user_text("b", id="item_a")))
    assert detail["code"] == "item_create_duplicate_item_id"
    assert detail["event_id"] == "new"


def test_items_are_inserted_where_they_are_asked_to_be() -> None:
    pair = SessionPair()
    pair.create(user_text("", id="b"))
    assert pair.create(user_text("", id="d"))[0]["previous_item_id"] == "b"
    first = pair.create(user_text("", id="a"), previous_item_id="root")
    assert first[0]["previous_item_id"] is None
    middle = pair.create(user_text("", id="c"), previous_item_id="b")
    assert middle[0]["previous_item_id"] == "b"
    last = pair.create(user_text("", id="e"), previous_item_id=None)
    assert last[1]["previous_item_id"] == "d"
    assert order(pair) == ["a", "b", "c", "d", "e"]


def test_a_deleted_item_leaves_the_chain_and_the_bill() -> None:
    pair = SessionPair([[(1, spoken(50))]])
    for name in "abc":
        pair.create(user_text("x" * 400, id=name))
    (event,) = pair.delete("b")
    assert (event["type"], event["item_id"]) == ("conversation.item.deleted", "b")
    assert order(pair) == ["a", "c"]
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["text_tokens"] == 200
    assert refusal(pair.delete("b"))["code"] == "item_delete_invalid_item_id"
    assert pair.create(user_text("", id="b"))[0]["previous_item_id"] == "c"


def test_the_agents_item_can_be_deleted_while_it_grows() -> None:
    pair = SessionPair([[(100, spoken(100, "a")), (500, spoken(100, "b"))]])
    pair.say("Hi")
    pair.respond()
    pair.run(200)
    item_id = pair.last("response.output_item.added")["item"]["id"]
    pair.delete(item_id)
    events = pair.run(1000)
    assert "conversation.item.done" not in types(events)
    assert types(events)[-2:] == ["response.output_item.done", "response.done"]


def test_a_retrieved_agent_item_has_its_audio_and_words() -> None:
    pair = SessionPair([[(1, spoken(100, "Hello")), (2, spoken(50, " you", value=5))]])
    pair.say("Hi")
    pair.respond()
    pair.run(10)
    item = pair.retrieve(pair.last("response.output_item.added")["item"]["id"])
    (part,) = item["content"]
    assert part["type"] == "output_audio"
    assert part["transcript"] == "Hello you"
    assert audio_of(item) == b"\xe8\x03" * 2400 + b"\x05\x00" * 1200


def test_a_retrieved_text_item_is_as_it_was_created() -> None:
    pair = SessionPair()
    created = pair.say("Hello")[0]["item"]
    assert pair.retrieve(created["id"]) == created


def test_audio_that_a_client_gives_is_kept_billed_and_not_echoed() -> None:
    pair = SessionPair([[(1, spoken(50))]])
    item = {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Listen:"},
            {"type": "input_audio", "audio": B64_200_MS},
            {"type": "input_audio", "audio": B64_200_MS, "transcript": "beep"},
        ],
    }
    added, done = pair.create(item)
    assert added["item"]["content"] == [
        {"type": "input_text", "text": "Listen:"},
        {"type": "input_audio", "transcript": None},
        {"type": "input_audio", "transcript": "beep"},
    ]
    assert done["item"] == added["item"]
    held = pair.retrieve(added["item"]["id"])
    assert audio_of(held, 1) == audio_of(held, 2) == level(200).tobytes()
    pair.respond()
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 4
    assert usage["input_token_details"]["text_tokens"] == 2


def test_audio_among_the_input_of_a_response_is_billed() -> None:
    pair = SessionPair([[(1, spoken(50))]])
    given = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "audio": B64_200_MS}],
    }
    pair.respond(conversation="none", input=[given])
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 2


def test_a_response_reads_the_input_it_is_given() -> None:
    pair = SessionPair([[(1, spoken(50))]] * 2)
    pair.create(user_text("kept", id="a"))
    pair.create(user_text("not read", id="b"))
    reference = {"type": "item_reference", "id": "a"}
    pair.respond(conversation="none", input=[reference, user_text("given")])
    request = pair.responder.requests[-1]
    assert request.items[0].id == "a"
    assert len(request.items) == 2
    assert "not read" not in repr(request.items)
    pair.respond(conversation="none", input=[])
    assert pair.responder.requests[-1].items == ()


def test_the_responder_is_told_the_state_of_the_session() -> None:
    pair = SessionPair([[(1, spoken(50))]] * 3, **MANUAL)
    pair.hush(200)
    pair.commit()
    pair.respond()
    pair.run(10)
    pair.respond(conversation="none")
    pair.run(10)
    pair.respond()
    seen = [(r.ordinal, r.out_of_band, r.input_end_ms) for r in pair.responder.requests]
    assert seen == [(0, False, 200), (1, True, 200), (1, False, 200)]


def transcribing(words: str | None, delay_ms: int = 400) -> SessionPair:
    return SessionPair(
        [[(1, spoken(50))]],
        transcriber=hearing(lambda *_: words, delay_ms),
        **TRANSCRIBED,
    )


def test_a_transcript_comes_after_its_delay_and_enters_the_item() -> None:
    pair = transcribing("hello there")
    pair.hush(1250)
    pair.commit()
    item_id = pair.last("input_audio_buffer.committed")["item_id"]
    assert pair.run(399) == []
    delta, completed = pair.run(1)
    assert delta["type"].endswith(".delta")
    assert delta["delta"] == "hello there"
    assert completed["type"].endswith(".completed")
    assert completed["transcript"] == "hello there"
    assert completed["usage"] == {"type": "duration", "seconds": 1.25}
    assert delta["item_id"] == completed["item_id"] == item_id
    part = pair.retrieve(item_id)["content"][0]
    assert part["transcript"] == "hello there"
    assert len(base64.b64decode(part["audio"])) == 1250 * 48


def test_a_transcript_of_no_words_is_complete() -> None:
    pair = transcribing("")
    pair.hush(200)
    pair.commit()
    (completed,) = pair.run(400)
    assert completed["transcript"] == ""


def test_a_transcript_that_cannot_be_had_fails() -> None:
    pair = transcribing(None)
    pair.hush(200)
    pair.commit()
    (failed,) = pair.run(400)
    assert failed["type"] == "conversation.item.input_audio_transcription.failed"
    assert failed["item_id"] == pair.last("input_audio_buffer.committed")["item_id"]
    assert failed["error"]["code"] == "transcriber_unavailable"


def test_no_transcript_unless_asked_for() -> None:
    pair = SessionPair(transcriber=hearing(lambda *_: "words"), **MANUAL)
    pair.hush(200)
    pair.commit()
    assert pair.run(1000) == []


def test_the_transcriber_is_told_the_span_in_all_audio() -> None:
    spans: list[tuple[int, int]] = []

    def hear(start_ms: int, end_ms: int) -> str:
        spans.append((start_ms, end_ms))
        return "x"

    pair = SessionPair(transcriber=hearing(hear), **TRANSCRIBED)
    for length_ms in (200, 350):
        pair.hush(length_ms)
        pair.commit()
    pair.run(1000)
    assert spans == [(0, 200), (200, 550)]


def test_the_transcript_of_a_deleted_item_is_reported_all_the_same() -> None:
    pair = transcribing("gone")
    pair.hush(200)
    pair.commit()
    pair.delete(pair.last("input_audio_buffer.committed")["item_id"])
    assert len(pair.run(400)) == 2


def test_transcripts_of_the_caller_are_not_billed_as_text() -> None:
    pair = transcribing("x" * 400)
    pair.hush(200)
    pair.commit()
    pair.run(1000)
    pair.respond()
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["text_tokens"] == 0
