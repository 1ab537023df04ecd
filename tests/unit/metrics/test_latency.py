from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics import PARTS, TurnLatency, turn_latencies
from voicelab.metrics.facts import Facts
from voicelab.record.log_reader import read_log

MS = 1_000_000


def only(log: LogBuilder) -> TurnLatency:
    (row,) = turn_latencies(log.facts())
    return row


def test_the_parts_are_the_spans_between_their_instants() -> None:
    row = only(one_answer())
    assert row.outcome == "answered"
    assert not row.cut_in
    assert row.uplink_ns == 40 * MS  # the frame [0.98, 1.00) arrives at 1.04
    assert row.endpointing_delay_ns == (1560 - 1040) * MS
    assert row.server_ttfb_ns == 400 * MS
    assert row.downlink_ns == 50 * MS
    assert row.playout_delay_ns == 80 * MS
    assert row.response_latency_ns == (2090 - 1000) * MS
    assert sum(getattr(row, f"{part}_ns") for part in PARTS) == row.response_latency_ns
    assert (row.user_item_id, row.response_id, row.item_id) == (
        "user-0",
        "resp-0",
        "agent-0",
    )


def test_milliseconds_are_the_same_spans() -> None:
    row = only(one_answer())
    for part in (*PARTS, "response_latency", "ttfb_observed"):
        assert getattr(row, f"{part}_ms") * MS == getattr(row, f"{part}_ns")


@pytest.mark.parametrize(("end_ms", "arrival_ms"), [(1000, 1040), (1000.01, 1060)])
def test_the_last_sample_decides_which_frame_counts(
    end_ms: float, arrival_ms: float
) -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, end_ms)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    row = only(log)
    assert row.uplink_ns == round((arrival_ms - end_ms) * MS)


def test_without_a_server_lane_only_what_a_client_sees_is_known() -> None:
    seen, truth = only(one_answer(server=False)), only(one_answer())
    assert seen.response_latency_ns == truth.response_latency_ns
    assert seen.playout_delay_ns == truth.playout_delay_ns
    assert seen.endpointing_delay_observed_ns == (1610 - 1000) * MS
    assert seen.ttfb_observed_ns == (2010 - 1610) * MS
    for part in PARTS[:-1]:
        assert getattr(seen, f"{part}_ns") is None
    observed = (
        seen.endpointing_delay_observed_ns,
        seen.ttfb_observed_ns,
        seen.playout_delay_ns,
    )
    assert sum(span or 0 for span in observed) == seen.response_latency_ns


def test_what_a_player_said_counts_as_heard_and_what_a_model_says_does_not() -> None:
    log = one_answer().log()
    (row,) = turn_latencies(Facts(log, {"ear"}))
    assert row.response_latency_ns == (2090 - 1000) * MS
    (row,) = turn_latencies(Facts(log, {"player", "ear"}))
    assert (row.outcome, row.item_id) == ("answered", "agent-0")
    assert (row.response_latency_ns, row.playout_delay_ns) == (None, None)
    assert (row.t_heard_ns, row.downlink_ns) == (None, 50 * MS)


def test_a_backchannel_is_no_turn() -> None:
    log = one_answer()
    log.caller(1, 3000, 3200, kind="backchannel")
    assert [row.turn for row in turn_latencies(log.facts())] == [0]


def test_a_turn_nobody_noticed_is_unanswered() -> None:
    log = one_answer()
    log.caller(1, 6000, 6400)
    row = turn_latencies(log.facts())[1]
    assert (row.outcome, row.user_item_id, row.response_latency_ns) == (
        "unanswered",
        None,
        None,
    )


def test_a_turn_that_got_no_response_is_unanswered() -> None:
    log = one_answer()
    log.caller(1, 6000, 6400)
    log.heard_as("user-1", 6016, 6432, sent_ms=6980)
    assert turn_latencies(log.facts())[1].outcome == "unanswered"


def test_a_written_answer_is_not_heard() -> None:
    log = one_answer()
    log.caller(1, 6000, 6400)
    log.heard_as("user-1", 6016, 6432, sent_ms=6980)
    log.response("resp-1", "user-1", 6980, done_ms=7400)
    row = turn_latencies(log.facts())[1]
    assert (row.outcome, row.response_id) == ("unanswered", "resp-1")


@pytest.mark.parametrize("sent", [False, True])
def test_an_answer_stopped_before_it_was_heard_is_interrupted(*, sent: bool) -> None:
    log = one_answer()
    log.caller(1, 6000, 6400)
    log.heard_as("user-1", 6016, 6432, sent_ms=6980)
    status = "completed" if sent else "cancelled"
    log.response("resp-1", "user-1", 6980, done_ms=7100, status=status)
    if sent:
        log.audio("agent-1", "resp-1", 7090, 2000)
    assert turn_latencies(log.facts())[1].outcome == "interrupted"


def cut_in_two() -> LogBuilder:
    """Return a turn of 0.2 to 3.0 s, with a pause at 1.0 s taken for its end."""
    log = LogBuilder()
    log.frames(4000)
    log.caller(0, 200, 3000)
    log.heard_as("user-0", 224, 1024, sent_ms=1570)
    return log


def test_the_later_answer_to_a_turn_cut_in_two_counts() -> None:
    log = cut_in_two()
    log.response("resp-0", "user-0", 1570, done_ms=1900, status="cancelled")
    log.heard_as("user-1", 1800, 3008, sent_ms=3560)
    log.answer("resp-1", "agent-1", "user-1", 3560, 2000)
    row = only(log)
    assert (row.outcome, row.cut_in) == ("answered", True)
    assert row.response_id == "resp-1"
    assert row.response_latency_ns == (3560 + 530 - 3000) * MS


def test_an_answer_to_half_a_turn_is_a_cut_in() -> None:
    log = cut_in_two()
    log.answer("resp-0", "agent-0", "user-0", 1570, 2000)
    row = only(log)
    assert (row.outcome, row.cut_in) == ("cut_in", True)
    assert row.endpointing_delay_ns == (1570 - 3040) * MS
    assert row.response_latency_ns == (1570 + 530 - 3000) * MS
    assert sum(getattr(row, f"{part}_ns") for part in PARTS) == row.response_latency_ns


def test_a_skipped_response_leaves_the_earlier_answer() -> None:
    log = cut_in_two()
    log.answer("resp-0", "agent-0", "user-0", 1570, 4000)
    log.heard_as("user-1", 1800, 3008, sent_ms=3560)
    log.add(3560, "server", "response.skipped", "user-1", active_response_id="resp-0")
    assert only(log).outcome == "cut_in"


def test_two_turns_taken_for_one_are_answered_at_the_second() -> None:
    log = LogBuilder()
    log.frames(4000)
    log.caller(0, 200, 1000)
    log.caller(1, 1300, 3000)
    log.heard_as("user-0", 224, 3008, sent_ms=3560)
    log.answer("resp-0", "agent-0", "user-0", 3560, 2000)
    first, second = turn_latencies(log.facts())
    assert (first.outcome, first.response_latency_ns) == ("merged", None)
    assert (second.outcome, second.response_latency_ns) == ("answered", 1090 * MS)


def test_trailing_silence_does_not_reach_into_the_next_turn() -> None:
    log = one_answer()  # its item ends at 1.524 s, its speech at 1.024 s
    log.caller(1, 1400, 2400)
    assert [row.cut_in for row in turn_latencies(log.facts())] == [False, False]


def test_the_answer_after_a_function_call_counts() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.response("call", "user-0", 1560, done_ms=1900)
    log.answer("told", "agent-0", None, 2000, 3000)  # asked for by the client
    row = only(log)
    assert (row.outcome, row.response_id) == ("answered", "told")
    assert row.server_ttfb_ns == (2400 - 1560) * MS


def test_an_out_of_band_response_answers_nothing() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.wire(1600, "response.created", response={"id": "x", "conversation_id": None})
    assert only(log).response_id is None


def test_a_manual_commit_ends_a_turn() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.wire(1200, "input_audio_buffer.committed", "user-0")
    log.answer("resp-0", "agent-0", None, 1210, 2000)
    row = only(log)
    assert (row.outcome, row.cut_in) == ("answered", False)
    assert row.endpointing_delay_ns == (1200 - 1040) * MS


def test_an_opening_by_the_agent_answers_no_turn() -> None:
    log = LogBuilder()
    log.answer("hello", "agent-0", None, 0, 2000)
    log.caller(0, 3000, 4000)
    assert only(log).outcome == "unanswered"


def test_an_empty_log_has_no_rows() -> None:
    assert turn_latencies(Facts(read_log(b""))) == []
