from __future__ import annotations

import pytest

import voicelab as vl
from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics import Endpointing, endpointing
from voicelab.metrics.endpointing import TURN_OUTCOMES
from voicelab.units import ms_to_ns


def only(log: LogBuilder) -> Endpointing:
    (row,) = endpointing(log.facts())
    return row


def test_nothing_happened() -> None:
    assert endpointing(LogBuilder().facts()) == []


def test_where_nobody_knows_when_the_caller_spoke_there_are_no_rows() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    assert endpointing(log.facts()) == []


def test_a_server_that_knows_the_labels_is_perfect() -> None:
    # uplink 40 ms; over at 1500 in the audio, which is with the server at 1540
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 200, 1000, sent_ms=1540)
    row = only(log)
    assert (row.outcome, row.cut_in, row.detected) == ("endpointed", False, True)
    assert (row.onset_error_ms, row.endpoint_offset_ms) == (0.0, 500.0)
    assert row.endpointing_delay_ms == 500.0


def test_without_a_server_lane_the_clients_view_is_what_there_is() -> None:
    row = only(one_answer(server=False))
    assert row.endpointing_delay_ms is None
    assert row.endpoint_offset_ms == 1524 - 1000
    assert row.onset_delay_ms == 224 + 60 + 50 - 200  # arrives 50 ms later


def test_a_manual_commit_is_an_endpoint_without_an_onset() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.wire(1300, "input_audio_buffer.committed", "user-0")
    row = only(log)
    assert (row.outcome, row.onset_delay_ms) == ("endpointed", None)
    assert (row.endpoint_offset_ms, row.endpointing_delay_ms) == (300.0, 1300 - 1040)


def test_noise_has_a_cause() -> None:
    log = LogBuilder()
    log.frames(5000)
    log.caller(0, 200, 600)
    log.levels(5000, noise=(2800, 3600))
    log.heard_as("user-0", 3000, 3200, sent_ms=3760)
    turn, false = endpointing(log.facts())
    assert (turn.outcome, turn.detected) == ("missed", False)
    assert (false.outcome, false.cause, false.turn) == ("false", "noise", None)
    assert false.t_endpoint_ns == ms_to_ns(3700)


@pytest.mark.parametrize("scenario", ["dentist", "directions"])
def test_it_agrees_with_the_latency_table(scenario: str) -> None:
    run = vl.run(scenario)
    turns = run.endpointing[run.endpointing.outcome.isin(TURN_OUTCOMES)]
    assert turns.turn.tolist() == run.latency.turn.tolist()
    assert turns.cut_in.tolist() == run.latency.cut_in.tolist()
    both = turns.merge(run.latency, on=["turn", "user_item_id"])
    same = both[both.endpointing_delay_ms_y.notna()]
    assert len(same) >= 2
    assert same.endpointing_delay_ms_x.tolist() == same.endpointing_delay_ms_y.tolist()
