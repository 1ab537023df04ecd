"""Labels for a recording that has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.audio.wav import Recording, read_audio
from voicelab.errors import AudioError, MissingPartError
from voicelab.labelling.channel import Channel
from voicelab.labelling.labels import NO_RECOGNISER, Labelling
from voicelab.labelling.notes import notes_on
from voicelab.labelling.parties import UNKNOWN, Parties, parties_of
from voicelab.labelling.turns import find_stretches, find_turns, with_backchannels
from voicelab.labelling.words import recognise_turns
from voicelab.scenario.label_model import (
    Labels,
    LabelTurn,
    Pause,
    Speaker,
    SpeakerName,
    Speakers,
)
from voicelab.speech import make_scorer
from voicelab.speech.stt import Recogniser, make_recogniser
from voicelab.speech.vad import VadScorer

DEFAULT_RECOGNISER = "whisper"
"""It tells when words are said."""

Progress = Callable[[int, int], None]
"""Is told how many turns are done, and of how many."""


def label(
    recording: Path | str,
    *,
    speakers: Mapping[str, int] | None = None,
    recogniser: str | None = None,
    vad: str = "silero",
    progress: Progress | None = None,
) -> Labelling:
    """Label a recording: turns by voice activity, words by a recogniser.

    On two channels each party has its own. On one channel nobody can tell them
    apart: the speaker of each turn is `unknown`, unless it is told whose it is.

    Args:
        recording: a WAV or FLAC file of English speech.
        speakers: the channels of `caller` and `agent`, counted from 0; left out, on
            two channels the first is the caller's.
        recogniser: `whisper`; `moonshine`, which tells no word times; or `none`.
            Left out, it is `whisper` where that is installed.
        vad: `silero`, `silero-onnx`, `webrtc` or `energy`.
        progress: is told of the turns whose words are done.

    Returns:
        The labels, and what is uncertain about them.

    Raises:
        AudioError: the recording cannot be used, or nobody speaks in it.
        LabelError: a speaker or a channel is wrong.
        ScenarioError: there is no such VAD or recogniser.
        MissingPartError: a part that was asked for is not installed.
    """
    file = Path(recording)
    scorer = make_scorer(vad)
    ears, missing = _ears(recogniser)
    first = read_audio(file, channel=0, rate_hz=VAD_RATE_HZ)
    parties = parties_of(speakers or {}, first.channels, file)
    channels = [
        _channel(first, speaker, number, scorer)
        for speaker, number in parties.channels.items()
    ]
    if not any(channel.stretches for channel in channels):
        raise AudioError(
            f"holds no speech that the {vad} VAD hears",
            file=file,
            fix="give another recording or another VAD",
        )
    _find_turns(channels)
    if ears is not None:
        _recognise(channels, ears, progress)
    return Labelling(
        labels=_labels(file, parties, channels, vad, ears),
        notes=notes_on(parties, channels, missing),
        recording=file,
        duration_ms=len(first.samples) * 1_000 / VAD_RATE_HZ,
        recogniser=NO_RECOGNISER if ears is None else ears.name,
        vad=vad,
    )


def _ears(name: str | None) -> tuple[Recogniser | None, MissingPartError | None]:
    """Return the recogniser, and what is missing if the default one is not there."""
    if name == NO_RECOGNISER:
        return None, None
    try:
        return make_recogniser(name or DEFAULT_RECOGNISER), None
    except MissingPartError as missing:
        if name is not None:
            raise
        return None, missing


def _channel(
    first: Recording, speaker: SpeakerName, number: int, scorer: VadScorer
) -> Channel:
    """Return a channel with the speech on it; the first one has been read already."""
    read = first
    if number != first.channel:
        read = read_audio(
            first.path, channel=number, rate_hz=VAD_RATE_HZ, sha256=first.sha256
        )
    return Channel(speaker, read.samples, find_stretches(read.samples, scorer))


def _find_turns(channels: Sequence[Channel]) -> None:
    for channel in channels:
        others = [other for other in channels if other is not channel]
        known = others[0].stretches if others else None
        channel.turns = find_turns(channel.stretches, known)
    found = {channel.speaker: channel.turns for channel in channels}
    for channel in channels:
        for speaker, turns in found.items():
            if speaker != channel.speaker:
                channel.turns = with_backchannels(channel.turns, turns)


def _recognise(
    channels: Sequence[Channel], ears: Recogniser, progress: Progress | None
) -> None:
    total = sum(len(channel.turns) for channel in channels)
    done = 0

    def count(turns: int) -> None:
        nonlocal done
        done += turns
        if progress is not None:
            progress(done, total)

    if progress is not None:
        progress(0, total)
    for channel in channels:
        channel.spoken = recognise_turns(channel.samples, channel.turns, ears, count)


def _labels(
    file: Path,
    parties: Parties,
    channels: Sequence[Channel],
    vad: str,
    ears: Recogniser | None,
) -> Labels:
    turns = [turn for channel in channels for turn in _label_turns(channel)]
    heard = "" if ears is None else f", words by the recogniser {ears.name}"
    known = {
        party: Speaker(channel)
        for party, channel in parties.channels.items()
        if party != UNKNOWN
    }
    return Labels(
        turns=tuple(sorted(turns, key=lambda turn: turn.start_ms)),
        speakers=Speakers(**known),
        audio=file,
        description=f"Labelled by machine: turns by the VAD {vad}{heard}.",
    )


def _label_turns(channel: Channel) -> list[LabelTurn]:
    spoken = channel.spoken
    return [
        LabelTurn(
            speaker=channel.speaker,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            kind=turn.kind,
            text="" if spoken is None else spoken.texts[index],
            words=() if spoken is None else spoken.words[index],
            pauses=tuple(Pause(gap.start_ms, gap.end_ms) for gap in turn.pauses),
        )
        for index, turn in enumerate(channel.turns)
    ]
