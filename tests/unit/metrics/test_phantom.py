"""The bill for what nobody heard, worked out by hand at 50 ms a token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.logs import PER_MS, LogBuilder
from tests.support.results import make_run
from voicelab.lab.prices import load_prices
from voicelab.metrics import Truncation, phantom_cost_usd, truncations
from voicelab.metrics.agent import AgentItem
from voicelab.metrics.phantom import phantom_audio_tokens, sum_known

WORDS = ["one", "two", "three"]
READ = {"input_tokens": 500, "output_tokens": 9}


def reads(
    log: LogBuilder, t_ms: float, response_id: str, usage: Any = READ, **response: Any
) -> None:
    """Add a response that reads the conversation at `t_ms`."""
    made = {"id": response_id, "conversation_id": "conv", **response}
    log.wire(t_ms, "response.created", response=made)
    log.wire(t_ms + 100, "response.done", response={**made, "usage": usage})


def interrupted(
    *, claim_ms: int | None, server: bool = True, **claim: Any
) -> LogBuilder:
    """Return an answer of 3 s of which 1.13 s were heard; it is stopped at 3.2 s."""
    log = LogBuilder(server=server)
    log.caller(0, 0, 500)
    log.answer("resp-0", "agent-0", None, 1560, 3000, words=WORDS, heard_ms=1130)
    log.caller(1, 3000, 4000)
    log.interrupt(
        "agent-0", 3200, received_ms=3000, played_ms=1100, claim_ms=claim_ms, **claim
    )
    return log


def only(log: LogBuilder) -> Truncation:
    (row,) = truncations(log.facts())
    return row


def tokens(log: LogBuilder) -> tuple[int | None, int | None]:
    row = only(log)
    return row.phantom_audio_tokens, row.billed_phantom_tokens


@pytest.mark.parametrize(
    ("held_ms", "heard_ms", "count"),
    [
        (3000, 1130, 60 - 22),
        (1149, 1130, 0),  # no whole token between them
        (1150, 1149, 1),
        (1000, 1130, 0),  # what was forgotten costs nothing
        (0, 0, 0),
    ],
)
def test_a_token_is_fifty_milliseconds(held_ms: int, heard_ms: int, count: int) -> None:
    item = AgentItem("agent-0", "resp-0", 24_000)
    assert phantom_audio_tokens(item, held_ms * PER_MS, heard_ms * PER_MS) == count


@pytest.mark.parametrize("server", [True, False])
def test_each_later_response_reads_it_again(server: bool) -> None:
    log = interrupted(claim_ms=None, server=server)
    assert tokens(log) == (38, 0)  # nobody has read it yet
    reads(log, 5000, "resp-1")
    reads(log, 6000, "resp-2")
    assert tokens(log) == (38, 76)


def test_a_claim_that_was_accepted_ends_it() -> None:
    log = interrupted(claim_ms=1200)
    reads(log, 5000, "resp-1")
    assert tokens(log) == (24 - 22, 2)


def test_what_was_read_before_the_claim_was_heard_of_was_all_of_it() -> None:
    log = interrupted(claim_ms=1100)  # accepted at 3.24 s
    reads(log, 3230, "resp-1")
    reads(log, 5000, "resp-2")
    assert tokens(log) == (0, 38)


def test_a_refused_claim_is_billed_as_none() -> None:
    log = interrupted(claim_ms=9100, refused="already shorter")
    reads(log, 5000, "resp-1")
    assert tokens(log) == (38, 38)


def test_only_what_was_there_could_be_read() -> None:
    log = LogBuilder()
    log.caller(0, 0, 500)
    held = {"bytes": 2 * 1000 * PER_MS, "pos_samples": 0}
    kind, of = "response.output_audio.delta", {"response_id": "resp-0"}
    log.wire(1000, kind, "agent-0", audio=held, **of)
    reads(log, 1500, "resp-1")  # 20 tokens of it
    more = {**held, "pos_samples": 1000 * PER_MS}
    log.wire(2000, kind, "agent-0", audio=more, **of)
    log.interrupt("agent-0", 2500, received_ms=2000, played_ms=0, claim_ms=None)
    assert tokens(log) == (40, 20)


def test_its_own_response_has_not_read_it() -> None:
    log = interrupted(claim_ms=None)
    usage = {"id": "resp-0", "status": "cancelled", "usage": READ}
    log.wire(3300, "response.done", response=usage)
    assert tokens(log) == (38, 0)


def test_an_item_that_was_deleted_is_not_read() -> None:
    log = interrupted(claim_ms=None)
    reads(log, 5000, "resp-1")
    log.wire(5500, "conversation.item.deleted", "agent-0")
    reads(log, 6000, "resp-2")
    assert tokens(log) == (38, 38)


def test_a_response_out_of_band_reads_nothing_of_it() -> None:
    log = interrupted(claim_ms=None)
    reads(log, 5000, "resp-1", conversation_id=None)
    assert tokens(log) == (38, 0)


def test_it_is_never_more_than_the_audio_that_was_billed() -> None:
    log = interrupted(claim_ms=None)
    for t_ms, audio in ((5000, 30), (6000, 300)):
        details = {"audio_tokens": audio, "text_tokens": 9}
        usage = {**READ, "input_token_details": details}
        reads(log, t_ms, f"resp-{t_ms}", usage)
    assert tokens(log) == (38, 30 + 38)


def test_without_a_bill_nobody_knows() -> None:
    log = interrupted(claim_ms=None)
    reads(log, 5000, "resp-1", None)
    assert tokens(log) == (38, None)
    made = {"id": "resp-2", "conversation_id": "conv"}
    log.wire(5500, "response.created", response=made)  # and never done
    assert tokens(log) == (38, None)
    reads(log, 6000, "resp-3")
    assert tokens(log) == (38, 38)


def test_without_an_ear_nobody_knows() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 1000, 3000)
    log.add(2000, "client", "interruption", "agent-0")
    reads(log, 5000, "resp-1")
    assert tokens(log) == (None, None)


def test_tokens_have_a_price() -> None:
    log = interrupted(claim_ms=None)
    log.add(-40, "client", "session.updated", session={"model": "gpt-realtime"})
    reads(log, 5000, "resp-1")
    run = make_run(log)
    assert run.phantom_cost_usd == pytest.approx(38 * 32 / 1e6)  # 32 USD a million
    facts = run.facts
    assert phantom_cost_usd(facts, None, load_prices()) is None
    assert phantom_cost_usd(facts, 0, load_prices()) == 0
    unnamed = interrupted(claim_ms=None).facts()
    assert phantom_cost_usd(unnamed, 38, load_prices()) is None


def test_what_is_unknown_is_left_out_of_a_sum() -> None:
    assert sum_known([1, None, 2]) == 3
    assert sum_known([None]) is None
    assert sum_known([]) == 0
