"""Conversions between the units of time and of media position.

Event time is integer nanoseconds, media position is integer samples, and
milliseconds appear only at the edges. Every conversion that can lose something
says which way it rounds: positions round down (a sample counts once it has been
covered whole), so `ns_to_samples(samples_to_ns(n, r), r) == n` holds because
instants round up.
"""

from __future__ import annotations

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
MS_PER_S = 1_000


def samples_to_ns(samples: int, rate_hz: int) -> int:
    """Return the first instant by which `samples` samples have fully passed."""
    return -(-samples * NS_PER_S // rate_hz)


def ns_to_samples(t_ns: int, rate_hz: int) -> int:
    """Return how many whole samples have passed by `t_ns` (rounds down)."""
    return t_ns * rate_hz // NS_PER_S


def ms_to_ns(ms: float) -> int:
    """Return milliseconds, which may be fractional, as nanoseconds (nearest)."""
    return round(ms * NS_PER_MS)


def ns_to_ms(t_ns: int) -> float:
    """Return nanoseconds as milliseconds, for display and tables."""
    return t_ns / NS_PER_MS


def s_to_ns(seconds: float) -> int:
    """Return seconds as nanoseconds (nearest)."""
    return round(seconds * NS_PER_S)


def ns_to_s(t_ns: int) -> float:
    """Return nanoseconds as seconds, for display and for `asyncio` timers."""
    return t_ns / NS_PER_S


def samples_to_whole_ms(samples: int, rate_hz: int) -> int:
    """Return the whole milliseconds that `samples` cover (rounds down).

    The wire carries integer milliseconds only; rounding down never claims
    audio that was not there.
    """
    return samples * MS_PER_S // rate_hz


def samples_to_ms(samples: int, rate_hz: int) -> float:
    """Return a media position in milliseconds, for display and tables."""
    return samples * MS_PER_S / rate_hz


def ms_to_samples(ms: float, rate_hz: int) -> int:
    """Return how many whole samples fit in `ms` milliseconds (rounds down)."""
    if isinstance(ms, int):
        return ms * rate_hz // MS_PER_S
    return ns_to_samples(ms_to_ns(ms), rate_hz)
