"""What was in the microphone: the caller, noise or echo, and which was loudest.

The log tells the level of each component, microphone frame by frame, where a scenario
adds noise or echo (`microphone.levels`, see docs/data-format.md). Levels of a stretch
of time are mean powers over its frames; silence has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from voicelab.record.log_reader import Event, Log
from voicelab.units import ms_to_ns

FloatArray = npt.NDArray[np.float64]

COMPONENTS = ("speech", "noise", "echo")
_LEVELS = "microphone.levels"


class Levels:
    """Levels of the components of a microphone's signal.

    Args:
        frame_ns: how long a frame is.
        power: linear power of each component, float64 [frames] each; frame 0 begins
            at instant 0.
    """

    def __init__(self, frame_ns: int, power: dict[str, FloatArray]) -> None:
        self._frame_ns = frame_ns
        self._power = power

    def loudest(self, start_ns: int, end_ns: int) -> str | None:
        """Return which component is loudest in a stretch of time.

        Every frame that the stretch touches counts, and at least the one that holds
        its start.

        Returns:
            `speech`, `noise` or `echo`; None if all of them are silent, or nothing is
            known of the stretch.
        """
        first = max(start_ns // self._frame_ns, 0)
        last = max(-(-end_ns // self._frame_ns), first + 1)
        sums = {
            name: float(power[first:last].sum()) for name, power in self._power.items()
        }
        name = max(sums, key=lambda each: sums[each])
        return name if sums[name] > 0 else None


def levels(log: Log) -> Levels | None:
    """Return what the log tells of levels; None if it tells nothing."""
    told = log.of("user", _LEVELS)
    if not told:
        return None
    count = max(map(_end, told))
    power = {name: np.zeros(count) for name in COMPONENTS}
    for event in told:
        first = event.data["first_frame"]
        for name, into in power.items():
            heard = _power(event.data.get(f"{name}_dbfs", ()))
            into[first : first + len(heard)] = heard
    return Levels(ms_to_ns(told[0].data["frame_ms"]), power)


def _end(event: Event) -> int:
    frames = [len(event.data.get(f"{name}_dbfs", ())) for name in COMPONENTS]
    return int(event.data["first_frame"]) + max(frames)


def _power(dbfs: Sequence[float | None]) -> FloatArray:
    quiet = [-np.inf if level is None else level for level in dbfs]
    return np.asarray(10.0 ** (np.array(quiet, dtype=np.float64) / 10))
