"""All calls of a bridge: how many there may be, and how they end together."""

from __future__ import annotations

import asyncio

from voicelab.protocol.close_codes import CLOSE_TRY_AGAIN_LATER
from voicelab.serve.bridges.call import BridgeCall
from voicelab.serve.bridges.ending import SHUTTING_DOWN, Ending, refused


class Switchboard:
    """Keeps account of the calls.

    Args:
        max_calls: how many there may be at once.

    Attributes:
        draining: whether no further call is taken.
    """

    def __init__(self, max_calls: int) -> None:
        self.draining = False
        self._max_calls = max_calls
        self._calls: set[BridgeCall] = set()
        self._number = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def calls(self) -> int:
        """How many calls are held."""
        return len(self._calls)

    def refusal(self) -> Ending | None:
        """Return why no further call is taken; None if one is."""
        if self.draining:
            return refused("The bridge is shutting down.", CLOSE_TRY_AGAIN_LATER)
        if len(self._calls) >= self._max_calls:
            return refused(
                f"The bridge is busy: it holds {self._max_calls} calls at once.",
                CLOSE_TRY_AGAIN_LATER,
            )
        return None

    def next_number(self) -> int:
        """Return the number of the next call, from 1 on."""
        self._number += 1
        return self._number

    async def hold(self, call: BridgeCall) -> None:
        """Hold a call to its end."""
        self._calls.add(call)
        self._idle.clear()
        try:
            await call.run()
        finally:
            self._calls.discard(call)
            if not self._calls:
                self._idle.set()

    def end_all(self) -> None:
        """End all calls: the bridge stops."""
        self.draining = True
        for call in tuple(self._calls):
            call.end(SHUTTING_DOWN)

    async def without_calls(self, at_most_s: float, hurry: asyncio.Event) -> None:
        """Wait until no call is held, for so long or until told to hurry."""
        self.draining = True
        waits = [asyncio.create_task(event.wait()) for event in (self._idle, hurry)]
        try:
            await asyncio.wait(
                waits, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
