"""A session lasts as long as it may, and no longer."""

from __future__ import annotations

from tests.support.session_pair import SessionPair
from voicelab.session.outbox import HangUp
from voicelab.session.server import ServerOptions


def test_a_session_expires_with_an_error_and_the_end_of_the_connection() -> None:
    pair = SessionPair(options=ServerOptions(opened_unix_s=1000, lifetime_s=3600))
    assert pair.events[0]["session"]["expires_at"] == 4600
    assert pair.run(3_599_999) == []
    (event,) = pair.run(1)
    assert event["error"]["code"] == "session_expired"
    assert event["error"]["message"] == (
        "Your session hit the maximum duration of 60 minutes."
    )
    assert pair.hang_ups == [HangUp(1001, event["error"]["message"])]


def test_a_session_that_expired_says_no_more() -> None:
    pair = SessionPair(options=ServerOptions(lifetime_s=90))
    pair.run(90_000)
    assert pair.last("error")["error"]["message"].endswith("duration of 90 seconds.")
    assert pair.respond() == []
    assert pair.run(10_000) == []
    assert len(pair.hang_ups) == 1


def test_a_lifetime_is_not_enforced_unless_asked() -> None:
    pair = SessionPair()
    assert pair.run(5_000_000) == []
    assert pair.server.next_deadline() is None
