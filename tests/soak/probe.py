"""An ordinary session, to see whether the server still serves one as it should."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from tests.soak.callers import FRAME_NS, SESSION, as_text_frame, bundled_callers
from tests.soak.expected import TAIL_NS, expected_events
from tests.soak.lateness import Lateness
from tests.soak.streaming import StreamingClient
from tests.soak.target import API_KEY, Target
from voicelab.clock import sleep_until_ns, timebase
from voicelab.protocol.codec import encode
from voicelab.protocol.ids import IdSource
from voicelab.serve.sessions import AgentSessions
from voicelab.units import NS_PER_S

MAX_LATE_P99_MS = 40
MOST_SESSIONS = 1_000_000


async def probe(
    target: Target,
    sessions: AgentSessions,
    caller_index: int,
    seconds: float,
    opened: asyncio.Event | None = None,
) -> dict[str, Any]:
    """Play a bundled caller in real time; return how late what came was.

    Args:
        target: the server.
        sessions: what the server makes its sessions with.
        caller_index: which caller.
        seconds: for how long.
        opened: set when the session is open; None if nobody waits for it.
    """
    callers = bundled_callers()
    caller = callers[caller_index % len(callers)]
    frame_count = round(seconds * NS_PER_S / FRAME_NS)
    client = await _open(target)
    if opened is not None:
        opened.set()
    await _play(client, caller.frames, frame_count)
    ordinal = _ordinal_of(client.first_event_id, sessions.seed)
    due = await asyncio.to_thread(
        expected_events, sessions, ordinal, caller, frame_count
    )
    lateness = Lateness()
    lateness.add(client, due)
    summary = lateness.summary()
    del summary["by_type"]
    return summary | {"broken_off": client.broken_off}


async def _open(target: Target) -> StreamingClient:
    loop = asyncio.get_running_loop()
    make = partial(StreamingClient, target.server.url, timebase(), API_KEY)
    _, client = await loop.create_connection(make, "127.0.0.1", target.server.port)
    await client.greeted.wait()
    return client


async def _play(
    client: StreamingClient, frames: tuple[bytes, ...], frame_count: int
) -> None:
    client.send(as_text_frame(encode(SESSION)))
    start_ns = timebase().now_ns()
    client.play(frames, frame_count, start_ns)
    await sleep_until_ns(start_ns + frame_count * FRAME_NS + TAIL_NS)
    client.hang_up()


def _ordinal_of(first_event_id: str, seed: int) -> int:
    """Return which session of the server it is that an event begins."""
    for ordinal in range(MOST_SESSIONS):
        if IdSource(seed + ordinal, "server").event() == first_event_id:
            return ordinal
    raise LookupError(f"no session begins with {first_event_id}")
