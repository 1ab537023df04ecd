from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer


@pytest.mark.parametrize("server", [True, False])
def test_an_item_lies_where_its_speech_was(*, server: bool) -> None:
    (item,) = one_answer(server=server).facts().user_items
    ms = [t_ns / 1e6 for t_ns in (item.onset_ns, item.voiced_end_ns, item.audio_end_ns)]
    assert ms == [224, 1024, 1524]
    assert item.endpoint_sent_ns == (1_560_000_000 if server else None)
    assert item.endpoint_received_ns == 1_610_000_000
    assert [response.response_id for response in item.responses] == ["resp-0"]
    assert [response.status for response in item.responses] == ["completed"]


def test_a_trigger_counts_more_than_order() -> None:
    log = LogBuilder()
    log.heard_as("a", 224, 1024, sent_ms=1560)
    log.heard_as("b", 2000, 3000, sent_ms=3560)
    log.response("late", "a", 3700, done_ms=3800)
    first, second = log.facts().user_items
    assert [response.response_id for response in first.responses] == ["late"]
    assert not second.responses


def test_items_committed_by_hand_follow_one_another() -> None:
    log = LogBuilder()
    for item_id, t_ms in (("a", 1000), ("b", 2500)):
        log.wire(t_ms, "input_audio_buffer.committed", item_id)
    first, second = log.facts().user_items
    assert (first.onset_ns, first.audio_end_ns) == (0, 1_000_000_000)
    assert (second.onset_ns, second.audio_end_ns) == (1_000_000_000, 2_500_000_000)


def test_positions_that_were_not_told_are_those_of_arrival() -> None:
    log = LogBuilder()
    log.wire(400, "input_audio_buffer.speech_started", "a", audio_start_ms=-1)
    log.wire(1600, "input_audio_buffer.speech_stopped", "a", audio_end_ms=-1)
    log.wire(1600, "input_audio_buffer.committed", "a")
    (item,) = log.facts().user_items
    assert (item.onset_ns, item.audio_end_ns) == (400_000_000, 1_600_000_000)


def test_an_item_still_open_reaches_to_the_end_of_time() -> None:
    log = LogBuilder()
    log.wire(300, "input_audio_buffer.speech_started", "a", audio_start_ms=0)
    log.caller(0, 200, 10_000)
    facts = log.facts()
    (item,) = facts.user_items
    assert item.holds_speech_of(facts.caller_turns[0])
    assert (item.endpoint_sent_ns, item.responses) == (None, [])


def test_a_response_that_never_ended_is_in_progress() -> None:
    log = LogBuilder()
    log.heard_as("a", 224, 1024, sent_ms=1560)
    made = {"id": "resp", "status": "in_progress", "conversation_id": "conv"}
    log.wire(1560, "response.created", response=made)
    (item,) = log.facts().user_items
    assert [response.status for response in item.responses] == ["in_progress"]
