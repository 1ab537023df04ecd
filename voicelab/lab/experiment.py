"""Runs a scenario in virtual time: into a run folder, or in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from voicelab import clock
from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import FRONT_END_ID
from voicelab.errors import VoicelabError
from voicelab.lab.client import ClientReach
from voicelab.lab.conversation import Conversation, Taped
from voicelab.lab.lines import MemoryLine
from voicelab.lab.materials import Materials, gather
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.record.folder import (
    AUDIO_RATE_HZ,
    SCHEMA_VERSION,
    RunFolder,
    package_versions,
    run_id,
    stereo,
)
from voicelab.record.log_reader import Log
from voicelab.record.memory_log import MemoryLog
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Scenario
from voicelab.speech.cached_scorer import CachedScorer
from voicelab.speech.scorers import make_scorer
from voicelab.speech.vad import SnapshotScorer, VadScorer
from voicelab.units import ns_to_s, ns_to_samples

_FACTOR_DECIMALS = 1
_SECONDS_DECIMALS = 6
_NOT_KEPT = "give a folder to run into (`out`) to keep the record until then"


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
    manifest = _manifest(scenario, materials)
    name = manifest["run_id"]
    scorer = make_scorer(scenario.agent.vad)
    if isinstance(scorer, SnapshotScorer):
        scorer = CachedScorer(scorer, hint=f"{name}/{FRONT_END_ID}")
    with RunFolder(parent, name) as folder:
        taped = _hold(scenario, materials, scorer, folder.events)
        if isinstance(scorer, CachedScorer):
            scorer.save()
        return finish(folder, manifest, taped, stopwatch, is_kept=is_kept)


@dataclass(frozen=True)
class Simulated:
    """A run in memory: what its folder would hold; `Run` takes the three as they are.

    Attributes:
        manifest: what manifest.json would hold.
        log: the bytes of events.jsonl.
        audio: the recording, int16 [n, 2] at 24 kHz.
    """

    manifest: dict[str, Any]
    log: bytes
    audio: Samples


def simulate(scenario: Scenario, materials: SharedMaterials | None = None) -> Simulated:
    """Run a scenario in virtual time without a run folder.

    Log, audio and manifest are those of `run_scenario`, but for the seconds that it
    took. Sweeps and the explorer use it: they run one conversation many times, and
    look at its tables only. All of the run is in memory, 6 MB for each minute of it
    and more for its log; an hour is better run into a folder.

    Args:
        scenario: what to run.
        materials: what the runs of this process share; left out, everything is read
            from its file, and nothing is kept.

    Raises:
        InputError: the scenario's files cannot be used.
        EndpointError: a fault that the scenario asks for ended the conversation.
        VoicelabError: the conversation could not be held.
    """
    stopwatch = clock.Stopwatch()
    shared = SharedMaterials() if materials is None else materials
    made_of = shared.gather(scenario)
    manifest = _manifest(scenario, made_of)
    log = BytesIO()
    taped = _hold(scenario, made_of, shared.scorer(scenario.agent.vad), log)
    audio = _audio(taped)
    _raise_if_broken_off(taped, _NOT_KEPT)
    manifest |= _speed(ns_to_s(taped.conversation_ns), stopwatch.elapsed_s())
    as_read = msgspec.json.decode(msgspec.json.encode(manifest))
    return Simulated(as_read, log.getvalue(), audio)


def simulate_log(scenario: Scenario, materials: SharedMaterials) -> tuple[Log, Samples]:
    """Run a scenario for its tables: return its log, read, and its audio.

    They are equal to those of `simulate`. What the text of the log takes, a fifth of
    the time, is spared; so there is none, and no manifest.

    Args:
        scenario: what to run.
        materials: what the runs of this process share.

    Raises:
        VoicelabError: as `simulate`.
    """
    made_of = materials.gather(scenario)
    log = MemoryLog()
    taped = _hold(scenario, made_of, materials.scorer(scenario.agent.vad), log)
    audio = _audio(taped)
    _raise_if_broken_off(taped, _NOT_KEPT)
    return log.read(), audio


def _audio(taped: Taped) -> Samples:
    """Return what audio.wav would hold, int16 [n, 2], and let go of the tapes."""
    with taped.recorder.caller as caller, taped.recorder.agent as agent:
        samples = ns_to_samples(taped.conversation_ns, AUDIO_RATE_HZ)
        nothing = np.empty((0, 2), np.int16)
        return np.concatenate([nothing, *stereo(caller, agent, samples)])


def _hold(
    scenario: Scenario,
    materials: Materials,
    scorer: VadScorer,
    sink: BinaryIO | MemoryLog,
) -> Taped:
    """Hold the conversation with an embedded server; its log goes to `sink`."""
    line = MemoryLine(scenario, materials, scorer)
    reach = ClientReach(scenario, materials, line)
    return clock.run(Conversation(scenario, materials, reach, sink).run)


def _manifest(scenario: Scenario, materials: Materials) -> dict[str, Any]:
    """Return what the manifest of a virtual run says before it has begun."""
    name = run_id(canonical(scenario), materials.inputs)
    profile = msgspec.to_builtins(materials.profile)
    manifest = manifest_of(name, scenario, materials) | {"profile": profile}
    stages = materials.stages
    if stages is not None:
        manifest["cascade"] = stages.described()
    return manifest


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
    kept = f"the record until then is kept in {path}, marked partial"
    _raise_if_broken_off(taped, kept if is_kept else _NOT_KEPT)
    return path


def _raise_if_broken_off(taped: Taped, record: str) -> None:
    """End with what broke the conversation off; `record` says where it is."""
    if isinstance(taped.broken_off, VoicelabError):
        conversation_s = ns_to_s(taped.conversation_ns)
        raise type(taped.broken_off)(
            f"{taped.broken_off}, {conversation_s:.1f} s into the conversation; "
            f"{record}"
        )
    if isinstance(taped.broken_off, KeyboardInterrupt):
        raise KeyboardInterrupt(f"interrupted; {record}")
    if taped.broken_off is not None:
        raise taped.broken_off


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
