"""One small timeline for each metric, worked out by hand.

A character is 100 ms; `#` is speech. The expected numbers follow from the drawing.
"""

from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.metrics import (
    Components,
    barge_ins,
    compare_configurations,
    det_points,
    endpointing,
    false_spans,
    floor_changes,
    floor_times,
    floor_turns,
    item_playbacks,
    latency_definitions,
    overlap,
    pooled_values,
    run_floor_changes,
    span_errors,
    sum_det,
    truncations,
    turn_latencies,
)
from voicelab.metrics.spans import Span

MS = 1_000_000
CELL_NS = 100 * MS


def drawn(line: str) -> list[Span]:
    """Return the spans of `#` in a drawing."""
    edges = [
        index
        for index, (before, after) in enumerate(
            zip(f" {line} ", f"{line} ", strict=False)
        )
        if (before == "#") != (after == "#")
    ]
    return [
        (start * CELL_NS, end * CELL_NS)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def test_a_drawing_is_read_as_drawn() -> None:
    assert drawn("##..#") == [(0, 2 * CELL_NS), (4 * CELL_NS, 5 * CELL_NS)]


#          0         1         2         3
#          0123456789012345678901234567890123456789
CALLER = "####..###......####..........####......"
AGENT = ".............######..##..####..........#"
# The caller alone 0-4, silence, the caller alone 6-9: a pause. Silence until the
# agent alone 13-15: a gap. Both 15-19, silence 19-21, the agent alone 21-23: an overlap
# within and a pause. Silence, the agent alone 25-29: a pause. The caller alone from 29
# on: a gap of nothing. Silence 33-39, the agent alone: a gap.


def test_the_floor() -> None:
    rows = floor_changes(drawn(CALLER), drawn(AGENT))
    found = [
        (row.kind, row.transfer, row.t_start_ns // CELL_NS, row.t_end_ns // CELL_NS)
        for row in rows
    ]
    assert found == [
        ("pause", "hold", 4, 6),
        ("gap", "shift", 9, 13),
        ("overlap_within", "hold", 15, 19),
        ("pause", "hold", 19, 21),
        ("pause", "hold", 23, 25),
        ("gap", "shift", 29, 29),
        ("gap", "shift", 33, 39),
    ]
    assert [row.fto_ms for row in rows] == [None, 400.0, None, None, None, 0.0, 600.0]
    assert [row.party for row in rows] == ["caller"] * 2 + ["agent"] * 4 + ["caller"]


def test_an_overlap_in_which_the_floor_passes() -> None:
    # caller  ######....      agent alone from 6 on, both speak 4-6
    # agent   ....######
    (row,) = floor_changes(drawn("######...."), drawn("....######"))
    assert (row.kind, row.transfer, row.fto_ms) == ("overlap_between", "shift", -200.0)
    assert (row.party, row.next_party) == ("caller", "agent")


def test_the_four_states() -> None:
    times = floor_times(drawn(CALLER), drawn(AGENT))
    assert times.both_ms == 400.0  # 15-19
    assert times.caller_only_ms == (4 + 3 + 4) * 100.0
    assert times.agent_only_ms == (2 + 2 + 4 + 1) * 100.0
    assert times.neither_ms == (2 + 4 + 2 + 2 + 6) * 100.0
    whole_ms = times.both_ms + times.caller_only_ms + times.agent_only_ms
    assert whole_ms + times.neither_ms == 4000.0  # every instant is in one state


#             0         1         2         3
#             0123456789012345678901234567890
REFERENCE = "..######....####....####...##.."
DETECTED = "...##.####...#############....."
# span 0, 2-8:   first met at 3, lost 5-6, met until 10: front 1, mid 1, tail 2
# span 1, 12-16: first met at 13, bridged to the next: no offset, tail until 20
# span 2, 20-24: no onset (bridged), met to the end, tail until 26
# span 3, 27-29: never met: all of it is front clip


def test_spans() -> None:
    rows = span_errors(drawn(DETECTED), drawn(REFERENCE))
    assert [row.onset_delay_ms for row in rows] == [100.0, 100.0, None, None]
    assert [row.offset_delay_ms for row in rows] == [200.0, None, 200.0, None]
    assert [row.front_clip_ms for row in rows] == [100.0, 100.0, 0.0, 200.0]
    assert [row.mid_clip_ms for row in rows] == [100.0, 0.0, 0.0, 0.0]
    assert [row.tail_ms for row in rows] == [200.0, 400.0, 200.0, 0.0]
    assert [row.detections for row in rows] == [2, 1, 1, 0]
    assert [row.detected for row in rows] == [True, True, True, False]


def test_detections_without_speech() -> None:
    found = false_spans(drawn("##...##"), drawn("...###."))
    assert found == [(0, 2 * CELL_NS)]


# Frames of 100 ms; the reference holds speech in frames 2 to 5.
#   frame     0    1    2    3    4    5    6    7
SCORES = [0.0, 0.6, 0.2, 0.9, 0.9, 0.5, 0.4, 0.1]
# at 0.5: of four speech frames, frame 2 is missed; of four others, frame 1 is called
# at 0.9: frames 2 and 5 are missed, none is called
# a collar of 100 ms leaves out frames 1, 2, 5 and 6, whose centres are 50 ms from an
# edge: frames 3 and 4 are speech, frames 0 and 7 are not


def test_frames() -> None:
    reference = drawn("..####..")
    low, high = det_points(SCORES, reference, [0.5, 0.9], frame_ms=100)
    assert (low.speech_frames, low.other_frames) == (4, 4)
    assert (low.miss_rate, low.false_alarm_rate) == (1 / 4, 1 / 4)
    assert (high.miss_rate, high.false_alarm_rate) == (2 / 4, 0.0)
    (collared,) = det_points(SCORES, reference, [0.5], frame_ms=100, collar_ms=100)
    assert (collared.speech_frames, collared.other_frames) == (2, 2)
    assert (collared.miss_rate, collared.false_alarm_rate) == (0.0, 0.0)


def test_frames_of_two_recordings_are_added_before_they_are_divided() -> None:
    one = det_points(SCORES, drawn("..####.."), [0.5], frame_ms=100)
    other = det_points([0.1, 0.1], drawn("##"), [0.5], frame_ms=100)
    (both,) = sum_det([one, other])
    assert both.miss_rate == 3 / 6  # not the mean of 1/4 and 1
    assert both.false_alarm_rate == 1 / 4


def test_endpoints() -> None:
    # time in ms; the uplink takes 40 ms and frames are 20 ms long, so what ends at t
    # is with the server at t + 40 (t a whole number of frames)
    #
    # turn 0      200-1000   item-0  224-1024, over at 1524 in the audio, told at 1560
    # turn 1     3000-5000   item-1 3030-3500, over at 4000: a cut-in
    #                        item-2 4500-5020, over at 5520, told at 5600
    # token 2    7000-7200   item-3 7000-7200: a backchannel
    # turn 3     9000-9500   nothing: missed
    # noise                  item-4 11000-11300: false
    # turn 4    13000-13500  item-5 13010-15020: merged with
    # turn 5    14500-15000  the next
    log = LogBuilder()
    log.frames(17_000)
    log.caller(0, 200, 1000)
    log.heard_as("item-0", 224, 1024, sent_ms=1560)
    log.caller(1, 3000, 5000)
    log.heard_as("item-1", 3030, 3500, sent_ms=4060)
    log.heard_as("item-2", 4500, 5020, sent_ms=5600)
    log.caller(2, 7000, 7200, kind="backchannel")
    log.heard_as("item-3", 7000, 7200, sent_ms=7760)
    log.caller(3, 9000, 9500)
    log.heard_as("item-4", 11_000, 11_300, sent_ms=11_860)
    log.caller(4, 13_000, 13_500)
    log.caller(5, 14_500, 15_000)
    log.heard_as("item-5", 13_010, 15_020, sent_ms=15_560)
    rows = endpointing(log.facts())
    assert [row.outcome for row in rows] == [
        "endpointed",
        "endpointed",
        "backchannel",
        "missed",
        "false",
        "merged",
        "endpointed",
    ]
    assert [row.cut_ins for row in rows] == [0, 1, 0, 0, 0, 0, 0]
    assert [row.turn for row in rows] == [0, 1, None, 3, None, 4, 5]
    assert rows[0].endpointing_delay_ms == 1560 - 1040
    assert rows[0].endpoint_offset_ms == 1524 - 1000
    assert rows[0].onset_error_ms == 24
    assert rows[0].onset_delay_ms == 224 + 60 - 200  # said 60 ms after the onset
    assert rows[1].endpointing_delay_ms == 5600 - 5040
    assert rows[1].onset_error_ms == 30  # of the first item, not of the last
    assert (rows[3].detected, rows[3].endpoint_offset_ms) == (False, None)
    assert (rows[4].cause, rows[4].t_end_ns) == ("unknown", None)
    assert (rows[5].endpointing_delay_ms, rows[5].onset_error_ms) == (None, 10)
    assert (rows[6].endpointing_delay_ms, rows[6].onset_error_ms) == (520, None)


def test_a_last_endpoint_inside_the_turn_is_a_cut_in() -> None:
    # turn 200-5000; the only item is 224-1024, over at 1524, told at 1560: the end of
    # the turn arrives at 5040, so both delays are negative
    log = LogBuilder()
    log.frames(6000)
    log.caller(0, 200, 5000)
    log.heard_as("item-0", 224, 1024, sent_ms=1560)
    (row,) = endpointing(log.facts())
    assert (row.outcome, row.cut_in, row.cut_ins) == ("cut_in", True, 1)
    assert row.endpoint_offset_ms == 1524 - 5000
    assert row.endpointing_delay_ms == 1560 - 5040


def test_a_turn_never_declared_over_is_missed_though_detected() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    started = "input_audio_buffer.speech_started"
    log.add(284, "server", "turn.onset", "item-0", onset_ms=224)
    log.wire(284, started, "item-0", audio_start_ms=0)
    (row,) = endpointing(log.facts())
    assert (row.outcome, row.detected) == ("missed", True)
    assert (row.t_endpoint_ns, row.endpointing_delay_ms) == (None, None)
    assert row.onset_delay_ms == pytest.approx(84)


def one_call() -> LogBuilder:
    """Return two turns, the second a barge-in.

    In ms, with an uplink of 40, a downlink of 50, and 80 from arrival to the ear:

    =====  =======================================================
     200   turn 0 begins; the server takes speech to begin at 224
     284   it says so
    1000   turn 0 ends; its last frame arrives at 1040
    1560   the server says `speech_stopped` (at 1524 in the audio)
    1960   it sends the first audio of an answer of 3000 ms
    2090   the answer is heard
    2900   turn 1 begins: a barge-in
    3090   the answer stops at the ear, after 1000 ms of it
    4000   turn 1 ends; its last frame arrives at 4040
    4560   the server says `speech_stopped` (at 4500 in the audio)
    4960   it sends an answer of 1500 ms
    5090   which is heard, until 6590
    =====  =======================================================
    """
    log = LogBuilder()
    log.frames(7000)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000, heard_ms=1000)
    log.caller(1, 2900, 4000)
    log.heard_as("user-1", 2912, 4000, sent_ms=4560)
    log.interrupt(
        "agent-0",
        3060,
        trigger="user-1",
        received_ms=3000,
        played_ms=1000,
        claim_ms=1000,
    )
    log.answer("resp-1", "agent-1", "user-1", 4560, 1500)
    return log


def test_the_waits_of_one_call() -> None:
    first, second = turn_latencies(one_call().facts())
    parts = {
        "uplink_ms": 40,
        "endpointing_delay_ms": 520,  # 1040 to 1560, 4040 to 4560
        "server_ttfb_ms": 400,
        "downlink_ms": 50,
        "playout_delay_ms": 80,
        "response_latency_ms": 1090,  # 1000 to 2090, 4000 to 5090
        "endpointing_delay_observed_ms": 610,  # `speech_stopped` arrives at 1610
        "ttfb_observed_ms": 400,  # the audio at 2010
    }
    for row in (first, second):
        assert {name: getattr(row, name) for name in parts} == parts


def test_the_endpoints_of_one_call() -> None:
    first, second = endpointing(one_call().facts())
    assert (first.endpoint_offset_ms, second.endpoint_offset_ms) == (524, 500)
    assert (first.onset_error_ms, second.onset_error_ms) == (24, 12)
    assert (first.onset_delay_ms, second.onset_delay_ms) == (84, 72)


def test_the_floor_of_one_call() -> None:
    facts = one_call().facts()
    assert [(row.kind, row.fto_ms) for row in run_floor_changes(facts)] == [
        ("gap", 1090.0),
        ("overlap_between", -190.0),  # 2900 to 3090
        ("gap", 1090.0),
    ]
    offsets = [(row.party, row.fto_ms) for row in floor_turns(facts)]
    assert offsets == [
        ("caller", None),
        ("agent", 1090.0),
        ("caller", -190.0),
        ("agent", 1090.0),
    ]
    both = overlap(facts)
    assert both is not None
    assert (both.caller_speech_ms, both.agent_speech_ms) == (800 + 1100, 1000 + 1500)
    assert (both.overlap_ms, both.talk_over_rate) == (190, 190 / 1900)


def test_the_barge_in_of_one_call() -> None:
    facts = one_call().facts()
    (met,) = barge_ins(facts)
    assert (met.outcome, met.turn, met.stop_latency_ms) == ("stopped", 1, 190)
    assert (met.time_to_stop_ms, met.overlap_ms) == (190, 190)
    (settled,) = truncations(facts)
    assert (settled.generated_ms, settled.heard_ms, settled.kept_ms) == (
        3000,
        1000,
        1000,
    )
    assert (settled.truncation_error_ms, settled.buffered_ms) == (0, 3000 - 1000)
    first, second = item_playbacks(facts)
    assert (first.interrupted, first.underruns) == (True, 0)
    assert (second.interrupted, second.heard_samples) == (False, 1500 * 24)


def test_the_definitions_of_others_on_one_call() -> None:
    for row in latency_definitions(one_call().facts(), []):
        assert row.response_latency_ms == 1090
        assert row.wire_latency_ms == 400
        assert row.tick_latency_ms == 1000  # 1000 to 2000, 4000 to 5000
        assert row.next_onset_ms == row.floor_aware_latency_ms == 1090
        assert row.frontier_ms == 1090


def test_many_runs_of_one_call() -> None:
    # the same call twice, by two names: four waits of 1090 ms, none failed
    facts = one_call().facts()
    runs = [
        Components(
            name=name,
            latency=tuple(turn_latencies(facts)),
            truncations=tuple(truncations(facts)),
        )
        for name in ("one", "other")
    ]
    row = pooled_values(runs).rows[0]
    assert (row.n, row.failed, row.conversations) == (4, 0, 2)
    assert (row.p50_low, row.p50, row.p50_high) == (1090, 1090, 1090)
    assert row.p95 is None
    change = compare_configurations(runs, runs).rows[0]
    assert (change.n_pairs, change.difference, change.p_value) == (4, 0, 1)
