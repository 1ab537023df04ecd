"""A call's leg to 46elks, message by message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicelab.errors import LegError
from voicelab.legs import elks
from voicelab.protocol.server_events import UnknownServerEvent
from voicelab.serve.bridges.elks.leg import VOID_NS, ElksLeg
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    Leg,
    MarkReached,
    Oddity,
)

HELLO = '{"t":"hello","callid":"c1","from":"+46701234567","to":"+46766861234"}'
AUDIO = '{"t":"audio","data":"AAABAA=="}'
SYNC = '{"t":"sync"}'
BYE = '{"t":"bye","reason":"hangup","message":"Call finished"}'


class Clock:
    now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def leg_in_a_call(name: str = "pcm_24000", clock: Clock | None = None) -> ElksLeg:
    leg = ElksLeg(clock or Clock(), name)
    leg.receive(HELLO)
    leg.ready()
    leg.outgoing()
    return leg


def sent(leg: ElksLeg) -> list[dict[str, Any]]:
    return [json.loads(text) for text in leg.outgoing()]


def test_it_is_a_leg() -> None:
    leg: Leg = ElksLeg(Clock())
    assert leg.name == "elks"


def test_a_call_begins_with_hello_and_who_calls_is_not_told() -> None:
    leg = ElksLeg(Clock())
    facts = {"call_id": "c1", "to": "+46766861234"}
    assert leg.receive(HELLO) == [CallBegins(facts, frame_ms=20)]
    assert leg.outgoing() == []


@pytest.mark.parametrize("name", list(elks.CODECS))
def test_formats_are_declared_once_the_agent_is_there(name: str) -> None:
    leg = ElksLeg(Clock(), name)
    leg.receive(HELLO)
    leg.ready()
    assert sent(leg) == [
        {"t": "listening", "format": name},
        {"t": "sending", "format": name},
    ]
    assert leg.codec == elks.CODECS[name]


@pytest.mark.parametrize("name", ["g722", "opus"])
def test_a_format_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(LegError, match=name):
        ElksLeg(Clock(), name)


@pytest.mark.parametrize("text", [AUDIO, SYNC, BYE, '{"t":"dtmf"}', "{}"])
def test_nothing_may_come_before_hello(text: str) -> None:
    with pytest.raises(LegError):
        ElksLeg(Clock()).receive(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HELLO, "a second 'hello'"),
        ('{"t":"audio","data":"AAAA"}', "3 bytes are no whole samples"),
        ('{"t":"audio","data":"*"}', "base64"),
        ('{"t":"audio"}', "data"),
        ('{"t":7}', "unknown 't'"),
        ('{"data":"AAA="}', "no 't'"),
        ("[]", "not an object"),
        ("{", "not JSON"),
        ('{"t":"sync"', "not JSON"),
    ],
)
def test_a_wrong_message_is_refused(text: str, problem: str) -> None:
    leg = leg_in_a_call()
    with pytest.raises(LegError, match=problem):
        leg.receive(text)


def test_one_of_an_unknown_kind_changes_nothing() -> None:
    leg = leg_in_a_call()
    [event] = leg.receive('{"t":"dtmf","digit":"1"}')
    assert isinstance(event, Oddity)
    assert "'dtmf'" in event.problem
    assert leg.receive(AUDIO) == [CallerAudio(b"\0\0\1\0")]


def test_audio_without_samples_is_none() -> None:
    assert leg_in_a_call().receive('{"t":"audio","data":""}') == []


def test_one_byte_is_a_sample_of_g711() -> None:
    leg = leg_in_a_call("alaw")
    assert leg.receive('{"t":"audio","data":"1Q=="}') == [CallerAudio(b"\xd5")]


def test_audio_and_the_question_whether_it_was_played() -> None:
    leg = leg_in_a_call()
    leg.play("item_1", b"\1\0")
    leg.mark("m1", "item_1", 0.04)
    assert sent(leg) == [{"t": "audio", "data": "AQA="}, {"t": "sync"}]
    assert leg.outgoing() == []


def test_answers_belong_to_questions_in_their_order() -> None:
    leg = leg_in_a_call()
    for name in ("m1", "m2", "m3"):
        leg.mark(name, "item_1", 0)
    events = [event for _ in range(3) for event in leg.receive(SYNC)]
    assert events == [MarkReached("m1"), MarkReached("m2"), MarkReached("m3")]
    [event] = leg.receive(SYNC)
    assert isinstance(event, Oddity)


def test_an_interrupt_allows_sending_again() -> None:
    leg = leg_in_a_call("ulaw")
    leg.clear()
    leg.play("item_2", b"\xff")
    assert sent(leg) == [
        {"t": "interrupt"},
        {"t": "sending", "format": "ulaw"},
        {"t": "audio", "data": "/w=="},
    ]


def test_what_an_interrupt_made_void_is_not_played_if_it_is_answered() -> None:
    clock = Clock()
    leg = leg_in_a_call(clock=clock)
    leg.mark("m1", "item_1", 0)
    leg.mark("m2", "item_1", 100)
    leg.clear()
    clock.now_ns = VOID_NS // 4
    leg.mark("m3", "item_2", 0)
    assert leg.receive(SYNC) == []
    assert leg.receive(SYNC) == []
    assert leg.receive(SYNC) == [MarkReached("m3")]


def test_what_an_interrupt_made_void_need_not_be_answered() -> None:
    clock = Clock()
    leg = leg_in_a_call(clock=clock)
    leg.mark("m1", "item_1", 0)
    leg.clear()
    clock.now_ns = VOID_NS
    leg.mark("m2", "item_2", 0)
    assert leg.receive(SYNC) == [MarkReached("m2")]


def test_a_second_interrupt_adds_to_what_is_void() -> None:
    clock = Clock()
    leg = leg_in_a_call(clock=clock)
    leg.mark("m1", "item_1", 0)
    leg.clear()
    clock.now_ns = VOID_NS - 1
    leg.mark("m2", "item_2", 0)
    leg.clear()
    clock.now_ns += VOID_NS - 1
    leg.mark("m3", "item_3", 0)
    events = [leg.receive(SYNC) for _ in range(3)]
    assert events == [[], [], [MarkReached("m3")]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BYE, "hangup: Call finished"),
        ('{"t":"bye","reason":"done"}', "done"),
        ('{"t":"bye"}', ""),
    ],
)
def test_46elks_ends_the_call(text: str, reason: str) -> None:
    leg = leg_in_a_call()
    assert leg.receive(text) == [CallOver(reason)]
    assert leg.receive(AUDIO) == []
    leg.play("item_1", b"\0\0")
    leg.hang_up("over")
    assert leg.outgoing() == []


def test_the_bridge_ends_the_call() -> None:
    leg = leg_in_a_call()
    leg.hang_up("the server stops")
    assert sent(leg) == [{"t": "bye", "reason": "done", "message": "the server stops"}]


def test_what_went_wrong_is_said_with_the_goodbye() -> None:
    leg = leg_in_a_call()
    leg.fail("the agent cannot be reached")
    assert leg.outgoing() == []
    leg.hang_up("the agent failed")
    leg.hang_up("again")
    assert sent(leg) == [
        {"t": "bye", "reason": "error", "message": "the agent cannot be reached"}
    ]


@pytest.mark.parametrize("goes_on", ["heard", "spoke"])
def test_what_went_wrong_and_passed_is_not(goes_on: str) -> None:
    leg = leg_in_a_call()
    leg.fail("a response failed")
    if goes_on == "heard":
        leg.receive(AUDIO)
    else:
        leg.play("item_1", b"\0\0")
    leg.hang_up("the caller left")
    assert sent(leg)[-1] == {"t": "bye", "reason": "done", "message": "the caller left"}


def test_a_telephone_has_no_screen() -> None:
    leg = leg_in_a_call()
    leg.show(UnknownServerEvent("response.created", {}))
    assert leg.outgoing() == []
