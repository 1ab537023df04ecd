"""The scenario file and the library of named scenarios."""

from __future__ import annotations

from voicelab.scenario.canonical import canonical
from voicelab.scenario.labels import (
    Labels,
    LabelTurn,
    Pause,
    Speaker,
    Speakers,
    WholeReply,
    Word,
    load_labels,
    load_words,
)
from voicelab.scenario.library import case_names, find_scenario, scenario_names
from voicelab.scenario.load import load_scenario, scenario_from
from voicelab.scenario.model import (
    Agent,
    Bounds,
    Caller,
    Channel,
    Client,
    FunctionCall,
    Link,
    PlayerOptions,
    Reply,
    Scenario,
)
from voicelab.scenario.override import override
from voicelab.scenario.rules import named_files
from voicelab.scenario.schema import json_schema
from voicelab.scenario.settings import apply_settings

__all__ = [
    "Agent",
    "Bounds",
    "Caller",
    "Channel",
    "Client",
    "FunctionCall",
    "LabelTurn",
    "Labels",
    "Link",
    "Pause",
    "PlayerOptions",
    "Reply",
    "Scenario",
    "Speaker",
    "Speakers",
    "WholeReply",
    "Word",
    "apply_settings",
    "canonical",
    "case_names",
    "find_scenario",
    "json_schema",
    "load_labels",
    "load_scenario",
    "load_words",
    "named_files",
    "override",
    "scenario_from",
    "scenario_names",
]
