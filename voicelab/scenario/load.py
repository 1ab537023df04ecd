"""Reading scenarios: from a file, or from a mapping built in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from voicelab.audio.noises import is_noise_path
from voicelab.document import Document, document_of, fit, paths_from, read_document
from voicelab.document.shapes import value_at
from voicelab.errors import ScenarioError
from voicelab.paths import is_path
from voicelab.scenario import rules
from voicelab.scenario.labels import load_words
from voicelab.scenario.model import Agent, Channel, Scenario, ScenarioFile
from voicelab.scenario.settings import with_settings


def load_scenario(path: Path | str, settings: Iterable[str] = ()) -> Scenario:
    """Read a scenario file.

    Args:
        path: a YAML or JSON file.
        settings: changes as `--set` takes them, such as `client.frame_ms=40`;
            they count as if they stood in the file.

    Raises:
        ScenarioError: the file cannot be read, is no scenario, names a file that
            is not there, or a setting is wrong. It names file, line and key,
            says what is wrong and what would be right.
        LabelError: a file of a reply's words is wrong.
    """
    file = Path(path)
    document = with_settings(read_document(file, ScenarioError), settings)
    return _build(document, file.absolute().parent, file.absolute())


def scenario_from(
    mapping: Mapping[str, Any], base: Path, *, source: Path | None = None
) -> Scenario:
    """Return the scenario that a mapping describes; the mapping is not kept.

    Args:
        mapping: what a scenario file would hold; paths, tuples and NumPy scalars
            may stand for text, lists and numbers.
        base: the folder that relative paths are relative to.
        source: the file that the scenario is known by.

    Raises:
        ScenarioError, LabelError: as `load_scenario`, without file and line.
    """
    return _build(document_of(mapping, ScenarioError), base.absolute(), source)


def _build(document: Document, base: Path, source: Path | None) -> Scenario:
    rules.check_version(document)
    document = _with_words(document, base)
    written = fit(document, ScenarioFile, hook=paths_from(base))
    rules.check_rules(document, written)
    rules.check_files(document, written, base)
    fields = structs.asdict(written)
    fields["agent"] = _with_profile_path(written.agent, base)
    fields["channel"] = _with_noise_path(written.channel, base)
    fields["session"] = document.data.get("session", {"type": "realtime"})
    return Scenario(**fields, base=base, source=source)


def _with_words(document: Document, base: Path) -> Document:
    """Read the words of replies that name a file of them."""
    replies = value_at(document.data, ("agent", "replies"))
    if not isinstance(replies, list):
        return document
    read = [
        _reply_with_words(reply, base, document, i) for i, reply in enumerate(replies)
    ]
    agent = {**document.data["agent"], "replies": read}
    return replace(document, data={**document.data, "agent": agent})


def _reply_with_words(reply: Any, base: Path, document: Document, index: int) -> Any:
    words = value_at(reply, ("words",))
    if not isinstance(words, str):
        return reply
    file = base / words
    if not file.is_file():
        raise document.fault(
            ("agent", "replies", index, "words"),
            f"the file {file} does not exist",
            "paths are relative to the scenario",
        )
    return {**reply, "words": [structs.asdict(word) for word in load_words(file)]}


def _with_profile_path(agent: Agent, base: Path) -> Agent:
    stages = agent.cascade
    if stages is not None:
        found = {key: _from(base, getattr(stages, key)) for key in ("profile", "rules")}
        stages = structs.replace(stages, **found)
    return structs.replace(agent, profile=_from(base, agent.profile), cascade=stages)


def _from(base: Path, name_or_path: str) -> str:
    """Return a path as seen from the scenario, and a name as it is."""
    return str(base / name_or_path) if is_path(name_or_path) else name_or_path


def _with_noise_path(channel: Channel, base: Path) -> Channel:
    noise = channel.noise
    if noise is None or not is_noise_path(noise.audio):
        return channel
    found = structs.replace(noise, audio=str(base / noise.audio))
    return structs.replace(channel, noise=found)
