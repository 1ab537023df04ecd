"""How much agent audio waits in the player: received, not yet played.

Conventions
    Audio waits from the instant at which the client receives it to that at which it
    leaves the player; what an interruption drops waits no longer. The depth is a
    function of time, in milliseconds of audio, summed over items. An item of which
    nobody saw what arrived adds nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.facts import Facts
from voicelab.metrics.stops import INTERRUPTION
from voicelab.record.log_reader import Int64Array
from voicelab.units import MS_PER_S, NS_PER_S

FloatArray = npt.NDArray[np.float64]


def buffer_depth(facts: Facts) -> tuple[Int64Array, FloatArray]:
    """Return the player's buffer depth as a line through points.

    Depth jumps where audio arrives and where a stop drops what was queued, and
    falls steadily while audio plays: each of these instants has a point before and
    a point after.

    Returns:
        Instants in nanoseconds, int64 [2n], and depth in milliseconds, float64 [2n].
    """
    dropped_ns = {
        event.item_id: event.t_ns for event in facts.log.of("client", INTERRUPTION)
    }
    lines = [
        _line(item, _dropped_ns(item, dropped_ns.get(item.item_id)))
        for item in facts.agent_items.values()
        if item.received
    ]
    points = [times for times, _, _ in lines]
    if not points:
        return np.empty(0, np.int64), np.empty(0)
    t_ns = np.unique(np.concatenate(points))
    depth_ms = np.zeros((2, len(t_ns)))
    for times, before, after in lines:
        low, high = np.searchsorted(t_ns, (times[0], times[-1]))
        # between its own points an item's depth is a straight line or constant
        within = t_ns[low : high + 1]
        depth_ms[0, low : high + 1] += _between(within, times, before, after, "left")
        depth_ms[1, low : high + 1] += _between(within, times, before, after, "right")
    return np.repeat(t_ns, 2), depth_ms.T.ravel()


def _dropped_ns(item: AgentItem, interrupted_ns: int | None) -> int | None:
    """Return when what was queued of an item was dropped; None if it played on."""
    if interrupted_ns is None or not item.played:
        return interrupted_ns
    last = item.played[-1]
    plays_on = last.end_ns > interrupted_ns and last.reason != "interrupted"
    return None if plays_on else interrupted_ns


_Line = tuple[Int64Array, FloatArray, FloatArray]


def _line(item: AgentItem, dropped_ns: int | None) -> _Line:
    """Return an item's instants, with its depth just before and just after each."""
    arrivals = np.array([delta.t_ns for delta in item.received], np.int64)
    held = np.array([delta.end_samples for delta in item.received], np.float64)
    stretches = [(part.start_ns, part.end_ns) for part in item.played]
    ends = np.array(stretches, np.int64).ravel()
    times = np.unique(np.concatenate([arrivals, ends]))
    if dropped_ns is not None:
        times = np.unique(np.append(times[times < dropped_ns], dropped_ns))
    gone = _played(item, times)
    held = np.concatenate([[0.0], held])
    before = held[np.searchsorted(arrivals, times, side="left")] - gone
    after = held[np.searchsorted(arrivals, times, side="right")] - gone
    if dropped_ns is not None:
        after[-1] = 0.0
    to_ms = MS_PER_S / item.rate_hz
    return times, np.maximum(before * to_ms, 0.0), np.maximum(after * to_ms, 0.0)


def _played(item: AgentItem, times: Int64Array) -> FloatArray:
    played = np.zeros(len(times))
    for part in item.played:
        passed = (times - part.start_ns) * item.rate_hz / NS_PER_S
        played += np.clip(passed, 0, part.to_samples - part.from_samples)
    return played


def _between(
    wanted: Int64Array,
    times: Int64Array,
    before: FloatArray,
    after: FloatArray,
    side: str,
) -> FloatArray:
    """Return a line with jumps at `wanted`, on one side of each jump."""
    own = np.searchsorted(times, wanted)
    exact = times[np.minimum(own, len(times) - 1)] == wanted
    left = np.maximum(own - 1, 0)
    span = np.maximum(times[own] - times[left], 1)
    share = (wanted - times[left]) / span
    sloped = after[left] + share * (before[own] - after[left])
    at_jump = before[own] if side == "left" else after[own]
    return np.asarray(np.where(exact, at_jump, sloped))
