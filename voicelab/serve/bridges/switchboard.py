"""All calls of a bridge: how many there may be, and how they end together."""

from __future__ import annotations

import asyncio
from contextlib import suppress

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
        self._call_ended = asyncio.Event()

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
        try:
            await call.run()
        finally:
            self._calls.discard(call)
            self._call_ended.set()

    def end_all(self) -> None:
        """End all calls: the bridge stops."""
        self.draining = True
        for call in tuple(self._calls):
            call.end(SHUTTING_DOWN)

    async def without_calls(self, at_most_s: float, hurry: asyncio.Event) -> None:
        """Wait until no call is held, for so long or until told to hurry."""
        self.draining = True
        hurried = asyncio.create_task(hurry.wait())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while self._calls and not hurry.is_set():
                    self._call_ended.clear()
                    ended = asyncio.create_task(self._call_ended.wait())
                    await asyncio.wait(
                        (ended, hurried), return_when=asyncio.FIRST_COMPLETED
                    )
                    ended.cancel()
        hurried.cancel()
