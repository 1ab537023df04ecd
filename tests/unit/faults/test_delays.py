"""What comes late, in which order, and when it goes on."""

from __future__ import annotations

import pytest

from tests.support.faulty import AUDIO, FaultyPair, speech
from tests.support.session_pair import MANUAL, SessionPair, types

START_MS = 100


def plain_types() -> list[str]:
    pair = SessionPair([speech()], **MANUAL)
    pair.respond()
    pair.run(3000)
    return types(pair.events, leaving_out="nothing")


# -- late ---------------------------------------------------------------------


def test_a_late_event_holds_up_what_follows() -> None:
    pair = FaultyPair([f"late:on={AUDIO},at=3,delay_ms=400"], [speech()], **MANUAL)
    pair.respond()
    pair.run(3000)
    assert types(pair.events, leaving_out="nothing") == plain_types()
    # due at 100, 150, 200, ... ms; the third is 400 ms late, the rest waits for it
    assert pair.at_ms(AUDIO)[:4] == [100, 150, 600, 600]
    assert pair.at_ms("response.done") == [600]
    (strike,) = pair.strikes
    assert strike.data == {
        "kind": "late",
        "event": AUDIO,
        "event_id": pair.of(AUDIO)[2]["event_id"],
        "response_id": pair.of("response.created")[0]["response"]["id"],
        "delay_ms": 400,
    }
    assert strike.item_id == pair.of(AUDIO)[2]["item_id"]


def test_a_late_event_may_be_overtaken() -> None:
    pair = FaultyPair(
        ["late:on=response.done,rate=1,delay_ms=250,reorder=true"], [speech()], **MANUAL
    )
    pair.respond()
    pair.run(3000)
    assert types(pair.events, leaving_out="nothing")[-2:] == [
        "rate_limits.updated",
        "response.done",
    ]
    end_ms = START_MS + 9 * 50
    assert pair.at_ms(AUDIO)[-1] == end_ms
    assert pair.at_ms("response.done") == [end_ms + 250]


def test_audio_is_never_overtaken() -> None:
    pair = FaultyPair(["late:rate=1,reorder=true"], [speech()], **MANUAL)
    pair.run(1000)
    pair.respond()
    pair.run(3000)
    assert pair.at_ms(AUDIO)[0] == 1000 + START_MS
    assert pair.at_ms("response.created") == [1300]


def test_what_is_late_when_the_client_goes_never_comes() -> None:
    pair = FaultyPair(["late:on=response.created,rate=1"], [speech()], **MANUAL)
    pair.respond()
    assert pair.run(50) == []
    pair.server.close(pair.now_ns)
    assert pair.collect() == []
    assert pair.server.next_deadline() is None


# -- stall --------------------------------------------------------------------


def test_a_stalled_response_stops_and_goes_on() -> None:
    pair = FaultyPair(["stall:after_ms=500,duration_ms=1000"], [speech()], **MANUAL)
    pair.respond()
    pair.run(5000)
    assert pair.at_ms(AUDIO) == [100, 150, 200, *[1200] * 7]
    assert [e for e in types(pair.events) if e != "x"] == [
        name for name in plain_types() if not name.startswith("rate_limits")
    ]
    (strike,) = pair.strikes
    assert strike.data["duration_ms"] == 1000
    assert strike.data["kind"] == "stall"


def test_a_stall_holds_nothing_else_up() -> None:
    pair = FaultyPair(["stall:after_ms=200,duration_ms=1000"], [speech()], **MANUAL)
    pair.respond()
    pair.run(300)
    assert types(pair.say("hello")) == [
        "conversation.item.added",
        "conversation.item.done",
    ]


def test_a_response_that_is_cancelled_is_stalled_no_more() -> None:
    pair = FaultyPair(["stall:after_ms=200,duration_ms=9000"], [speech()], **MANUAL)
    pair.respond()
    pair.run(300)
    said = types(pair.cancel())
    assert said[-1] == "response.done"
    assert said.count(AUDIO) == 4, "what was held comes before the end"
    assert pair.last("response.done")["response"]["status"] == "cancelled"
    assert pair.run(20_000) == []


@pytest.mark.parametrize("after_ms", [0, 2000, 2001])
def test_where_a_stall_begins(after_ms: int) -> None:
    pair = FaultyPair([f"stall:after_ms={after_ms}"], [speech()], **MANUAL)
    pair.respond()
    pair.run(5000)
    done_ms = pair.at_ms("response.done")
    assert pair.at_ms(AUDIO)[0] == (1500 if after_ms == 0 else START_MS)
    spared = START_MS + 9 * 50
    assert done_ms == {0: [1500], 2000: [spared + 1500], 2001: [spared]}[after_ms]


def test_each_response_is_struck_or_not() -> None:
    pair = FaultyPair(["stall:at=2"], [speech(), speech(), speech()], **MANUAL)
    for _ in range(3):
        pair.respond()
        pair.run(5000)
    created, done = pair.at_ms("response.created"), pair.at_ms("response.done")
    lasted = [end - start for start, end in zip(created, done, strict=True)]
    # the second stands still at 250 ms, when 800 ms of it are out, and goes on at once
    assert lasted == [550, 1750, 550]
