"""The conversations of a curve: labelled recordings, as scenarios or by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from voicelab.audio.wav import read_audio
from voicelab.errors import AudioError, CurveError, LabelError, ScenarioError
from voicelab.scenario.label_model import Labels
from voicelab.scenario.labels import check_speakers, load_labels
from voicelab.scenario.library import find_scenario
from voicelab.scenario.load import load_scenario, scenario_from
from voicelab.scenario.model import Scenario
from voicelab.scenario.override import override

Named: TypeAlias = Scenario | Path | str

UNKNOWN_SPEAKER = "unknown"
"""The speaker of a conversation whose labels do not say whose voice it is."""

_SOUNDS = (".wav", ".flac")


@dataclass(frozen=True)
class Conversation:
    """One labelled recording of a caller.

    Attributes:
        name: the scenario's name; a second one of that name has its number behind it.
        speaker: the caller's voice, by the labels.
        scenario: what is played, at the recording's own times.
    """

    name: str
    speaker: str
    scenario: Scenario


def find_conversations(named: Named | Iterable[Named]) -> list[Conversation]:
    """Return the conversations that are meant, each checked, in their order.

    Args:
        named: one or more of: a scenario, a scenario file, a bundled scenario's name,
            a folder of scenario files, a folder of labelled recordings.

    Raises:
        CurveError: nothing is named, or a folder holds nothing of use.
        LabelError: a conversation has no labels, or they cannot be used, or name no
            turn of the caller.
        ScenarioError: a scenario cannot be used, or the caller hears an echo.
        AudioError: labels lack their recording, or the agent is on the caller's track.
    """
    several = [named] if isinstance(named, Scenario | Path | str) else list(named)
    scenarios = [scenario for each in several for scenario in _scenarios(each)]
    if not scenarios:
        raise CurveError(
            "no conversation is named", fix="name scenarios, or a folder of recordings"
        )
    counted: Counter[str] = Counter()
    found = []
    for scenario in scenarios:
        counted[scenario.name] += 1
        again = counted[scenario.name]
        name = scenario.name if again == 1 else f"{scenario.name} ({again})"
        found.append(_conversation(name, scenario))
    return found


def _scenarios(named: Named) -> Iterator[Scenario]:
    if isinstance(named, Scenario):
        yield named
    elif Path(named).is_dir():
        yield from _in_folder(Path(named))
    else:
        yield load_scenario(find_scenario(named))


def _in_folder(folder: Path) -> Iterator[Scenario]:
    files = sorted(folder.glob("*.y*ml"))
    if files:
        yield from map(load_scenario, files)
        return
    labelled = {
        file: load_labels(file)
        for file in sorted(folder.glob("*.json"))
        if _may_be_labels(file)
    }
    _check_no_recording_is_left(folder, labelled)
    if not labelled:
        raise CurveError(
            "this folder holds neither scenarios nor labelled recordings",
            file=folder,
            fix="put *.yaml files into it, or recordings with a label file each",
        )
    for file, labels in labelled.items():
        yield _recorded(file, labels)


def _may_be_labels(file: Path) -> bool:
    """Whether a JSON file is meant as labels: it says so, or cannot be read."""
    try:
        data = msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
        return True  # reading it as labels tells what is wrong
    return isinstance(data, dict) and "voicelab_labels" in data


def _check_no_recording_is_left(folder: Path, labelled: dict[Path, Labels]) -> None:
    """Refuse a recording that nothing describes: left out unseen, it would be missed.

    Raises:
        LabelError: there is one.
    """
    used = {_sound_of(file, labels) for file, labels in labelled.items()}
    for labels in labelled.values():
        used |= {turn.reply.audio for turn in labels.turns if turn.reply is not None}
    for sound in sorted(folder.iterdir()):
        described = sound in used or sound.with_suffix(".json").exists()
        if sound.suffix.lower() in _SOUNDS and not described:
            raise LabelError(
                "this recording has no labels",
                file=sound,
                fix=f"add {sound.stem}.json, or take the recording out of the folder",
            )


def _sound_of(file: Path, labels: Labels) -> Path:
    if labels.audio is not None:
        return labels.audio
    beside = [file.with_suffix(suffix) for suffix in _SOUNDS]
    return next((sound for sound in beside if sound.exists()), beside[0])


def _recorded(file: Path, labels: Labels) -> Scenario:
    """Return the scenario of a labelled recording; nobody asks for its agent."""
    sound = _sound_of(file, labels)
    if not sound.is_file():
        raise AudioError(
            "there is no such recording",
            file=sound,
            fix=f"{file.name} labels it: put it there, or name another under audio",
        )
    speaker = labels.speakers.caller
    caller = {
        "audio": str(sound.absolute()),
        "channel": None if speaker is None else speaker.channel,
        "labels": str(file.absolute()),
    }
    mapping = {
        "voicelab": 1,
        "name": file.stem,
        "caller": caller,
        "agent": {"responder": "scripted", "replies": [{"text": "-"}]},
        "session": {"type": "realtime", "output_modalities": ["text"]},
    }
    return scenario_from(mapping, file.parent, source=file.absolute())


def _conversation(name: str, scenario: Scenario) -> Conversation:
    if scenario.channel.echo is not None:
        raise ScenarioError(
            "what the caller's microphone picks up of the agent is not known before "
            "the agent has spoken, so there is no operating curve with an echo",
            file=scenario.source or scenario.name,
            path="channel.echo",
            fix="leave the echo out, or compare whole runs",
        )
    file = scenario.caller.labels
    if file is None:
        raise LabelError(
            "there are no labels to tell when the caller speaks",
            file=scenario.source or scenario.name,
            path="caller.labels",
            fix="label the recording's turns: a curve measures against them",
        )
    labels = load_labels(file)
    check_speakers(labels, file)
    if not any(turn.kind == "turn" for turn in labels.caller_turns()):
        raise LabelError(
            "the labels hold no turn of the caller",
            file=file,
            path="turns",
            fix="label at least one turn with speaker: caller and kind: turn",
        )
    _check_caller_is_alone(scenario, labels)
    speaker = labels.speakers.caller
    voice = "" if speaker is None else speaker.voice
    fixed = override(scenario, caller={"drive": "fixed"})
    return Conversation(name, voice or UNKNOWN_SPEAKER, fixed)


def _check_caller_is_alone(scenario: Scenario, labels: Labels) -> None:
    """Refuse a mix of both parties: a detector takes the agent for the caller, too.

    Raises:
        AudioError: the agent speaks on the only track.
    """
    caller = scenario.caller
    if not labels.agent_turns():
        return
    if read_audio(caller.audio, channel=caller.channel).channels == 1:
        raise AudioError(
            "the agent speaks on the only track, and a detector would take that for "
            "the caller",
            file=caller.audio,
            fix="give a track of the caller alone, or take the agent's turns out of "
            "the labels if they are not on it",
        )
