"""Runs a scenario on the wall clock against a server and leaves a run folder."""

from __future__ import annotations

from pathlib import Path

from voicelab import clock
from voicelab.lab.client import ClientReach
from voicelab.lab.conversation import Conversation
from voicelab.lab.endpoint import Endpoint
from voicelab.lab.experiment import finish, manifest_of
from voicelab.lab.live import SERVER_SIDE, LiveLine
from voicelab.lab.materials import gather
from voicelab.lab.wall_run import interruptible, lateness, stamped
from voicelab.record.folder import RunFolder, run_id
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Scenario


def run_live(
    scenario: Scenario, parent: Path, endpoint: Endpoint, *, is_kept: bool = True
) -> Path:
    """Run a scenario on the wall clock against a server; return its new folder.

    No two live runs are the same, so the folder's name holds the time of day, too.

    Args:
        scenario: what to run.
        parent: the folder that the run's folder goes into.
        endpoint: the server.
        is_kept: as for `voicelab.lab.experiment.run_scenario`.

    Raises:
        InputError: the scenario's files, or the folder, cannot be used.
        EndpointError: the server cannot be reached, or went away; what was
            recorded of a conversation is kept and marked partial.
        CostLimitError: the limit was reached; the record is kept likewise.
    """
    stopwatch = clock.Stopwatch()
    materials = gather(scenario)
    started_utc = clock.utc_now()
    name = stamped(run_id(canonical(scenario), materials.inputs), started_utc)
    with RunFolder(parent, name) as folder:
        line = LiveLine(scenario, endpoint)
        reach = ClientReach(scenario, materials, line, observe=line.observe)
        conversation = Conversation(scenario, materials, reach, folder.events)
        line.on_limit = conversation.break_off
        taped = clock.run(lambda: interruptible(conversation), clock="wall")
        manifest = manifest_of(name, scenario, materials)
        manifest |= {
            "clock": "wall",
            "started_utc": started_utc,
            "live": line.described() | {"frames_late_ms": lateness(taped)},
            "unobserved": list(SERVER_SIDE),
        }
        return finish(folder, manifest, taped, stopwatch, is_kept=is_kept)
