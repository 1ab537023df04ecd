"""What a scenario must keep beyond the shape of each value."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from msgspec import UNSET

from voicelab.audio.noises import find_noise
from voicelab.audio.packets import PACKET_MS
from voicelab.document import Document, FieldPath
from voicelab.errors import InputError
from voicelab.faults.rules import check_fault
from voicelab.responders.cascade.profile import find_cascade_profile
from voicelab.responders.cascade.rules import find_rules
from voicelab.responders.profile import find_profile
from voicelab.scenario.cascade_rules import check_stages
from voicelab.scenario.label_rules import check_words
from voicelab.scenario.model import (
    FORMAT_VERSION,
    Bounds,
    Link,
    Reply,
    Scenario,
    ScenarioFile,
)
from voicelab.units import MS_PER_S

_NO_REPLIES = {
    "recorded": "a recorded agent says what it says in the recording",
    "echo": "an echo says what the caller says",
}


class _Find(Protocol):
    """Finds a file by its name or path."""

    def __call__(self, name_or_path: str, /, *, base: Path) -> Path: ...


def check_version(document: Document) -> None:
    """Check that the document says it is a scenario of the known version.

    Raises:
        ScenarioError: it does not.
    """
    if not isinstance(document.data, dict):
        return  # fitting it says so better
    if "voicelab" not in document.data:
        raise document.fault(
            (),
            "the key voicelab, the version of the format, is missing",
            f"add voicelab: {FORMAT_VERSION} at the top",
        )
    version = document.data["voicelab"]
    if version != FORMAT_VERSION or isinstance(version, bool):
        raise document.fault(
            ("voicelab",),
            f"version {version!r} of the scenario format is not known",
            f"this voicelab reads version {FORMAT_VERSION}",
        )


def check_rules(document: Document, scenario: ScenarioFile) -> None:
    """Check what ties values together.

    A scripted agent has replies, a recorded one and an echo have none; a cascade has
    stages that fit together, and nobody else has any. A reply does
    something, and has audio unless the session is of text alone. Words come in
    order and with the audio they are in. Faults strike events that there are.
    Limits are at least one and not crossed. A link that stands still goes on again,
    and packets can be lost as often, in gaps as long, as it is said.

    Raises:
        ScenarioError: one of these does not hold.
    """
    _check_agent(document, scenario)
    for index, fault in enumerate(scenario.faults):
        check_fault(document, ("faults", index), fault)
    for direction in ("uplink", "downlink"):
        link: Link = getattr(scenario.channel, direction)
        _check_link(document, ("channel", direction), link)
    for name, bounds in scenario.expect.items():
        _check_bounds(document, ("expect", name), bounds)


def check_files(document: Document, scenario: ScenarioFile, base: Path) -> None:
    """Check that every file that the scenario names is there.

    Raises:
        ScenarioError: one is not.
    """
    for path, file in named_files(scenario):
        if not file.is_file():
            problem = "is a folder" if file.is_dir() else "does not exist"
            raise document.fault(
                path, f"the file {file} {problem}", "paths are relative to the scenario"
            )
    _check_found(
        document, ("agent", "profile"), find_profile, scenario.agent.profile, base
    )
    stages = scenario.agent.stages
    if stages is not None:
        place: FieldPath = ("agent", "cascade")
        profile, rules = stages.profile, stages.rules
        _check_found(document, (*place, "profile"), find_cascade_profile, profile, base)
        if stages.chat == "rules":
            _check_found(document, (*place, "rules"), find_rules, rules, base)
    noise = scenario.channel.noise
    if noise is not None:
        _check_found(
            document, ("channel", "noise", "audio"), find_noise, noise.audio, base
        )


def named_files(scenario: Scenario | ScenarioFile) -> Iterator[tuple[FieldPath, Path]]:
    """Return the recordings and labels that a scenario names, with their keys.

    The latency profile is not among them (see `find_profile`), nor are the whole
    replies that a label file names.
    """
    yield ("caller", "audio"), scenario.caller.audio
    if scenario.caller.labels is not None:
        yield ("caller", "labels"), scenario.caller.labels
    for index, reply in enumerate(scenario.agent.replies):
        if reply.audio is not None:
            yield ("agent", "replies", index, "audio"), reply.audio


def _check_found(
    document: Document, path: FieldPath, find: _Find, name: str, base: Path
) -> None:
    """Check that what is named, by name or path, is there."""
    try:
        find(name, base=base)
    except InputError as fault:
        problem = fault.problem + (f" ({fault.file})" if fault.file else "")
        raise document.fault(path, problem, fault.fix) from None


def _check_link(document: Document, path: FieldPath, link: Link) -> None:
    bursts, packets = link.bursts, link.packets
    if bursts is not None and bursts.lasts_ms >= bursts.every_s * MS_PER_S:
        raise document.fault(
            (*path, "bursts"),
            f"a link that stands still for {bursts.lasts_ms:g} ms every "
            f"{bursts.every_s:g} s never moves",
            "make every_s longer or lasts_ms shorter",
        )
    if packets is None or packets.burst_ms is None:
        return
    most = packets.burst_ms / (packets.burst_ms + PACKET_MS)
    if packets.loss_rate > most:
        raise document.fault(
            (*path, "packets"),
            f"gaps of {packets.burst_ms:g} ms make up {most:.0%} of the time at most, "
            f"not {packets.loss_rate:.0%}: a packet lies between two of them",
            "lengthen burst_ms, or leave it out",
        )


def _check_agent(document: Document, scenario: ScenarioFile) -> None:
    agent = scenario.agent
    check_stages(document, agent)
    path: FieldPath = ("agent", "replies")
    if agent.responder == "scripted" and not agent.replies:
        raise document.fault(
            path, "a scripted agent has nothing to say", "give at least one reply"
        )
    if agent.responder in _NO_REPLIES and agent.replies:
        raise document.fault(
            path,
            _NO_REPLIES[agent.responder],
            "leave the replies out, or make the responder scripted",
        )
    stages = agent.stages
    speaks = scenario.session is UNSET or scenario.session.speaks
    plays = speaks and (stages is None or stages.tts == "recorded")
    for index, reply in enumerate(agent.replies):
        _check_reply(document, (*path, index), reply, speaks=plays)


def _check_reply(
    document: Document, path: FieldPath, reply: Reply, *, speaks: bool
) -> None:
    says = bool(reply.text) or reply.audio is not None
    if not says and reply.function_call is None:
        raise document.fault(
            path, "this reply says nothing", "give text and audio, or a function_call"
        )
    if says and speaks and reply.audio is None:
        raise document.fault(
            path,
            "this reply has text but no audio",
            'add audio, or let the session have output_modalities: ["text"]',
        )
    if reply.words is not None:
        _check_reply_words(document, (*path, "words"), reply)


def _check_reply_words(document: Document, path: FieldPath, reply: Reply) -> None:
    if reply.audio is None:
        raise document.fault(
            path, "these words have times but no audio", "add the reply's audio"
        )
    check_words(document, path, reply.words or ())


def _check_bounds(document: Document, path: FieldPath, bounds: Bounds) -> None:
    if bounds.min is None and bounds.max is None:
        raise document.fault(path, "this is no limit", "give max, min or both")
    limits = [limit for limit in (bounds.min, bounds.max) if limit is not None]
    if any(low > high for low, high in itertools.pairwise(limits)):
        raise document.fault(
            path, f"nothing is between {bounds.min:g} and {bounds.max:g}", "swap them"
        )
