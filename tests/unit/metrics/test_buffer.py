from __future__ import annotations

import numpy as np

from tests.support.logs import LogBuilder
from voicelab.metrics import buffer_depth


def depth_at(log: LogBuilder, t_ms: float) -> float:
    t_ns, depth_ms = buffer_depth(log.facts())
    return float(np.interp(t_ms * 1e6, t_ns, depth_ms))


def test_depth_rises_at_arrival_and_falls_with_playback() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 950, 2000)  # arrives at 1.0 s
    log.play("agent-0", 1100, 2000)
    t_ns, depth_ms = buffer_depth(log.facts())
    assert (t_ns / 1e6).tolist() == [1000, 1000, 1100, 1100, 3100, 3100]
    assert depth_ms.tolist() == [0, 2000, 2000, 2000, 0, 0]
    assert depth_at(log, 2100) == 1000


def test_a_stop_drops_what_waits() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 950, 2000)
    log.play("agent-0", 1100, 505, reason="interrupted")
    log.interrupt("agent-0", 1600, received_ms=2000, played_ms=500, claim_ms=500)
    t_ns, depth_ms = buffer_depth(log.facts())
    assert t_ns[-1] == 1_600_000_000
    assert depth_ms[-2:].tolist() == [1500, 0]


def test_items_wait_behind_one_another() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 950, 1000)
    log.audio("agent-1", "resp", 1150, 500)  # arrives at 1.2 s
    log.play("agent-0", 1000, 1000)
    log.play("agent-1", 2000, 500)
    assert depth_at(log, 1100) == 900
    assert depth_at(log, 1300) == 700 + 500
    assert depth_at(log, 2250) == 250
    t_ns, depth_ms = buffer_depth(log.facts())
    assert (np.diff(t_ns) >= 0).all()
    assert (depth_ms >= 0).all()


def test_audio_that_arrives_after_a_stop_does_not_wait() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 950, 1000)
    log.interrupt("agent-0", 1600, received_ms=1000, played_ms=0, claim_ms=0)
    log.audio("agent-0", "resp", 1700, 1000)
    t_ns, depth_ms = buffer_depth(log.facts())
    assert (t_ns[-1], depth_ms[-1]) == (1_600_000_000, 0)


def test_what_plays_on_after_an_interruption_still_waits() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 950, 2000)
    log.play("agent-0", 1100, 2000)
    log.interrupt("agent-0", 1600, received_ms=2000, played_ms=500, claim_ms=500)
    assert depth_at(log, 1700) == 1400
    assert depth_at(log, 3099) == 1


def test_nothing_arrived() -> None:
    t_ns, depth_ms = buffer_depth(LogBuilder().facts())
    assert len(t_ns) == len(depth_ms) == 0
