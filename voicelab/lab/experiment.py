"""Runs a scenario in virtual time and leaves a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from voicelab import clock
from voicelab.audio.vad_front_end import FRONT_END_ID
from voicelab.lab.conversation import Conversation
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


def run_scenario(scenario: Scenario, parent: Path) -> Path:
    """Run a scenario; return its new folder inside `parent`.

    Everything is read and checked before anything is written.

    Raises:
        InputError: the scenario's files, or the folder, cannot be used.
        VoicelabError: the conversation could not be held.
    """
    stopwatch = clock.Stopwatch()
    materials = gather(scenario)
    scenario_data = canonical(scenario)
    name = run_id(scenario_data, materials.inputs)
    scorer = make_scorer(scenario.agent.vad)
    if isinstance(scorer, SnapshotScorer):
        scorer = CachedScorer(scorer, hint=f"{name}/{FRONT_END_ID}")
    with RunFolder(parent, name) as folder:
        conversation = Conversation(scenario, materials, scorer, folder.events)
        taped = clock.run(conversation.run)
        if isinstance(scorer, CachedScorer):
            scorer.save()
        with taped.recorder.caller as caller, taped.recorder.agent as agent:
            conversation_s = ns_to_s(taped.conversation_ns)
            manifest = _manifest(name, scenario_data, materials)
            manifest |= _speed(conversation_s, stopwatch.elapsed_s())
            return folder.finish(
                manifest,
                caller=caller,
                agent=agent,
                conversation_ns=taped.conversation_ns,
            )


def _manifest(
    name: str, scenario: Mapping[str, Any], materials: Materials
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": name,
        "name": scenario["name"],
        "clock": "virtual",
        "seed": scenario["seed"],
        "scenario": scenario,
        "session": materials.session,
        "profile": msgspec.to_builtins(materials.profile),
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
