from __future__ import annotations

from tests.support.logs import PER_MS, LogBuilder, one_answer
from tests.support.results import barge_in
from voicelab.metrics import Facts, ItemPlayback, item_playbacks
from voicelab.record.log_reader import read_log


def only(log: LogBuilder) -> ItemPlayback:
    (row,) = item_playbacks(log.facts())
    return row


def test_an_answer_heard_to_its_end() -> None:
    row = only(one_answer())
    assert (row.item_id, row.response_id, row.interrupted) == (
        "agent-0",
        "resp-0",
        False,
    )
    positions = (row.generated_ms, row.received_ms, row.played_ms, row.heard_ms)
    assert positions == (3000,) * 4
    assert row.t_heard_ns == 2_090_000_000
    assert (row.underruns, row.underrun_ms) == (0, 0)


def test_an_interrupted_answer_and_the_next() -> None:
    first, second = item_playbacks(barge_in().facts())
    assert (first.interrupted, first.heard_ms, first.generated_ms) == (True, 1152, 3000)
    assert (second.interrupted, second.heard_ms) == (False, 1500)


def stalled(last_reason: str = "drained") -> LogBuilder:
    log = LogBuilder()
    log.caller(0, 0, 10)
    log.audio("agent-0", "resp-0", 0, 2000)
    log.play("agent-0", 100, 500)
    log.play("agent-0", 640, 300, from_ms=500)
    log.play("agent-0", 1000, 200, from_ms=800, reason=last_reason)
    return log


def test_gaps_within_an_item_are_underruns() -> None:
    row = only(stalled())
    assert (row.underruns, row.underrun_ms) == (2, 40 + 60)
    assert row.heard_samples == 1000 * PER_MS


def test_the_silence_after_an_item_is_none() -> None:
    assert only(stalled("interrupted")).underruns == 2
    assert only(one_answer()).underruns == 0


def test_what_goes_on_without_a_gap_is_none() -> None:
    log = LogBuilder()
    log.caller(0, 0, 10)
    log.audio("agent-0", "resp-0", 0, 2000)
    log.play("agent-0", 100, 500)
    log.play("agent-0", 600, 300, from_ms=500)
    assert only(log).underruns == 0


def test_what_went_on_after_a_stop_is_none() -> None:
    log = LogBuilder()
    log.caller(0, 0, 10)
    log.audio("agent-0", "resp-0", 0, 2000)
    log.play("agent-0", 100, 500, reason="interrupted")
    log.play("agent-0", 900, 300, from_ms=500)
    assert only(log).underruns == 0


def test_an_item_that_nobody_heard() -> None:
    log = LogBuilder()
    log.caller(0, 0, 10)
    log.audio("agent-0", "resp-0", 0, 1000)
    row = only(log)
    assert (row.t_heard_ns, row.heard_ms, row.played_ms) == (None, 0, 0)
    assert row.received_ms == 1000
    assert row.underruns == 0


def test_what_was_not_observed_is_missing() -> None:
    log = LogBuilder()  # the record of a real call: nobody at the caller's end
    log.audio("agent-0", "resp-0", 0, 1000)
    row = only(log)
    assert (row.received_ms, row.generated_ms) == (1000, 1000)
    assert (row.played_ms, row.heard_ms) == (None, None)
    assert (row.underruns, row.underrun_ms) == (None, None)


def test_an_item_settled_after_its_end_was_not_interrupted() -> None:
    """As a client does that goes by its last item, whatever became of it."""
    log = one_answer()
    log.caller(1, 6000, 7000)
    log.interrupt("agent-0", 6100, received_ms=3000, played_ms=3000, claim_ms=3000)
    assert not only(log).interrupted


def test_what_only_a_model_tells_is_missing() -> None:
    log = one_answer()
    for unobserved, played_ms in (({"player", "ear"}, None), ({"ear"}, 3000)):
        (row,) = item_playbacks(Facts(log.log(), unobserved))
        assert (row.received_ms, row.played_ms) == (3000, played_ms)
        assert (row.heard_ms, row.t_heard_ns, row.underruns) == (None, None, None)


def test_positions_that_the_log_tells_of_and_does_not_hold_are_missing() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 0, 1000)
    log.interrupt("agent-0", 700, received_ms=1000, played_ms=500, claim_ms=500)
    row = only(log)
    assert (row.played_ms, row.heard_ms) == (None, None)


def test_a_server_alone_does_not_know_what_arrived() -> None:
    log = LogBuilder()
    held = {"bytes": 48_000, "pos_samples": 0}
    kind = "response.output_audio.delta"
    log.add(0, "server", kind, "agent-0", response_id="resp-0", audio=held)
    lines = [line for line in log.build().splitlines() if b'"client"' not in line]
    (row,) = item_playbacks(Facts(read_log(b"\n".join(lines))))
    assert (row.generated_ms, row.received_ms) == (1000, None)
