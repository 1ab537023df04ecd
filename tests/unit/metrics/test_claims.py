from __future__ import annotations

import pytest

from tests.support.logs import PER_MS, LogBuilder, one_answer
from voicelab.metrics.agent import AgentItem
from voicelab.metrics.claims import Claim, claim_of

ITEM = AgentItem("agent-0", "resp-0", 24_000, generated_samples=3000 * PER_MS)


def claim(log: LogBuilder) -> Claim:
    read = log.log()
    (interruption,) = read.of("client", "interruption")
    return claim_of(read, interruption)


def interrupted(
    claim_ms: int | None, *, refused: str | None = None, server: bool = True
) -> LogBuilder:
    log = one_answer(server=server)
    log.interrupt(
        "agent-0",
        3000,
        received_ms=3000,
        played_ms=900,
        claim_ms=claim_ms,
        refused=refused,
    )
    return log


@pytest.mark.parametrize("server", [True, False])
def test_the_server_has_the_last_word(server: bool) -> None:
    accepted = claim(interrupted(900, server=server))
    assert (accepted.verdict, accepted.audio_end_ms) == ("accepted", 900)
    assert accepted.settled_seq is not None
    assert accepted.kept_samples(ITEM) == 900 * PER_MS
    refused = claim(interrupted(9900, refused="too long", server=server))
    assert (refused.verdict, refused.refused) == ("refused", "too long")
    assert refused.kept_samples(ITEM) == 3000 * PER_MS
    silent = claim(interrupted(None, server=server))
    assert (silent.verdict, silent.kept_samples(ITEM)) == ("not_sent", 3000 * PER_MS)


def test_a_claim_beyond_the_end_keeps_what_there_is() -> None:
    assert Claim(9900, "accepted").kept_samples(ITEM) == 3000 * PER_MS


def test_an_interruption_that_tells_nothing_claims_nothing() -> None:
    log = one_answer()
    log.add(3000, "client", "interruption", "agent-0")
    assert claim(log) == Claim(None, "not_sent")


def test_errors_about_other_things_and_of_other_shapes_refuse_nothing() -> None:
    log = interrupted(900)
    log.wire(3005, "error", error={"message": "no", "event_id": "another"})
    log.wire(3006, "error", error="overloaded")
    assert claim(log).verdict == "accepted"


def test_only_a_later_word_about_the_same_item_is_the_answer() -> None:
    log = one_answer()
    kind = "conversation.item.truncated"
    log.wire(2900, kind, "agent-0", audio_end_ms=900)
    log.wire(3100, kind, "agent-1", audio_end_ms=900)
    told = {"audio_end_ms": 900, "truncate_event_id": "event-0"}
    log.add(3000, "client", "interruption", "agent-0", **told)
    assert claim(log) == Claim(900, "unanswered")
