"""What runs on the wall clock have in common."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from voicelab.lab.conversation import Conversation, Taped
from voicelab.units import NS_PER_MS


def stamped(name: str, started_utc: str) -> str:
    """Return a run's name with the time of day: no two such runs are the same."""
    return f"{name}-{started_utc.translate({ord(sign): None for sign in '-:'})}"


async def interruptible(
    conversation: Conversation,
    end: Callable[[BaseException], None] | None = None,
) -> Taped:
    """Hold a conversation; an interrupt by the user ends it in good order.

    So does SIGTERM, with which a limit of time ends a program.

    Args:
        conversation: what to hold.
        end: what an interrupt calls; None for what ends the conversation.
    """
    loop = asyncio.get_running_loop()
    end = end or conversation.break_off
    with suppress(NotImplementedError, RuntimeError, ValueError):  # not on this thread
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, KeyboardInterrupt())
    return await conversation.run()


def lateness(taped: Taped) -> dict[str, float]:
    """Return how late the microphone frames were sent, in milliseconds."""
    late_ms = np.asarray(taped.frames_late_ns) / NS_PER_MS
    if not len(late_ms):
        return {"n": 0}
    p50, p99 = np.percentile(late_ms, (50, 99))
    figures = {"p50": p50, "p99": p99, "max": late_ms.max()}
    return {"n": len(late_ms)} | {key: round(float(x), 3) for key, x in figures.items()}
