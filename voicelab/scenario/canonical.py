"""A scenario as data that depends on nothing but what the scenario says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from voicelab.paths import is_path
from voicelab.scenario.model import Scenario


def canonical(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario in full, ready for JSON, equal wherever its files lie.

    Defaults are written out, keys are sorted, and a path is reduced to the name of
    its file: what the files hold is for their hashes to say. The session object
    stays as it is sent.
    """
    encoded = msgspec.json.encode(scenario, enc_hook=_file_name, order="sorted")
    data: dict[str, Any] = msgspec.json.decode(encoded)
    del data["base"], data["source"]
    if not scenario.faults:  # a scenario without any is what it was before there were
        del data["faults"]
    if is_path(scenario.agent.profile):
        data["agent"]["profile"] = Path(scenario.agent.profile).name
    return data


def _file_name(value: Any) -> str:
    if isinstance(value, Path):
        return value.name
    raise NotImplementedError(type(value))
