"""A scenario as data that depends on nothing but what the scenario says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from voicelab.paths import is_path
from voicelab.scenario.model import Scenario

_EFFECTS = frozenset({"noise", "echo", "bursts", "packets"})


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
    _without_effects(data["channel"])
    _as_it_was(data["client"])
    if is_path(scenario.agent.profile):
        data["agent"]["profile"] = Path(scenario.agent.profile).name
    _without_stages(data["agent"])
    return data


def _without_stages(agent: dict[str, Any]) -> None:
    """Leave stages out where there are none, and folders everywhere."""
    if agent["cascade"] is None:
        del agent["cascade"]
        return
    for key in ("profile", "rules"):
        if is_path(agent["cascade"][key]):
            agent["cascade"][key] = Path(agent["cascade"][key]).name


def _without_effects(channel: dict[str, Any]) -> None:
    """Leave out what does nothing: a channel without effects is what it always was."""
    for part in (channel, channel["uplink"], channel["downlink"]):
        for key in _EFFECTS.intersection(part):
            if part[key] is None:
                del part[key]
    if channel["band"] == "wide":
        del channel["band"]
    noise = channel.get("noise")
    if noise is not None:
        noise["audio"] = Path(noise["audio"]).name


def _as_it_was(client: dict[str, Any]) -> None:
    """Leave out what came later and is left at what it was before."""
    options = client["player_options"]
    for key in ("command_delay_ms", "report_delay_ms", "stop_delay_ms"):
        if options[key] is None:
            del options[key]
    for key, usual in (("truncates", "sounding"), ("on_interruption", "clear")):
        if client[key] == usual:
            del client[key]


def _file_name(value: Any) -> str:
    if isinstance(value, Path):
        return value.name
    raise NotImplementedError(type(value))
