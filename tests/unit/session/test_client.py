from __future__ import annotations

import json

import pytest

from tests.support.sdk import assert_valid_client_event
from tests.support.session_pair import SessionPair, spoken
from voicelab.errors import RemoteProtocolError
from voicelab.protocol import server_events as ev
from voicelab.protocol.client_events import ClientEvent, ResponseCreateParams
from voicelab.protocol.codec import encode
from voicelab.protocol.ids import IdSource
from voicelab.protocol.items import FunctionCallItem, MessageItem
from voicelab.protocol.server_events import UnknownServerEvent
from voicelab.session.client import ClientSession


def delta(item_id: str, response_id: str = "resp_1") -> ev.ResponseOutputAudioDelta:
    return ev.ResponseOutputAudioDelta(
        event_id="e",
        response_id=response_id,
        item_id=item_id,
        output_index=0,
        content_index=0,
        delta=b"\0\0" * 480,
    )


def test_it_knows_the_sessions_settings() -> None:
    pair = SessionPair()
    assert pair.client.interrupts_response
    detection = {"type": "server_vad", "interrupt_response": False}
    pair.update(audio={"input": {"turn_detection": detection}})
    assert not pair.client.interrupts_response
    pair.update(audio={"input": {"turn_detection": None}})
    assert not pair.client.interrupts_response
    assert pair.client.session == pair.last("session.updated")["session"]


def test_before_the_greeting_it_knows_nothing() -> None:
    client = ClientSession(IdSource(1))
    assert client.session is None
    assert not client.interrupts_response
    assert client.unfinished_items() == []


def test_it_follows_the_running_response() -> None:
    pair = SessionPair([[(100, spoken(100, "Hello"))]])
    pair.say("Hi")
    response_id = pair.respond()[0]["response"]["id"]
    assert pair.client.active_response_id == response_id
    pair.run(1000)
    assert pair.client.active_response_id is None


def test_a_response_outside_the_conversation_is_not_the_running_one() -> None:
    pair = SessionPair([[(100, spoken(100))], [(500, spoken(100))]])
    own = pair.respond()[0]["response"]["id"]
    pair.respond(conversation="none")
    assert pair.client.active_response_id == own
    pair.run(200)
    assert pair.client.active_response_id is None


def test_it_counts_what_has_arrived_of_each_item() -> None:
    client = ClientSession(IdSource(1))
    first = client.audio_received(delta("item_1"), 480)
    assert client.audio_received(delta("item_1"), 480) is first
    assert first.received_samples == 960
    second = client.audio_received(delta("item_2"), 480)
    assert client.unfinished_items() == [first, second]
    done = ev.ResponseOutputAudioDone(
        event_id="e",
        response_id="resp_1",
        item_id="item_1",
        output_index=0,
        content_index=0,
    )
    client.receive(encode(done))
    assert first.complete
    assert client.unfinished_items() == [second]


def test_the_end_of_a_response_completes_its_items() -> None:
    pair = SessionPair([[(100, spoken(100, "Hello"))]])
    pair.say("Hi")
    response_id = pair.respond()[0]["response"]["id"]
    mine = pair.client.audio_received(delta("item_1", response_id), 480)
    other = pair.client.audio_received(delta("item_2", "resp_other"), 480)
    pair.run(1000)
    assert (mine.complete, other.complete) == (True, False)


def test_audio_of_an_interrupted_response_is_stale() -> None:
    pair = SessionPair([[(100, spoken(100))], [(100, spoken(100))]])
    first = pair.respond()[0]["response"]["id"]
    assert not pair.client.is_stale(first)
    pair.client.interrupt()
    assert pair.client.is_stale(first)
    pair.run(1000)
    pair.client.interrupt()  # nothing runs: nothing becomes stale
    second = pair.respond()[0]["response"]["id"]
    assert pair.client.is_stale(first)
    assert not pair.client.is_stale(second)


def test_what_it_sends_is_what_the_sdk_could_send() -> None:
    client = ClientSession(IdSource(1))
    events: list[ClientEvent] = [
        client.update({"type": "realtime"}),
        client.append(b"\0\0"),
        client.commit(),
        client.create_response(),
        client.create_response(ResponseCreateParams(conversation="none")),
        client.truncate("item_1", 120),
    ]
    for event in events:
        assert_valid_client_event(encode(event))
    named = [str(event.event_id) for event in events if event.event_id]
    assert len(set(named)) == len(named) == 5


def test_an_event_it_does_not_know_is_passed_on() -> None:
    client = ClientSession(IdSource(1))
    event = client.receive('{"type": "response.cancelled", "event_id": "e"}')
    assert isinstance(event, UnknownServerEvent)


def test_a_text_that_is_no_event_is_the_peers_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        ClientSession(IdSource(1)).receive("hello")


@pytest.mark.parametrize(
    ("session", "interrupts", "manual"),
    [
        (None, True, False),
        ({}, True, False),
        ({"audio": None}, True, False),
        ({"audio": {"input": None}}, True, False),
        ({"audio": {"input": {"turn_detection": None}}}, False, True),
        ({"turn_detection": None, "audio": {"input": {}}}, False, True),
        ({"turn_detection": {"interrupt_response": False}}, False, False),
        ({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}, True, False),
    ],
)
def test_a_sparse_session_object_means_the_defaults(
    session: object, interrupts: bool, manual: bool
) -> None:
    client = ClientSession(IdSource(1))
    client.receive(json.dumps({"type": "session.updated", "session": session}))
    assert client.interrupts_response is interrupts
    assert client.turns_are_manual is manual


def announced(item: MessageItem | FunctionCallItem) -> bytes:
    event = ev.ResponseOutputItemAdded(
        event_id="e", response_id="resp_1", output_index=0, item=item
    )
    return encode(event)


def test_it_knows_the_message_that_was_announced_last_and_its_audio() -> None:
    client = ClientSession(IdSource(1))
    assert client.last_item is None
    client.receive(announced(MessageItem(id="item_1", role="assistant", content=[])))
    assert client.last_item is not None
    assert client.last_item.item_id == "item_1"
    assert client.items == {}  # nothing of it has arrived
    client.audio_received(delta("item_1"), 480)
    assert client.items["item_1"] is client.last_item
    call = FunctionCallItem(id="item_2", call_id="c", name="f", arguments="{}")
    client.receive(announced(call))
    assert client.last_item.item_id == "item_1"


def test_audio_of_a_message_that_was_not_announced_announces_it() -> None:
    client = ClientSession(IdSource(1))
    client.audio_received(delta("item_1"), 480)
    client.audio_received(delta("item_2"), 480)
    assert client.last_item is client.items["item_2"]
