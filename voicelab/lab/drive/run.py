"""Drives a bridge through a scenario and leaves a run folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from voicelab import clock
from voicelab.lab.conversation import Conversation
from voicelab.lab.drive.bridge import Bridge
from voicelab.lab.drive.reach import BridgeReach
from voicelab.lab.drive.upstream import Upstream
from voicelab.lab.experiment import finish, manifest_of
from voicelab.lab.materials import gather
from voicelab.lab.wall_run import interruptible, lateness, stamped
from voicelab.record.folder import RunFolder, run_id
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Scenario


def drive(
    scenario: Scenario,
    parent: Path,
    bridge: Bridge,
    upstream: Upstream,
    on_listening: Callable[[Upstream], None],
) -> Path:
    """Drive a bridge on the wall clock; return the run's new folder.

    Args:
        scenario: whose caller and agent meet. Its session is the bridge's affair,
            its player and its truncation are, too.
        parent: the folder that the run's folder goes into.
        bridge: where the bridge is.
        upstream: the server that it should have its session with, not started.
        on_listening: told when the bridge can open its session.

    Raises:
        InputError: the scenario's files, the folder or the server's port cannot be
            used.
        EndpointError: the bridge cannot be reached, opens no session, hangs up, or
            sends what is no message at all; what was recorded of a conversation is
            kept and marked partial.
    """
    stopwatch = clock.Stopwatch()
    materials = gather(scenario)
    started_utc = clock.utc_now()
    name = stamped(run_id(canonical(scenario), materials.inputs), started_utc)
    with RunFolder(parent, name) as folder:
        reach = BridgeReach(scenario, materials, bridge, upstream, on_listening)
        conversation = Conversation(scenario, materials, reach, folder.events)
        reach.on_end = conversation.break_off
        taped = clock.run(
            lambda: interruptible(conversation, reach.give_up), clock="wall"
        )
        manifest = manifest_of(name, scenario, materials)
        manifest |= {
            "clock": "wall",
            "started_utc": started_utc,
            "drive": reach.described() | {"frames_late_ms": lateness(taped)},
        }
        return finish(folder, manifest, taped, stopwatch)
