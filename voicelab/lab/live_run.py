"""Runs a scenario on the wall clock against a server and leaves a run folder."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import numpy as np

from voicelab import clock
from voicelab.lab.client import ClientReach
from voicelab.lab.conversation import Conversation, Taped
from voicelab.lab.endpoint import Endpoint
from voicelab.lab.experiment import finish, manifest_of
from voicelab.lab.live import SERVER_SIDE, LiveLine
from voicelab.lab.materials import gather
from voicelab.record.folder import RunFolder, run_id
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Scenario
from voicelab.units import NS_PER_MS


def run_live(scenario: Scenario, parent: Path, endpoint: Endpoint) -> Path:
    """Run a scenario on the wall clock against a server; return its new folder.

    No two live runs are the same, so the folder's name holds the time of day, too.

    Raises:
        InputError: the scenario's files, or the folder, cannot be used.
        EndpointError: the server cannot be reached, or went away; what was
            recorded of a conversation is kept and marked partial.
        CostLimitError: the limit was reached; the record is kept likewise.
    """
    stopwatch = clock.Stopwatch()
    materials = gather(scenario)
    started_utc = clock.utc_now()
    stamp = started_utc.translate({ord(sign): None for sign in "-:"})
    name = f"{run_id(canonical(scenario), materials.inputs)}-{stamp}"
    with RunFolder(parent, name) as folder:
        line = LiveLine(scenario, endpoint)
        reach = ClientReach(scenario, materials, line, observe=line.observe)
        conversation = Conversation(scenario, materials, reach, folder.events)
        line.on_limit = conversation.break_off
        taped = clock.run(lambda: _interruptible(conversation), clock="wall")
        manifest = manifest_of(name, scenario, materials)
        manifest |= {
            "clock": "wall",
            "started_utc": started_utc,
            "live": line.described() | {"frames_late_ms": _lateness(taped)},
            "unobserved": list(SERVER_SIDE),
        }
        return finish(folder, manifest, taped, stopwatch)


async def _interruptible(conversation: Conversation) -> Taped:
    """Hold a conversation; an interrupt by the user ends it in good order."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # not on this thread
        loop.add_signal_handler(
            signal.SIGINT, conversation.break_off, KeyboardInterrupt()
        )
    return await conversation.run()


def _lateness(taped: Taped) -> dict[str, float]:
    """Return how late the microphone frames were sent, in milliseconds."""
    late_ms = np.asarray(taped.frames_late_ns) / NS_PER_MS
    if not len(late_ms):
        return {"n": 0}
    p50, p99 = np.percentile(late_ms, (50, 99))
    figures = {"p50": p50, "p99": p99, "max": late_ms.max()}
    return {"n": len(late_ms)} | {key: round(float(x), 3) for key, x in figures.items()}
