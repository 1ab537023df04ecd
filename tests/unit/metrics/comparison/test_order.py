from __future__ import annotations

import pytest

from tests.support.comparing import compared
from tests.support.logs import LogBuilder, one_answer

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def with_event(
    t_ms: float, kind: str, item_id: str | None = None, /, **data: object
) -> LogBuilder:
    log = one_answer(server=False)
    log.add(t_ms, "client", kind, item_id, **data)
    return log


def test_a_log_has_its_own_order() -> None:
    found = compared(one_answer(), one_answer())
    assert found.same_order
    assert found.verdict() == "The order of events is equal."
    assert not [*found.missing, *found.out_of_order]


def test_what_one_cause_leads_to_has_one_order() -> None:
    """However near: the steps of a chain follow from one another."""
    a = with_event(1611, "conversation.item.added", "user-0", item={})
    b = with_event(1609.9, "conversation.item.added", "user-0", item={})
    found = compared(a, b)  # the commit is told at 1610
    assert not found.same_order
    (row,) = found.out_of_order
    assert row.first.startswith("input_audio_buffer.")
    assert row.second == "conversation.item.added of turn 0"
    assert (row.rule, row.where) == ("chain", "client: turn 0")
    assert "out of order" in found.verdict()


@pytest.mark.parametrize(
    ("early_ms", "late_ms", "equal"),
    [
        (1990, 2030, False),  # 20 ms before and after what is at 2010
        (1991, 2030, True),
        (1990, 2029, True),
        (2009, 2011, True),
    ],
)
def test_independent_events_may_swap_if_they_are_near(
    early_ms: float, late_ms: float, equal: bool
) -> None:
    """The first audio's response.done is at 2020; the next turn's onset is not its
    consequence, nor the other way round."""
    logs = []
    for t_ms in (early_ms + 10, late_ms + 10):
        log = LogBuilder(server=False)
        log.caller(0, 200, 1000)
        log.heard_as("user-0", 224, 1024, sent_ms=1560)
        log.response("resp-0", None, 1560, done_ms=1970)
        log.caller(1, 1700, 2600)
        started = "input_audio_buffer.speech_started"
        log.add(t_ms, "client", started, "user-1", audio_start_ms=1700)
        logs.append(log)
    found = compared(*logs)
    assert found.same_order == equal
    for row in found.out_of_order:
        assert (row.rule, row.where) == ("lane", "client")
        assert row.first == "input_audio_buffer.speech_started of turn 1"
        assert row.second == "response.done of answer to turn 0"
        assert (row.apart_a_ms, row.apart_b_ms) == (20, 20)


def test_the_handshake_may_fall_either_way() -> None:
    logs = []
    for told_ms in (-200, -10):
        log = one_answer(server=False)
        log.add(told_ms, "client", "session.update", session={})
        logs.append(log)
    assert compared(*logs).same_order


def test_a_transcript_may_fall_anywhere() -> None:
    early = with_event(1700, TRANSCRIBED, "user-0", transcript="Hello")
    late = with_event(5000, TRANSCRIBED, "user-0", transcript="Hello")
    assert compared(early, late).same_order


@pytest.mark.parametrize(
    ("kind", "optional"),
    [
        ("rate_limits.updated", True),
        ("conversation.created", True),
        ("vendor.thoughts", True),
        ("response.output_audio.done", False),
        ("response.cancel", False),
        ("interruption", False),
    ],
)
def test_what_only_one_run_has_is_named(kind: str, optional: bool) -> None:
    found = compared(one_answer(server=False), with_event(2600, kind))
    (row,) = found.missing
    assert (row.run, row.lane, row.type, row.n) == ("b", "client", kind, 1)
    assert row.t_ns == 2_600_000_000
    assert row.optional == optional == found.same_order
    assert ("1 only in b" in found.verdict()) != optional


def test_a_turn_that_only_one_caller_spoke_is_no_option() -> None:
    log = one_answer()
    log.caller(1, 6000, 7000)
    found = compared(log, one_answer())
    assert {row.type for row in found.missing} == {"turn.start", "turn.end"}
    assert not found.same_order
    assert found.verdict() == "The order of events differs: 2 only in a."


def test_the_conversation_has_one_order() -> None:
    """Items of different responses make no chain but the conversation."""
    logs = []
    for first, second in (("one", "two"), ("two", "one")):
        log = LogBuilder(server=False)
        for number, name in enumerate((first, second)):
            log.response(f"resp-{name}", None, 100, done_ms=3000)
            added = "conversation.item.added"
            log.add(200 + number, "client", added, f"{name}", item={"id": name})
        for turn, name in enumerate(("one", "two")):
            log.caller(turn, 10 * turn, 10 * turn + 5)
            started = "input_audio_buffer.speech_started"
            log.add(10 * turn + 5, "client", started, name, audio_start_ms=0)
        logs.append(log)
    found = compared(*logs)
    assert [row.where for row in found.out_of_order] == ["client: conversation"]
