"""Claims whose event has no id, as foreign clients send them."""

from __future__ import annotations

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics.claims import Claim, claim_of


def unnamed() -> LogBuilder:
    """Return an answer that was interrupted, and a claim of 900 ms on its way."""
    log = one_answer(server=True)
    log.add(3000, "client", "interruption", "agent-0", audio_end_ms=900)
    log.add(3001, "server", "conversation.item.truncate", "agent-0", audio_end_ms=900)
    return log


def claim(log: LogBuilder) -> Claim:
    read = log.log()
    (interruption,) = read.of("client", "interruption")
    return claim_of(read, interruption)


def error(log: LogBuilder, at_ms: int, message: str, event_id: str | None) -> None:
    detail = {"message": message, "event_id": event_id}
    log.add(at_ms, "server", "error", None, error=detail)


def test_the_first_answer_after_the_claim_is_its_own() -> None:
    log = unnamed()
    error(log, 3002, "about something else", "event_7")
    log.add(3003, "server", "conversation.item.truncated", "agent-0", audio_end_ms=900)
    error(log, 3004, "about what comes next", None)
    accepted = claim(log)
    assert (accepted.verdict, accepted.audio_end_ms) == ("accepted", 900)
    assert accepted.settled_seq is not None


def test_an_error_that_names_no_event_refuses_it() -> None:
    log = unnamed()
    error(log, 3002, "already shorter", None)
    log.add(3003, "server", "conversation.item.truncated", "agent-1", audio_end_ms=1)
    assert claim(log) == Claim(900, "refused", "already shorter")


def test_what_came_before_the_claim_answers_nothing() -> None:
    log = one_answer(server=True)
    error(log, 2999, "too early", None)
    log.add(3000, "client", "interruption", "agent-0", audio_end_ms=900)
    log.add(3001, "server", "conversation.item.truncate", "agent-0", audio_end_ms=900)
    assert claim(log) == Claim(900, "unanswered")
