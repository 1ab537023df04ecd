from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics.stops import Stop


def stops(log: LogBuilder) -> list[Stop]:
    return log.facts().stops


def interrupt(
    log: LogBuilder, item_id: str, t_ms: float, trigger: str | None = None
) -> None:
    log.interrupt(
        item_id, t_ms, received_ms=100, played_ms=0, claim_ms=0, trigger=trigger
    )


def answer_in_two_items() -> LogBuilder:
    """Return an answer whose second item is queued, stopped by a turn at 2.5 s."""
    log = LogBuilder()
    log.frames(6000)
    log.response("resp-0", None, 0, done_ms=3000)
    log.audio("agent-0", "resp-0", 1000, 3000)
    log.audio("agent-1", "resp-0", 1100, 3000)
    log.play("agent-0", 1100, 1600, reason="interrupted")
    log.caller(0, 2500, 3500)
    log.heard_as("user-0", 2500, 3500, sent_ms=4100)
    interrupt(log, "agent-0", 2700, "user-0")
    interrupt(log, "agent-1", 2700, "user-0")
    return log


def test_all_items_of_a_response_are_one_stop() -> None:
    (stop,) = stops(answer_in_two_items())
    assert (stop.t_ns, stop.trigger) == (2_700_000_000, "user-0")
    assert stop.item_ids == ["agent-0", "agent-1"]
    assert stop.caller is not None
    assert stop.caller.index == 0
    assert [item.item_id for item in stop.heard()] == ["agent-0"]


def test_what_arrives_of_it_later_belongs_to_it_whoever_speaks_then() -> None:
    log = answer_in_two_items()
    log.heard_as("noise", 4500, 4700, sent_ms=5300)
    log.audio("agent-2", "resp-0", 5000, 500)
    interrupt(log, "agent-2", 5100, "noise")
    (stop,) = stops(log)
    assert stop.item_ids == ["agent-0", "agent-1", "agent-2"]


def test_an_item_of_which_nothing_arrived_goes_with_its_neighbours() -> None:
    log = answer_in_two_items()
    interrupt(log, "empty", 2700, "user-0")
    (stop,) = stops(log)
    assert stop.item_ids[-1] == "empty"
    assert len(stop.items) == 2


def test_two_responses_are_two_stops() -> None:
    log = answer_in_two_items()
    log.audio("agent-2", "resp-1", 4500, 500)
    log.caller(1, 5000, 5500)
    log.heard_as("user-1", 5000, 5500, sent_ms=6100)
    interrupt(log, "agent-2", 5100, "user-1")
    first, second = stops(log)
    assert second.item_ids == ["agent-2"]
    assert second.heard() == []
    assert first.caller is not None
    assert second.caller is not None
    assert (first.caller.index, second.caller.index) == (0, 1)


def test_a_queue_of_responses_is_stopped_at_once() -> None:
    log = answer_in_two_items()
    log.audio("agent-2", "resp-1", 1500, 500)
    interrupt(log, "agent-2", 2700, "user-0")
    (stop,) = stops(log)
    assert len(stop.item_ids) == 3


def test_the_caller_behind_is_the_one_the_server_heard() -> None:
    log = one_answer()
    log.caller(1, 3000, 3200, kind="backchannel")
    log.heard_as("user-1", 3010, 3200, sent_ms=3800)
    log.caller(2, 3250, 4000)  # speaks at the stop, but was not yet heard
    interrupt(log, "agent-0", 3240, "user-1")
    (stop,) = stops(log)
    assert stop.caller is not None
    assert stop.caller.index == 1


def test_noise_has_no_caller_behind_it() -> None:
    log = one_answer()
    log.heard_as("user-1", 3000, 3200, sent_ms=3800)
    interrupt(log, "agent-0", 3100, "user-1")
    log.caller(1, 3500, 4000)
    (stop,) = stops(log)
    assert stop.caller is None


@pytest.mark.parametrize(
    ("t_ms", "behind"), [(2999, False), (3000, True), (3999, True), (4000, False)]
)
def test_without_a_trigger_it_is_who_spoke_last(t_ms: float, behind: bool) -> None:
    """The turn ends at 3.2 s; silence counts as its answer for 1 s from its onset."""
    log = one_answer()
    log.caller(1, 3000, 3200)
    interrupt(log, "agent-0", t_ms)
    (stop,) = stops(log)
    assert (stop.caller is not None) == behind


def test_a_trigger_that_the_log_does_not_know_is_nobody() -> None:
    log = one_answer()
    log.caller(1, 3000, 3200)
    interrupt(log, "agent-0", 3100, "unheard-of")
    (stop,) = stops(log)
    assert (stop.trigger, stop.caller) == ("unheard-of", None)


def test_silence_at_the_ear_is_a_stop_though_the_client_told_none() -> None:
    log = LogBuilder()
    log.answer("resp-0", "agent-0", None, 0, 3000, heard_ms=1000)
    log.caller(0, 1200, 1900)
    (stop,) = stops(log)  # heard from 0.53 s
    assert (stop.t_ns, stop.trigger) == (1_530_000_000, None)
    assert (stop.heard_from_ns, stop.silent_ns) == (530_000_000, 1_530_000_000)
    assert stop.caller is not None


def test_an_interruption_may_tell_little_or_more_than_is_known() -> None:
    log = one_answer()
    log.caller(1, 3000, 3200)
    log.add(3050, "client", "interruption", "agent-0", evidence={"marks": []})
    (stop,) = stops(log)
    assert (stop.trigger, stop.item_ids) == (None, ["agent-0"])


def test_an_answer_heard_to_its_end_was_not_stopped() -> None:
    assert stops(one_answer()) == []
