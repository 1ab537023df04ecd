"""Everything a scenario needs from disk, read, checked and cut to size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicelab.audio.formats import AudioFormat
from voicelab.audio.noises import find_noise
from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.audio.wav import Recording, audio_duration_ms, read_audio
from voicelab.errors import AudioError, LabelError, ScenarioError
from voicelab.lab.mouth import Background, longest_quiet
from voicelab.lab.noise import NoiseLoop, noise_loop, speech_power
from voicelab.lab.relations import agent_opens, floor_turns
from voicelab.lab.stages import StageMaterials, gather_stages
from voicelab.lab.turns import CallerTurn, turns_by_vad, turns_from_labels
from voicelab.responders.profile import LatencyProfile, find_profile, load_profile
from voicelab.responders.script import (
    FunctionCall,
    ScriptedReply,
    Speech,
    TimedWord,
)
from voicelab.scenario.label_model import Labels, LabelTurn, Word
from voicelab.scenario.label_rules import TOLERANCE_MS
from voicelab.scenario.labels import check_speakers, load_labels
from voicelab.scenario.model import Reply, Scenario
from voicelab.session.config import SessionConfig
from voicelab.speech.scorers import make_scorer
from voicelab.units import ms_to_samples, samples_to_ms

CODECS = {
    "pcm": AudioFormat.PCM,
    "pcmu": AudioFormat.PCMU,
    "pcma": AudioFormat.PCMA,
}


@dataclass(frozen=True)
class Materials:
    """What one run is made of.

    Attributes:
        session: the session object to send.
        uplink: the caller's audio on the wire.
        downlink: the agent's audio on the wire.
        recording: the caller's channel, whole, at the uplink's rate, if the drive
            plays it whole; None if it is played turn by turn.
        recording_ms: how long the recording is.
        turns: the caller's turns.
        background: what is heard between turns.
        agent_opens: whether the agent is to speak first.
        replies: what the agent can say.
        reply_after: for a recorded agent: the reply that follows each caller turn,
            None where none does.
        functions: what the functions that it calls return, as JSON, by name.
        profile: how fast the agent is.
        inputs: SHA-256 of every file that was read, by name.
        reference: where the caller's turns come from: `labels` or `vad`.
        noise: what sounds around the caller; None for nothing.
        stages: what the agent goes through; None if it is no cascade.
        echoes: whether the agent plays the caller's turns back.
        render: brings a reply's speech to the wire's rate.
        at_rate: brings a turn of the caller to the wire's rate.
    """

    session: dict[str, Any]
    uplink: AudioFormat
    downlink: AudioFormat
    recording: Samples | None
    recording_ms: float
    turns: tuple[CallerTurn, ...]
    background: Background
    agent_opens: bool
    replies: tuple[ScriptedReply, ...]
    reply_after: tuple[int | None, ...] | None
    functions: dict[str, str]
    profile: LatencyProfile
    inputs: dict[str, str]
    reference: str
    noise: NoiseLoop | None = None
    stages: StageMaterials | None = None
    echoes: bool = False
    render: Callable[[Speech, int, float], Samples] = Speech.at
    at_rate: Callable[[CallerTurn, int], CallerTurn] = CallerTurn.at_rate


def gather(scenario: Scenario) -> Materials:
    """Read what a scenario names.

    Raises:
        InputError: a file is missing or wrong; nothing has been written yet.
    """
    return gather_for(scenario, wire_of(scenario))


@dataclass(frozen=True)
class Wire:
    """What a scenario says of the session, and nothing of its files.

    Attributes:
        session: the session object to send.
        uplink: the caller's audio on the wire.
        downlink: the agent's audio on the wire.
    """

    session: dict[str, Any]
    uplink: AudioFormat
    downlink: AudioFormat


def wire_of(scenario: Scenario) -> Wire:
    """Return what a scenario says of the session.

    Raises:
        ScenarioError: the session names another format than the codec.
    """
    session = session_object(scenario)
    config = SessionConfig()
    config.update(session)
    return Wire(session, config.input_format, config.output_format)


def gather_for(scenario: Scenario, wire: Wire) -> Materials:
    """Read what a scenario names, for a session that is known already.

    Raises:
        InputError: as `gather`.
    """
    inputs = _Inputs()
    caller = scenario.caller
    labels = _labels(scenario, inputs)
    replies, reply_after = _agent(scenario, labels, inputs)
    # a recording that is played whole is wanted at the wire's rate; one that is
    # played turn by turn stays at its own, and each turn is resampled in its time
    fixed = caller.drive == "fixed"
    rate_hz = wire.uplink.rate_hz if fixed else None
    recording = inputs.read(caller.audio, caller.channel, rate_hz)
    recording_ms = samples_to_ms(len(recording.samples), recording.rate_hz)
    turns = _turns(scenario, recording, labels)
    stages = gather_stages(scenario.agent)
    for file in () if stages is None else stages.files:
        inputs.note(file)
    profile = load_profile(scenario.agent.profile)
    inputs.note(find_profile(scenario.agent.profile))
    busy = [_extent(turn) for turn in turns]
    if labels is not None and recording.channels == 1:  # the agent is on it, too
        busy = sorted(busy + _heard_agent(labels, recording.rate_hz))
    quiet = longest_quiet(recording.samples, recording.rate_hz, busy)
    return Materials(
        session=wire.session,
        uplink=wire.uplink,
        downlink=wire.downlink,
        recording=recording.samples if fixed else None,
        recording_ms=recording_ms,
        turns=tuple(turns),
        background=Background(resample(quiet, recording.rate_hz, wire.uplink.rate_hz)),
        agent_opens=labels is not None and agent_opens(labels),
        replies=tuple(replies),
        reply_after=reply_after,
        functions=_functions(scenario) | ({} if stages is None else stages.functions),
        profile=profile,
        inputs=inputs.hashes,
        reference="vad" if labels is None else "labels",
        noise=_noise(scenario, turns, wire.uplink.rate_hz, inputs),
        stages=stages,
        echoes=scenario.agent.responder == "echo",
    )


def session_object(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario's session object, with the codec's formats filled in.

    Raises:
        ScenarioError: the session names another format than the codec.
    """
    session: dict[str, Any] = json.loads(json.dumps(scenario.session))
    session.setdefault("type", "realtime")
    codec = CODECS[scenario.channel.codec]
    if codec is AudioFormat.PCM:
        return session
    audio = session.setdefault("audio", {})
    for direction in ("input", "output"):
        wire = audio.setdefault(direction, {}).setdefault(
            "format", {"type": codec.value}
        )
        if wire["type"] != codec.value:
            raise ScenarioError(
                f"the session says {wire['type']} and the channel says "
                f"{scenario.channel.codec}",
                file=scenario.source,
                path=f"session.audio.{direction}.format",
                fix="leave one of them out",
            )
    return session


class _Inputs:
    """The files that a scenario is made of, each hashed once."""

    def __init__(self) -> None:
        self.hashes: dict[str, str] = {}
        self._by_path: dict[Path, str] = {}

    def read(
        self, path: Path, channel: int | None, rate_hz: int | None = None
    ) -> Recording:
        """Read a recording; by default at its own rate."""
        known = self._by_path.get(path)
        recording = read_audio(path, channel=channel, rate_hz=rate_hz, sha256=known)
        self._keep(path, recording.sha256)
        return recording

    def note(self, path: Path) -> None:
        """Take note of a file that something else reads."""
        self._keep(path, hashlib.sha256(path.read_bytes()).hexdigest())

    def _keep(self, path: Path, sha256: str) -> None:
        """Other files of the same name are told apart."""
        self._by_path[path] = sha256
        number, key = 1, path.name
        while self.hashes.get(key, sha256) != sha256:
            number += 1
            key = f"{path.name} ({number})"
        self.hashes[key] = sha256


# -- the caller ---------------------------------------------------------------


def _labels(scenario: Scenario, inputs: _Inputs) -> Labels | None:
    path = scenario.caller.labels
    if path is None:
        return None
    labels = load_labels(path, duration_ms=audio_duration_ms(scenario.caller.audio))
    check_speakers(labels, path)
    inputs.note(path)
    return labels


def _turns(
    scenario: Scenario, recording: Recording, labels: Labels | None
) -> list[CallerTurn]:
    samples, rate_hz = recording.samples, recording.rate_hz
    if labels is not None:
        return turns_from_labels(samples, rate_hz, labels)
    turns = turns_by_vad(
        samples,
        rate_hz,
        make_scorer(scenario.agent.vad),
        reply_gap_ms=scenario.caller.reply_gap_ms,
    )
    if not turns:
        raise AudioError(
            f"holds no speech that the {scenario.agent.vad} VAD hears",
            file=scenario.caller.audio,
            fix="give labels, another recording or another channel",
        )
    return turns


def _noise(
    scenario: Scenario, turns: Sequence[CallerTurn], rate_hz: int, inputs: _Inputs
) -> NoiseLoop | None:
    """Return the noise around the caller; of a stereo recording, the first channel."""
    told = scenario.channel.noise
    if told is None:
        return None
    recording = inputs.read(find_noise(told.audio), 0, rate_hz)
    power = speech_power(turns, rate_hz)
    return noise_loop(recording, power, told.snr_db, str(scenario.seed))


def _extent(turn: CallerTurn) -> tuple[int, int]:
    onset = ms_to_samples(turn.recorded_ms, turn.rate_hz)
    start = onset - turn.onset_samples
    return start, start + len(turn.clip)


def _heard_agent(labels: Labels, rate_hz: int) -> list[tuple[int, int]]:
    return [
        (ms_to_samples(turn.start_ms, rate_hz), ms_to_samples(turn.end_ms, rate_hz))
        for turn in labels.agent_turns()
    ]


# -- the agent ----------------------------------------------------------------


def _agent(
    scenario: Scenario, labels: Labels | None, inputs: _Inputs
) -> tuple[list[ScriptedReply], tuple[int | None, ...] | None]:
    if not scenario.agent.says_recorded:
        replies = [_scripted(reply, inputs) for reply in scenario.agent.replies]
        return replies, None
    turns = () if labels is None else floor_turns(labels)
    if labels is None or not turns:
        raise ScenarioError(
            "a recorded agent needs labels that hold its turns",
            file=scenario.source,
            path="agent.responder",
            fix="give caller.labels, or replies of its own",
        )
    recording = _agent_channel(scenario, labels, inputs)
    replies = [_recorded(turn, recording, inputs) for turn in turns]
    after = tuple(_reply_after(turn, turns) for turn in labels.caller_turns())
    return replies, after


def _agent_channel(scenario: Scenario, labels: Labels, inputs: _Inputs) -> Recording:
    """Read the channel on which the agent is heard."""
    caller = scenario.caller
    speaker = labels.speakers.agent
    if speaker is not None:
        channel: int | None = speaker.channel
    else:
        channel = None if caller.channel is None else 1 - caller.channel
    return inputs.read(caller.audio, channel)


def _scripted(reply: Reply, inputs: _Inputs) -> ScriptedReply:
    speech = None
    if reply.audio is not None:
        recording = inputs.read(reply.audio, None)
        speech = _speech(recording, reply.words or ())
    call = None
    if reply.function_call is not None:
        arguments = json.dumps(reply.function_call.arguments)
        call = FunctionCall(reply.function_call.name, arguments)
    return ScriptedReply(reply.text, speech, call)


def _functions(scenario: Scenario) -> dict[str, str]:
    """Return what each function returns; called twice, it returns the last."""
    calls = (reply.function_call for reply in scenario.agent.replies)
    return {call.name: json.dumps(call.output) for call in calls if call is not None}


def _recorded(turn: LabelTurn, recording: Recording, inputs: _Inputs) -> ScriptedReply:
    """Return what the agent said, or meant to say, in a turn."""
    if turn.reply is not None:
        whole = inputs.read(turn.reply.audio, None)
        return ScriptedReply(turn.reply.text, _speech(whole, turn.reply.words))
    rate_hz = recording.rate_hz
    start = ms_to_samples(turn.start_ms, rate_hz)
    end = ms_to_samples(turn.end_ms, rate_hz)
    clip = recording.samples[start:end].copy()  # lets go of the whole recording
    words = tuple(_timed(word, turn.start_ms) for word in turn.words)
    return ScriptedReply(turn.text, Speech(clip, rate_hz, words))


def _speech(recording: Recording, words: Sequence[Word]) -> Speech:
    """Return a reply's recording with its words, all of which lie in it."""
    samples, rate_hz = recording.samples, recording.rate_hz
    length_ms = samples_to_ms(len(samples), rate_hz)
    for word in words:
        if word.end_ms > length_ms + TOLERANCE_MS:
            raise LabelError(
                f"the word {word.text!r} ends at {word.end_ms:g} ms, but the audio at "
                f"{length_ms:g} ms",
                file=recording.path,
                fix="the words of a reply must lie inside its audio",
            )
    return Speech(samples, rate_hz, tuple(_timed(word) for word in words))


def _timed(word: Word, since_ms: float = 0.0) -> TimedWord:
    return TimedWord(word.text, word.start_ms - since_ms, word.end_ms - since_ms)


def _reply_after(caller: LabelTurn, agent: tuple[LabelTurn, ...]) -> int | None:
    """Return which agent turn answers a caller turn.

    A backchannel answers nothing: if the agent takes it for a turn, it says again
    what it was saying.
    """
    for index, turn in enumerate(agent):
        within = turn.start_ms <= caller.start_ms < turn.end_ms
        if turn.start_ms > caller.start_ms or (within and caller.kind == "backchannel"):
            return index
    return None
