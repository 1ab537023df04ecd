"""Two clocks, one asyncio: virtual time for the lab, the machine's for live use.

Code that must run under both asks `timebase(loop)` for the time and for timers, and is
started by `run`, whose argument is the only switch between the two. Nothing else in
the package reads the machine's time.
"""

from voicelab.clock.base import Timebase
from voicelab.clock.running import ClockKind, run, sleep_until_ns, timebase
from voicelab.clock.virtual import VirtualLoop
from voicelab.clock.wall import Stopwatch, WallLoop, WallTime, unix_s, utc_now

__all__ = [
    "ClockKind",
    "Stopwatch",
    "Timebase",
    "VirtualLoop",
    "WallLoop",
    "WallTime",
    "run",
    "sleep_until_ns",
    "timebase",
    "unix_s",
    "utc_now",
]
