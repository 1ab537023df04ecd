"""Runs a scenario in virtual time and leaves a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from voicelab import clock
from voicelab.audio.vad_front_end import FRONT_END_ID
from voicelab.errors import VoicelabError
from voicelab.lab.client import ClientReach
from voicelab.lab.conversation import Conversation, Taped
from voicelab.lab.lines import MemoryLine
from voicelab.lab.materials import Materials, gather
from voicelab.record.folder import (
    SCHEMA_VERSION,
    RunFolder,
    package_versions,
    run_id,
)
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Scenario
from voicelab.speech.cached_scorer import CachedScorer
from voicelab.speech.scorers import make_scorer
from voicelab.speech.vad import SnapshotScorer
from voicelab.units import ns_to_s

_FACTOR_DECIMALS = 1
_SECONDS_DECIMALS = 6


def run_scenario(scenario: Scenario, parent: Path, *, is_kept: bool = True) -> Path:
    """Run a scenario in virtual time; return its new folder inside `parent`.

    Everything is read and checked before anything is written.

    Args:
        scenario: what to run.
        parent: the folder that the run's folder goes into.
        is_kept: whether `parent` stays if the conversation breaks off; else the
            error does not send anybody there.

    Raises:
        InputError: the scenario's files, or the folder, cannot be used.
        EndpointError: a fault that the scenario asks for ended the conversation;
            what was recorded until then is kept and marked partial.
        VoicelabError: the conversation could not be held.
    """
    stopwatch = clock.Stopwatch()
    materials = gather(scenario)
    name = run_id(canonical(scenario), materials.inputs)
    scorer = make_scorer(scenario.agent.vad)
    if isinstance(scorer, SnapshotScorer):
        scorer = CachedScorer(scorer, hint=f"{name}/{FRONT_END_ID}")
    with RunFolder(parent, name) as folder:
        line = MemoryLine(scenario, materials, scorer)
        reach = ClientReach(scenario, materials, line)
        conversation = Conversation(scenario, materials, reach, folder.events)
        taped = clock.run(conversation.run)
        if isinstance(scorer, CachedScorer):
            scorer.save()
        manifest = manifest_of(name, scenario, materials)
        manifest["profile"] = msgspec.to_builtins(materials.profile)
        return finish(folder, manifest, taped, stopwatch, is_kept=is_kept)


def finish(
    folder: RunFolder,
    manifest: dict[str, Any],
    taped: Taped,
    stopwatch: clock.Stopwatch,
    *,
    is_kept: bool = True,
) -> Path:
    """Write what was taped; end with what broke the conversation off, if anything."""
    with taped.recorder.caller as caller, taped.recorder.agent as agent:
        conversation_s = ns_to_s(taped.conversation_ns)
        if taped.broken_off is not None:
            manifest["partial"] = str(taped.broken_off) or "interrupted"
        manifest |= _speed(conversation_s, stopwatch.elapsed_s())
        path = folder.finish(
            manifest,
            caller=caller,
            agent=agent,
            conversation_ns=taped.conversation_ns,
        )
    record = (
        f"the record until then is kept in {path}, marked partial"
        if is_kept
        else "give a folder to run into (`out`) to keep the record until then"
    )
    if isinstance(taped.broken_off, VoicelabError):
        raise type(taped.broken_off)(
            f"{taped.broken_off}, {conversation_s:.1f} s into the conversation; "
            f"{record}"
        )
    if isinstance(taped.broken_off, KeyboardInterrupt):
        raise KeyboardInterrupt(f"interrupted; {record}")
    if taped.broken_off is not None:
        raise taped.broken_off
    return path


def manifest_of(name: str, scenario: Scenario, materials: Materials) -> dict[str, Any]:
    """Return what a manifest says of every run; the clock is the virtual one."""
    data: Mapping[str, Any] = canonical(scenario)
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": name,
        "name": data["name"],
        "clock": "virtual",
        "seed": data["seed"],
        "scenario": data,
        "session": materials.session,
        "turns_from": materials.reference,
        "inputs": dict(sorted(materials.inputs.items())),
        "packages": package_versions(),
    }


def _speed(conversation_s: float, wall_s: float) -> dict[str, float]:
    return {
        "conversation_s": round(conversation_s, _SECONDS_DECIMALS),
        "wall_s": round(wall_s, _SECONDS_DECIMALS),
        "real_time_factor": round(conversation_s / wall_s, _FACTOR_DECIMALS),
    }
