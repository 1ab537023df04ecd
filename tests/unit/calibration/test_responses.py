from __future__ import annotations

import pytest

from tests.support.logs import PER_MS, LogBuilder, one_answer
from voicelab.calibration.responses import MAX_SPEED, observe

DELTA = "response.output_audio.delta"


def asked() -> LogBuilder:
    """Return a log of a client that asked for a response at 1 s."""
    log = LogBuilder(server=False)
    log.add(1000, "client", "response.create")
    return log


def with_deltas(
    arrivals_ms: list[float], length_ms: int = 200, *, server: bool = False
) -> LogBuilder:
    log = LogBuilder(server=server)
    log.response("resp-0", None, 950, done_ms=9000)
    for number, t_ms in enumerate(arrivals_ms):
        size = length_ms * PER_MS
        held = {"bytes": 2 * size, "pos_samples": number * size}
        log.add(t_ms, "client", DELTA, "agent-0", response_id="resp-0", audio=held)
    return log


def test_the_wait_for_an_answer_begins_with_the_end_of_the_turn() -> None:
    """Told at 1610 as received, the first audio at 2010."""
    log = one_answer(server=False)
    seen = observe(log.log())
    assert seen.waits_ms == [400]
    assert seen.outcomes == {"audible": 1}


def test_a_response_that_is_told_late_is_waited_for_from_the_turns_end() -> None:
    log = LogBuilder(server=False)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", None, 1700, 3000)
    assert observe(log.log()).waits_ms == [1700 + 400 - 1560]


def test_the_wait_for_what_was_asked_for_begins_with_its_announcement() -> None:
    log = asked()
    log.answer("resp-0", "agent-0", None, 1200, 3000)
    assert observe(log.log()).waits_ms == [400]


def test_a_response_asked_for_after_a_turn_is_not_the_turns() -> None:
    log = LogBuilder(server=False)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.add(1700, "client", "response.create")
    log.answer("resp-0", "agent-0", None, 1800, 3000)
    assert observe(log.log()).waits_ms == [400]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("cancelled", "cut_short"),
        ("completed", "without_audio"),
        ("failed", "failed"),
        ("incomplete", "failed"),
    ],
)
def test_responses_without_audio_are_told_apart(status: str, outcome: str) -> None:
    log = asked()
    log.response("resp-0", None, 1200, done_ms=1900, status=status)
    seen = observe(log.log())
    assert seen.outcomes == {outcome: 1}
    assert seen.cut_short_ms == ([700] if outcome == "cut_short" else [])
    assert seen.waits_ms == []


def test_a_response_under_way_at_the_end_is_cut_short() -> None:
    log = asked()
    made = {"id": "resp-0", "conversation_id": "conv"}
    log.add(1200, "client", "response.created", response=made)
    log.add(3100, "client", "rate_limits.updated", rate_limits=[])
    assert observe(log.log()).cut_short_ms == [1900]


def test_the_speed_is_audio_over_arrival() -> None:
    """200 ms of audio every 40 ms: five times as fast as speech."""
    (speed,) = observe(with_deltas([2000 + 40 * k for k in range(8)]).log()).speeds
    assert speed == pytest.approx(5)


def test_the_speed_is_that_of_generating_whatever_the_output_speed() -> None:
    log = with_deltas([1000, 1050, 1100, 1150, 1200])
    output = {"format": {"type": "audio/pcm", "rate": 24_000}, "speed": 1.25}
    log.add(0, "client", "session.updated", session={"audio": {"output": output}})
    # 200 ms come in 50, and were 250 when they were generated
    assert observe(log.log()).speeds == [pytest.approx(5)]


def test_late_deltas_do_not_turn_the_speed_over() -> None:
    arrivals_ms = [2000 + 40.0 * k for k in range(20)]
    arrivals_ms[-1] += 40
    (speed,) = observe(with_deltas(arrivals_ms).log()).speeds
    assert speed == pytest.approx(5, rel=0.03)
    assert speed < 5


@pytest.mark.parametrize(("count", "length_ms"), [(1, 4000), (2, 2000), (5, 100)])
def test_short_replies_tell_no_speed(count: int, length_ms: int) -> None:
    log = with_deltas([2000.0 + k for k in range(count)], length_ms)
    assert observe(log.log()).speeds == []


def test_all_at_once_is_as_fast_as_can_be_told() -> None:
    assert observe(with_deltas([2000.0] * 9).log()).speeds == [MAX_SPEED]


def test_the_last_chunk_is_what_was_left_over() -> None:
    log = with_deltas([2000, 2010, 2020, 2030])
    assert observe(log.log()).chunks_ms == [[200, 200, 200]]
    assert observe(with_deltas([2000]).log()).chunks_ms == []


def test_what_was_seen_in_several_runs_adds_up() -> None:
    total = observe(one_answer(server=False).log())
    total.add(observe(with_deltas([2000 + 40 * k for k in range(8)]).log()))
    assert total.outcomes == {"audible": 2}
    assert total.responses == 2
    assert total.waits_ms == [400, 1000]
    assert len(total.speeds) == len(total.chunks_ms) == 1


def test_the_servers_lane_is_not_looked_at() -> None:
    assert observe(one_answer().log()) == observe(one_answer(server=False).log())
