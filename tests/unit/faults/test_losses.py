"""What is never sent, and what is sent twice."""

from __future__ import annotations

from tests.support.faulty import AUDIO, FaultyPair, speech
from tests.support.session_pair import MANUAL, types


def spoken_pair(fault: str) -> FaultyPair:
    pair = FaultyPair([fault], [speech()], **MANUAL)
    pair.respond()
    pair.run(3000)
    return pair


def test_a_dropped_delta_is_never_sent() -> None:
    pair = spoken_pair("drop:at=1,4")
    assert pair.audio() == [1, 2, 4, 5, 6, 7, 8, 9]
    assert [note.data["event"] for note in pair.strikes] == [AUDIO] * 2
    (truth,) = pair.noted("reply.audio")
    assert truth.data["samples"] == 8 * 4800


def test_the_server_believes_that_a_dropped_delta_was_sent() -> None:
    pair = spoken_pair("drop:at=1")
    item_id = pair.of(AUDIO)[0]["item_id"]
    (answer,) = pair.truncate(item_id, 2000)
    assert answer["type"] == "conversation.item.truncated"


def test_anything_may_be_dropped() -> None:
    pair = spoken_pair("drop:on=response.created,response.done,rate=1")
    assert not [name for name in types(pair.events) if name == "response.created"]
    assert not pair.of("response.done")
    assert len(pair.of(AUDIO)) == 10


def test_a_doubled_delta_comes_twice_in_a_row_with_one_id() -> None:
    pair = spoken_pair(f"duplicate:on={AUDIO},at=2")
    assert pair.audio() == [0, 1, 1, *range(2, 10)]
    first, second = pair.of(AUDIO)[1:3]
    assert first == second
    (truth,) = pair.noted("reply.audio")
    assert truth.data["samples"] == 11 * 4800


def test_everything_may_come_twice() -> None:
    pair = spoken_pair("duplicate:rate=1")
    ids = [event["event_id"] for event in pair.events]
    assert ids[::2] == ids[1::2]
    assert len(set(ids)) * 2 == len(ids)


def test_the_share_is_of_events_that_may_be_struck() -> None:
    pair = spoken_pair("drop:rate=0.5")
    assert 1 < len(pair.strikes) < 9
    assert len(pair.audio()) == 10 - len(pair.strikes)
