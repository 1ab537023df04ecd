"""Changing a scenario in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from voicelab.document import document_of
from voicelab.errors import ScenarioError
from voicelab.scenario.load import scenario_from
from voicelab.scenario.model import Scenario


def override(scenario: Scenario, **settings: Any) -> Scenario:
    """Return a scenario with some values changed.

    Args:
        scenario: the one to start from; it is kept.
        settings: new values by key of the scenario, such as `seed=3`. A mapping
            changes only what it names: `client={"player": "ideal"}`. A mapping
            whose `type` differs from that of the present one replaces it whole.

    Raises:
        ScenarioError, LabelError: as `load_scenario`.
    """
    changes = document_of(settings, ScenarioError).data
    merged = _merged(written(scenario), changes)
    return scenario_from(merged, scenario.base, source=scenario.source)


def written(scenario: Scenario) -> dict[str, Any]:
    """Return what a file would hold to give this scenario: every value in full."""
    encoded = msgspec.json.encode(scenario, enc_hook=_path_text)
    mapping: dict[str, Any] = msgspec.json.decode(encoded)
    del mapping["base"], mapping["source"]
    return mapping


def _path_text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def _merged(present: Any, changes: Any) -> Any:
    if not isinstance(present, dict) or not isinstance(changes, dict):
        return changes
    if "type" in changes and changes["type"] != present.get("type", changes["type"]):
        return changes
    kept = {key: value for key, value in present.items() if key not in changes}
    new = {key: _merged(present.get(key), value) for key, value in changes.items()}
    return {**kept, **new}
