"""The caller's line: when it opens, and where zero of time lies on it.

Zero is the first sample of the caller's audio. If the agent began on a silent line,
zero is where it did, and silence comes before the caller's first audio, so that
positions in the caller's audio are times all the same.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from voicelab.clock import Timebase
from voicelab.legs.codec import LegCodec
from voicelab.units import NS_PER_S, ns_to_samples, samples_to_ns

LONGEST_SILENCE_NS = 60 * NS_PER_S
"""How much silence is sent at most for a line that opened late: what the server's
connection takes at once."""


class CallerLine:
    """One call's line.

    Args:
        time: the clock of the call.

    Attributes:
        origin_ns: where zero lies; None until it is known.
    """

    def __init__(self, time: Timebase) -> None:
        self.origin_ns: int | None = None
        self._time = time
        self._open = asyncio.Event()

    def placed(self, arrived_ns: int, data: bytes, codec: LegCodec) -> bytes:
        """Return what the caller's audio goes on with: the next of it, as a rule.

        Args:
            arrived_ns: the instant at which it came.
            data: the audio.
            codec: what it is in.
        """
        if self._open.is_set():
            return data
        self._open.set()
        samples = len(data) // codec.bytes_per_sample
        began_ns = arrived_ns - samples_to_ns(samples, codec.rate_hz)
        if self.origin_ns is None:
            self.origin_ns = began_ns
        silent_ns = min(max(began_ns - self.origin_ns, 0), LONGEST_SILENCE_NS)
        return codec.silence(ns_to_samples(silent_ns, codec.rate_hz)) + data

    async def opened(self, within_s: float) -> None:
        """Wait for the first audio; if none comes, zero is when waiting ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._open.wait()
        self.settle(self._time.now_ns())

    def settle(self, now_ns: int) -> int:
        """Let zero be now unless it is known; return where it is."""
        if self.origin_ns is None:
            self.origin_ns = now_ns
        return self.origin_ns
