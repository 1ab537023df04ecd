"""Each outcome and each cause, worked out by hand.

Most logs go on from one answer, heard from 2.09 to 5.09 s unless it is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.logs import LogBuilder, one_answer, resumed
from voicelab.metrics import BargeIn, barge_ins
from voicelab.units import ms_to_ns


def answering(heard_ms: float | None = None, *, server: bool = True) -> LogBuilder:
    log = LogBuilder(server=server)
    log.frames(9000)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000, heard_ms=heard_ms)
    return log


def stop(log: LogBuilder, t_ms: float, trigger: str | None) -> None:
    """Add that the client stopped the answer."""
    log.interrupt(
        "agent-0", t_ms, received_ms=3000, played_ms=0, claim_ms=0, trigger=trigger
    )


def rows(log: LogBuilder) -> list[BargeIn]:
    return barge_ins(log.facts())


def only(log: LogBuilder) -> BargeIn:
    (row,) = rows(log)
    return row


def judged(log: LogBuilder) -> Sequence[tuple[str | None, str | None]]:
    return [(row.outcome, row.cause) for row in rows(log)]


# -- barge-ins --------------------------------------------------------------------


def stopped(end_ms: float, heard_ms: float = 1152) -> LogBuilder:
    """Return a barge-in at 3.09 s; the ear is silent `heard_ms` after 2.09 s."""
    log = answering(heard_ms)
    log.caller(1, 3090, end_ms)
    log.heard_as("user-1", 3104, 4000, sent_ms=4560)
    stop(log, 3214, "user-1")
    return log


def test_the_agent_stopped() -> None:
    assert only(stopped(4000)) == BargeIn(
        t_ns=ms_to_ns(3090),
        outcome="stopped",
        cause="turn",
        turn=1,
        user_item_id="user-1",
        item_id="agent-0",
        response_id="resp-0",
        stop_latency_ms=152,
        time_to_stop_ms=152,
        overlap_ms=152,
    )


@pytest.mark.parametrize(
    ("end_ms", "silent_ms", "outcome"),
    [
        (3200, 4090, "stopped"),  # a short turn: within 1 s of its onset
        (3200, 4091, "missed"),
        (4500, 4500, "stopped"),  # a long one: before it is over
        (4500, 4501, "missed"),
    ],
)
def test_a_stop_may_come_too_late(
    end_ms: float, silent_ms: float, outcome: str
) -> None:
    row = only(stopped(end_ms, heard_ms=silent_ms - 2090))
    assert (row.outcome, row.cause) == (outcome, "turn")
    assert row.stop_latency_ms == row.time_to_stop_ms == silent_ms - 3090


def test_the_agent_went_on_to_its_end() -> None:
    log = answering()
    log.caller(1, 3090, 6000)
    row = only(log)
    assert (row.outcome, row.cause) == ("missed", "turn")
    assert (row.stop_latency_ms, row.time_to_stop_ms) == (None, 2000)
    assert row.overlap_ms == 2000
    assert row.user_item_id is None


@pytest.mark.parametrize(("start_ms", "outcome"), [(4089, "missed"), (4090, "ended")])
def test_the_last_second_of_an_answer_is_not_to_be_stopped(
    start_ms: float, outcome: str
) -> None:
    log = answering()
    log.caller(1, start_ms, 6000)
    row = only(log)
    assert (row.outcome, row.cause) == (outcome, "turn")
    assert row.time_to_stop_ms == 5090 - start_ms


def test_a_turn_just_before_or_just_after_the_answer_is_no_barge_in() -> None:
    log = answering()
    log.caller(1, 1500, 2090)
    log.caller(2, 5090, 6000)
    assert rows(log) == []


def test_a_stall_does_not_hide_that_the_agent_went_on() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 0, 4000)
    log.play("agent-0", 100, 1000)  # heard to 1.13 s, and on from 1.43 s
    log.play("agent-0", 1400, 3000, from_ms=1000)
    log.caller(0, 1000, 3000)
    log.caller(1, 3500, 3600, kind="backchannel")
    missed, ignored = rows(log)
    assert (missed.outcome, missed.time_to_stop_ms) == ("missed", 4430 - 1000)
    assert missed.overlap_ms == 130 + (3000 - 1430)
    assert ignored.outcome == "ignored"


def test_a_stop_while_the_agent_stalls_counts_from_its_last_sound() -> None:
    log = answering()
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 0, 4000)
    log.play("agent-0", 100, 1000)
    log.caller(0, 1000, 3000)
    log.heard_as("user-0", 1010, 3000, sent_ms=3600)
    stop(log, 1200, "user-0")
    row = only(log)
    assert (row.outcome, row.stop_latency_ms) == ("stopped", 130)


def test_what_goes_on_after_the_stop_was_not_stopped() -> None:
    log = stopped(3800)  # the client plays what was on its way all the same
    log.play("agent-0", 3300, 1000, from_ms=1152)
    row = only(log)
    assert (row.outcome, row.stop_latency_ms) == ("missed", 4330 - 3090)
    assert row.overlap_ms == 152 + (3800 - 3330)


def test_the_client_that_breaks_off_itself_names_no_trigger() -> None:
    for silent_ms in (0, 30):  # no device between the player and the ear, or one
        log = answering(1000 + silent_ms)
        log.caller(1, 3090, 4000)
        stop(log, 3090, None)
        row = only(log)
        assert (row.outcome, row.user_item_id) == ("stopped", None)
        assert row.stop_latency_ms == silent_ms


def test_only_the_turn_that_stopped_the_agent_gets_the_credit() -> None:
    log = answering(2500)  # silent at 4.59 s
    log.caller(1, 2500, 2900)
    log.caller(2, 4400, 5000)
    log.heard_as("user-1", 4410, 5000, sent_ms=5600)
    stop(log, 4560, "user-1")
    missed, stopped_row = rows(log)
    assert (missed.turn, missed.outcome, missed.stop_latency_ms) == (1, "missed", None)
    assert missed.time_to_stop_ms == 2090
    assert (stopped_row.turn, stopped_row.outcome) == (2, "stopped")
    assert stopped_row.stop_latency_ms == 190


def test_a_hang_up_is_the_end_of_what_can_be_told() -> None:
    for end_ms, outcome in ((3500, "ended"), (4800, "missed")):
        log = LogBuilder()
        log.audio("agent-0", "resp-0", 0, 9000)
        log.add(100, "player", "playback.start", "agent-0", from_samples=0)
        log.add(130, "agent", "heard.start", "agent-0", from_samples=0)
        log.caller(0, 3000, end_ms)
        assert only(log).outcome == outcome


# -- no barge-in ------------------------------------------------------------------


def test_an_agent_that_began_while_the_caller_spoke_yields() -> None:
    log = resumed()
    stop(log, 3214, "user-1")
    row = only(log)
    assert (row.outcome, row.cause, row.turn) == ("yielded", "turn", 0)
    assert row.t_ns == ms_to_ns(3100)  # the caller goes on; the agent since 2.09 s
    assert row.stop_latency_ms == row.overlap_ms == 142


def test_a_turn_may_be_a_barge_in_and_then_make_the_agent_yield() -> None:
    log = stopped(6000)
    log.audio("agent-1", "resp-1", 4600, 3000)
    log.play("agent-1", 4700, 500, reason="interrupted")
    log.heard_as("user-2", 5000, 6000, sent_ms=6560)
    log.interrupt(
        "agent-1", 5180, received_ms=3000, played_ms=0, claim_ms=0, trigger="user-2"
    )
    assert judged(log) == [("stopped", "turn"), ("yielded", "turn")]
    assert rows(log)[1].stop_latency_ms == 500


def test_an_answer_stopped_before_it_was_heard_met_nobody() -> None:
    log = one_answer()
    log.audio("agent-1", "resp-1", 6000, 1000)
    log.caller(1, 6040, 7000)
    log.heard_as("user-1", 6040, 7000, sent_ms=7600)
    log.interrupt(
        "agent-1", 6150, received_ms=1000, played_ms=0, claim_ms=0, trigger="user-1"
    )
    assert rows(log) == []


def test_nothing_happened() -> None:
    assert rows(LogBuilder()) == []
    assert rows(one_answer()) == []


def settled(log: LogBuilder) -> LogBuilder:
    """Add that the client settles the answer, which was over at 5.09 s."""
    log.heard_as("user-1", 6000, 7000, sent_ms=7600)
    log.interrupt(
        "agent-0",
        6110,
        received_ms=3000,
        played_ms=3000,
        claim_ms=3000,
        trigger="user-1",
    )
    return log


@pytest.mark.parametrize("kind", ["turn", "backchannel", None])
def test_an_answer_settled_after_its_end_was_not_stopped(kind: str | None) -> None:
    """As a client does that goes by its last item, whatever became of it."""
    log = answering()
    if kind is not None:
        log.caller(1, 6000, 7000, kind=kind)
    assert rows(settled(log)) == []


def test_an_answer_that_played_on_to_its_end_was_not_stopped() -> None:
    log = answering()
    log.caller(1, 3090, 6000)
    log.heard_as("user-1", 3104, 6000, sent_ms=6600)
    stop(log, 3214, "user-1")
    row = only(log)
    assert (row.outcome, row.stop_latency_ms) == ("missed", None)
    assert row.time_to_stop_ms == 2000


def test_an_answer_that_was_cancelled_before_it_was_whole_was_stopped() -> None:
    log = LogBuilder()  # all that was made of it was heard
    log.frames(5000)
    log.response("resp-0", None, 0, done_ms=1300, status="cancelled")
    log.audio("agent-0", "resp-0", 0, 1200)
    log.play("agent-0", 100, 1200)
    log.caller(0, 1000, 3000)
    log.heard_as("user-0", 1010, 3000, sent_ms=3600)
    stop(log, 1200, "user-0")
    row = only(log)
    assert (row.outcome, row.stop_latency_ms) == ("stopped", 330)


# -- backchannels -----------------------------------------------------------------


def test_a_backchannel_that_stopped_the_agent() -> None:
    log = answering(1152)
    log.caller(1, 3090, 3300, kind="backchannel")
    log.heard_as("user-1", 3104, 3300, sent_ms=3860)
    stop(log, 3214, "user-1")
    row = only(log)
    assert (row.outcome, row.cause, row.turn) == ("false", "backchannel", 1)
    assert row.stop_latency_ms == row.overlap_ms == 152


def test_a_backchannel_that_did_not() -> None:
    log = answering()
    log.caller(1, 3090, 3300, kind="backchannel")
    row = only(log)
    assert (row.outcome, row.cause, row.turn) == ("ignored", "backchannel", 1)
    assert (row.stop_latency_ms, row.time_to_stop_ms) == (None, 2000)
    assert row.overlap_ms == 210


def test_a_backchannel_in_silence_is_nothing() -> None:
    log = answering()
    log.caller(1, 6000, 6200, kind="backchannel")
    assert rows(log) == []


def test_a_backchannel_that_killed_an_answer_before_it_was_heard() -> None:
    log = one_answer()
    log.audio("agent-1", "resp-1", 6000, 1000)
    log.caller(1, 6040, 6200, kind="backchannel")
    log.heard_as("user-1", 6040, 6200, sent_ms=6800)
    log.interrupt(
        "agent-1", 6150, received_ms=1000, played_ms=0, claim_ms=0, trigger="user-1"
    )
    row = only(log)
    assert (row.outcome, row.cause) == ("false", "backchannel")
    assert (row.item_id, row.response_id) == ("agent-1", "resp-1")
    assert (row.stop_latency_ms, row.time_to_stop_ms) == (None, None)


# -- neither turn nor backchannel -------------------------------------------------


def stopped_by_noise(*, server: bool = True) -> LogBuilder:
    log = answering(1152, server=server)
    log.heard_as("user-1", 3104, 3300, sent_ms=3860)
    stop(log, 3214, "user-1")
    return log


@pytest.mark.parametrize("cause", ["noise", "echo"])
@pytest.mark.parametrize("server", [True, False])
def test_noise_or_echo_stopped_the_agent(cause: str, server: bool) -> None:
    log = stopped_by_noise(server=server)
    spans: dict[str, Any] = {"speech": (200, 1000), cause: (3100, 3300)}
    log.levels(9000, **spans)
    row = only(log)
    assert (row.outcome, row.cause) == ("false", cause)
    assert (row.t_ns, row.user_item_id) == (ms_to_ns(3104), "user-1")
    assert (row.item_id, row.response_id) == ("agent-0", "resp-0")
    assert (row.turn, row.stop_latency_ms, row.overlap_ms) == (None, None, None)


def test_something_stopped_the_agent_and_nobody_knows_what() -> None:
    assert judged(stopped_by_noise()) == [("false", "unknown")]
    log = answering(1152)
    stop(log, 3214, None)
    row = only(log)
    assert (row.outcome, row.cause, row.t_ns) == ("false", "unknown", ms_to_ns(3214))


# -- logs that tell less ----------------------------------------------------------


def test_without_the_truth_a_stop_is_not_judged() -> None:
    log = LogBuilder(server=False)  # the record of a real call
    log.frames(5000)
    log.audio("agent-0", "resp-0", 1000, 3000)
    log.heard_as("user-0", 2000, 3000, sent_ms=3600)
    log.add(
        2200, "client", "interruption", "agent-0", trigger="user-0", evidence={"x": 1}
    )
    row = only(log)
    assert (row.outcome, row.cause, row.turn) == (None, None, None)
    assert (row.t_ns, row.item_id) == (ms_to_ns(2000), "agent-0")


def test_a_stop_of_nothing_that_is_known() -> None:
    log = LogBuilder()
    log.add(2200, "client", "interruption", "agent-9")
    row = only(log)
    assert (row.item_id, row.response_id) == ("agent-9", None)


def test_the_ear_tells_what_the_client_does_not() -> None:
    log = answering(1152)
    log.caller(1, 3090, 4000)
    row = only(log)  # no interruption in the log, yet it was one
    assert (row.outcome, row.stop_latency_ms) == ("stopped", 152)
    assert row.user_item_id is None
