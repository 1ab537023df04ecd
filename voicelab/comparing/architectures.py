"""Architectures by name: one model that hears and speaks, or a pipeline of three.

An architecture is named by its profile: a latency profile is that of a
speech-to-speech model, a cascade profile that of a stitched pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from voicelab.document import close_names, read_document
from voicelab.errors import ProfileError, ScenarioError
from voicelab.paths import is_path
from voicelab.responders.cascade import (
    cascade_profile_names,
    find_cascade_profile,
    load_cascade_profile,
)
from voicelab.responders.profile import find_profile, load_profile, profile_names
from voicelab.scenario.model import Agent

Kind = Literal["speech_to_speech", "cascade"]

ARCHITECTURES = (
    "measured-median",
    "published-gpt-realtime-1.5",
    "published-nova-2-sonic",
    "published-gpt-realtime",
    "published-gemini-live",
    "published-grok-voice",
    "cascade-typical",
)
"""What is compared unless others are named: six models and one pipeline."""

_CASCADE_KEY = "voicelab_cascade_profile"


@dataclass(frozen=True)
class Architecture:
    """What stands between the caller's turn and the answer.

    Attributes:
        name: what it is called in tables: the name of its profile.
        kind: `speech_to_speech` or `cascade`.
        modelled: whether its numbers are modelled rather than measured.
        source: where they come from.
        profile: the profile, by bundled name or path.
    """

    name: str
    kind: Kind
    modelled: bool
    source: str
    profile: str

    def agent(self, present: Agent) -> Mapping[str, Any]:
        """Return what to change in a scenario's agent, so that it is this one.

        A pipeline keeps the scenario's stages and takes the profile's times. A model
        says what the scenario's agent does without any.

        Args:
            present: the scenario's agent.

        Raises:
            ScenarioError: what it says is only worked out in its stages.
        """
        stages = present.stages
        if self.kind == "cascade":
            kept = "cascade" if stages is None else present.responder
            return {"responder": kept, "cascade": {"profile": self.profile}}
        if stages is None:
            return {"profile": self.profile}
        if stages.chat != "replies":
            raise ScenarioError(
                f"nobody recorded what {stages.chat} answers, so that {self.name} "
                "could say it",
                fix="compare scenarios whose agent says its replies",
            )
        kept = "scripted" if present.replies else "recorded"
        return {"responder": kept, "profile": self.profile, "cascade": None}


def find_architecture(name_or_path: str) -> Architecture:
    """Return an architecture by the name or the path of its profile.

    A relative path is relative to the working folder.

    Raises:
        ProfileError: there is no such profile, or it is wrong; the error names file,
            line and key.
        InputError: the bundled data is missing.
    """
    if _is_cascade(name_or_path):
        path = _absolute(name_or_path, find_cascade_profile(name_or_path))
        staged = load_cascade_profile(path)
        return Architecture(
            staged.name, "cascade", staged.modelled, staged.source, path
        )
    path = _absolute(name_or_path, find_profile(name_or_path))
    profile = load_profile(path)
    return Architecture(
        profile.name, "speech_to_speech", profile.modelled, profile.source, path
    )


def _is_cascade(name_or_path: str) -> bool:
    if is_path(name_or_path):
        data = read_document(find_profile(name_or_path), ProfileError).data
        return isinstance(data, dict) and _CASCADE_KEY in data
    staged, whole = cascade_profile_names(), profile_names()
    if name_or_path not in {*staged, *whole}:
        known = [*whole, *staged]
        raise ProfileError(
            f"there is no architecture named {name_or_path!r}",
            fix=close_names(name_or_path, known) or f"known: {', '.join(known)}",
        )
    return name_or_path in staged


def _absolute(name_or_path: str, file: Path) -> str:
    """Return a bundled name as it is: a scenario's paths are relative to its file."""
    return str(file.resolve()) if is_path(name_or_path) else name_or_path
