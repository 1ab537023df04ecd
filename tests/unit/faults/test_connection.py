"""The end of the connection in the middle of things."""

from __future__ import annotations

import pytest

from tests.support.faulty import AUDIO, FaultyPair, burst, speech
from tests.support.session_pair import MANUAL
from voicelab.session.outbox import HangUp


def test_the_connection_breaks_off_in_the_middle_of_a_response() -> None:
    pair = FaultyPair(["disconnect:after_ms=700"], [speech()], **MANUAL)
    pair.respond()
    pair.run(5000)
    assert pair.hang_ups == [HangUp(1006, "")]
    assert pair.audio() == [0, 1, 2, 3]
    assert pair.of("response.done") == []
    assert [note.data["code"] for note in pair.strikes] == [1006]
    assert pair.server.next_deadline() is None
    assert pair.respond() == []


def test_what_the_agent_said_until_then_is_kept() -> None:
    pair = FaultyPair(["disconnect:after_ms=700"], [speech()], **MANUAL)
    pair.respond()
    pair.run(5000)
    (truth,) = pair.noted("reply.audio")
    assert truth.data["samples"] == 4 * 4800


def test_a_burst_is_cut_where_the_connection_ends() -> None:
    pair = FaultyPair(["disconnect:after_ms=700"], [burst()], **MANUAL)
    pair.respond()
    assert pair.audio() == [0, 1, 2, 3]
    assert len(pair.noted("reply.audio")) == 1


@pytest.mark.parametrize(
    ("after_ms", "deltas"), [(0, 0), (1, 1), (2000, 10), (2001, None)]
)
def test_where_the_end_comes(after_ms: int, deltas: int | None) -> None:
    pair = FaultyPair(
        [f"disconnect:after_ms={after_ms},code=4000,reason=bye"], [speech()], **MANUAL
    )
    pair.respond()
    pair.run(5000)
    assert len(pair.audio()) == (10 if deltas is None else deltas)
    assert pair.hang_ups == ([] if deltas is None else [HangUp(4000, "bye")])


def test_a_later_response_may_be_struck() -> None:
    pair = FaultyPair(["disconnect:at=2"], [speech(), speech()], **MANUAL)
    for _ in range(2):
        pair.respond()
        pair.run(5000)
    assert len(pair.of("response.done")) == len(pair.hang_ups) == 1


def test_the_end_waits_behind_what_is_late() -> None:
    faults = ["disconnect:after_ms=200", f"late:on={AUDIO},rate=1,delay_ms=300"]
    pair = FaultyPair(faults, [speech()], **MANUAL)
    pair.respond()
    pair.run(399)
    assert pair.audio() == []
    assert pair.hang_ups == []
    pair.run(1)
    assert pair.audio() == [0]
    assert len(pair.hang_ups) == 1


def test_a_session_expires_early() -> None:
    pair = FaultyPair(["expire:after_s=90"], [speech()], **MANUAL)
    pair.run(89_999)
    assert pair.of("error") == []
    (event,) = pair.run(1)
    assert event["error"]["code"] == "session_expired"
    assert pair.hang_ups == [HangUp(1001, event["error"]["message"])]
    assert "90 seconds" in event["error"]["message"]
    assert pair.run(100_000) == []
    pair.server.close(pair.now_ns)
    assert pair.collect() == []
