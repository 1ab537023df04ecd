"""Speech at many speeds, given to recognisers: which words of it can be made out.

A recogniser stands in for a listener, and is none. It says whether the words are in
the sound; it knows nothing of attention, of effort, or of what people are used to.

What is heard
    Answers of the bundled agents (`answer_texts`), spoken by the voices of
    `voicelab.speech.tts`. They are made faster by one of two `LEVERS`: the voice
    speaks faster itself, or its recording is stretched, as `audio.output.speed` does
    it. They come over one of two `LINES`: 24 kHz as it is, or a telephone (G.711
    µ-law at 8 kHz, 300 to 3400 Hz). Noise is where the listener is: behind the line,
    `snr_db` below the speech (active levels, `voicelab.audio.levels`), and for one
    answer from the same place of the recording at every speed.

What is counted
    Word errors by `voicelab.speech.stt.word_errors`, a row for each answer heard. The
    same input gives the same rows; speech and transcripts are kept in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
import numpy as np

from voicelab.audio import Recording, Samples, read_audio, resample
from voicelab.audio.band import TelephoneBand
from voicelab.audio.formats import AudioFormat
from voicelab.audio.levels import active_power, saturated
from voicelab.audio.noises import find_noise
from voicelab.document.shapes import one_of
from voicelab.errors import ModalityError
from voicelab.lab.noise import noise_loop
from voicelab.paths import data_dir
from voicelab.responders.script import Speech
from voicelab.scenario import load_labels
from voicelab.speech.stt import (
    RECOGNISER_NAMES,
    Recogniser,
    make_recogniser,
    normalised_words,
    word_errors,
)
from voicelab.speech.tts import MAX_SPEED, MIN_SPEED, Synthesised, Voice, make_voice
from voicelab.units import ms_to_samples

if TYPE_CHECKING:
    import pandas as pd

Lever: TypeAlias = Literal["voice", "stretch"]
Line: TypeAlias = Literal["wide", "telephone"]

LEVERS: tuple[Lever, ...] = ("voice", "stretch")
LINES: tuple[Line, ...] = ("wide", "telephone")
LISTENING_SPEEDS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
LISTENING_VOICES = ("heart", "joe")
SNRS_DB = (None, 10.0)
NOISE = "cafe"

FEWEST_WORDS, MOST_WORDS = 13, 24
"""Of an answer that is heard: long enough for a sentence, short enough to keep one."""

_HEARD_AT_HZ = 16_000
_AROUND_MS = 500


class Listened(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, heard once.

    Attributes:
        speed: how many times as fast as the voice speaks by itself.
        lever: what made it so fast: `voice` or `stretch`.
        voice: who speaks.
        line: `wide` or `telephone`.
        snr_db: how far the noise lies below the speech; None without any.
        recogniser: who listens.
        answer: which answer, such as `dentist/8`: the eighth turn of a conversation.
        spoken_words: its words as they are written.
        spoken_s: from the first of them to the end of the last.
        words: its words as they are compared, numbers as digits.
        errors: words replaced, dropped and added.
        dropped: how many of them were not heard at all.
    """

    speed: float
    lever: str
    voice: str
    line: str
    snr_db: float | None
    recogniser: str
    answer: str
    spoken_words: int
    spoken_s: float
    words: int
    errors: int
    dropped: int


def answer_texts() -> dict[str, str]:
    """Return what bundled agents say in 13 to 24 words, uncut, by answer.

    Raises:
        InputError: the bundled data is missing.
    """
    return {
        f"{file.stem}/{number}": turn.text
        for file in sorted((data_dir() / "conversations").glob("*.json"))
        if ".reply-" not in file.name
        for number, turn in enumerate(load_labels(file).turns, start=1)
        if turn.speaker == "agent"
        and "cut_short" not in turn.tags
        and FEWEST_WORDS <= len(turn.text.split()) <= MOST_WORDS
    }


def listen(
    answers: Mapping[str, str] | None = None,
    speeds: Sequence[float] = LISTENING_SPEEDS,
    *,
    voices: Sequence[Voice | str] = LISTENING_VOICES,
    levers: Sequence[Lever] = LEVERS,
    lines: Sequence[Line] = LINES,
    snrs_db: Sequence[float | None] = SNRS_DB,
    recognisers: Sequence[Recogniser | str] = RECOGNISER_NAMES,
    noise: str = NOISE,
    seed: int = 0,
) -> pd.DataFrame:
    """Let recognisers hear answers, each at every speed in every condition.

    All of it takes a quarter of an hour and more on one core; `bundled_listening` has
    it ready, but for some of the slower recogniser's.

    Args:
        answers: texts by name; left out, `answer_texts`.
        speeds: between 0.5 and 2.
        voices: names of voices, or voices.
        levers: what makes them faster.
        lines: what they come over.
        snrs_db: how far the noise lies below the speech; None for none.
        recognisers: names of recognisers, or recognisers.
        noise: the name of a bundled noise, or the path of a recording.
        seed: decides where in the noise an answer lies.

    Returns:
        A row for each combination, sorted by what was given first; the columns are
        those of `Listened`.

    Raises:
        ModalityError: a speed, a lever or a line is none, or an answer has no word
            that can be said.
        ScenarioError: there is no voice or recogniser of a name.
        MissingPartError: the extra that brings one is not installed.
        AudioError: the noise cannot be read.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    _check(speeds, levers, lines)
    ears = [
        make_recogniser(ear) if isinstance(ear, str) else ear for ear in recognisers
    ]
    mouths = [make_voice(each) if isinstance(each, str) else each for each in voices]
    texts = answer_texts() if answers is None else answers
    recording = read_audio(find_noise(noise), channel=0, rate_hz=_HEARD_AT_HZ)
    rows = [
        _heard(said, line, snr_db, sound, ear)
        for said in _said(texts, mouths, levers, speeds)
        for line, snr_db in product(lines, snrs_db)
        for sound in [_over(said, line, snr_db, recording, seed)]
        for ear in ears
    ]
    return table(rows, Listened)


def with_noise(sound: Samples, noise: Recording, snr_db: float, place: str) -> Samples:
    """Return 16 kHz audio with noise below it, from a place drawn by a name.

    Raises:
        AudioError: the noise is silent.
    """
    loop = noise_loop(noise, active_power(sound, _HEARD_AT_HZ), snr_db, place)
    return saturated(sound + loop.take(0, len(sound)))[0]


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer as the agent says it; what is stretched is not stretched yet."""

    name: str
    text: str
    voice: Voice
    lever: Lever
    speed: float
    speech: Synthesised

    @property
    def stretched_by(self) -> float:
        return self.speed if self.lever == "stretch" else 1.0


def _said(
    texts: Mapping[str, str],
    voices: Sequence[Voice],
    levers: Sequence[Lever],
    speeds: Sequence[float],
) -> Iterator[_Said]:
    for voice, lever, speed in product(voices, levers, map(float, speeds)):
        for name, text in texts.items():
            own = speed if lever == "voice" else 1.0
            speech = voice.synthesise(text, own)
            yield _Said(name, text, voice, lever, speed, speech)


def _over(
    said: _Said, line: Line, snr_db: float | None, noise: Recording, seed: int
) -> Samples:
    """Return what the listener hears, with some silence around: 16 kHz."""
    wire = AudioFormat.PCMU if line == "telephone" else AudioFormat.PCM
    speech = Speech(said.speech.samples, said.speech.rate_hz)
    received = wire.decode(wire.encode(speech.at(wire.rate_hz, said.stretched_by)))
    sound = np.pad(received, ms_to_samples(_AROUND_MS, wire.rate_hz))
    if line == "telephone":
        sound = TelephoneBand(wire.rate_hz).process(sound)
    sound = resample(sound, wire.rate_hz, _HEARD_AT_HZ)
    if snr_db is None:
        return sound
    return with_noise(sound, noise, snr_db, f"{seed}/{said.name}")


def _heard(
    said: _Said, line: Line, snr_db: float | None, sound: Samples, ear: Recogniser
) -> Listened:
    wrong = word_errors(said.text, ear.recognise(sound).text)
    return Listened(
        speed=said.speed,
        lever=said.lever,
        voice=said.voice.name,
        line=line,
        snr_db=snr_db,
        recogniser=ear.name,
        answer=said.name,
        spoken_words=len(said.text.split()),
        spoken_s=_spoken_s(said),
        words=wrong.words,
        errors=wrong.errors,
        dropped=wrong.deletions,
    )


def _spoken_s(said: _Said) -> float:
    """Return from the first word's onset to the last one's end, as it is heard.

    Raises:
        ModalityError: there is no such word.
    """
    spoken = [word for word in said.speech.words if word.is_spoken]
    if not spoken or not normalised_words(said.text):
        raise ModalityError(
            f"nothing of the answer {said.name!r} can be said",
            fix="give English text with a word in it",
        )
    samples = spoken[-1].end_samples - spoken[0].start_samples
    return samples / said.speech.rate_hz / said.stretched_by


def _check(
    speeds: Sequence[float], levers: Sequence[str], lines: Sequence[str]
) -> None:
    for speed in speeds:
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ModalityError(
                f"a speed of {speed:g} is not between {MIN_SPEED:g} and {MAX_SPEED:g}",
                fix="give what the voices can speak at",
            )
    for what, given, known in (("lever", levers, LEVERS), ("line", lines, LINES)):
        for each in given:
            if each not in known:
                raise ModalityError(
                    f"there is no {what} {each!r}", fix=f"give {one_of(known)}"
                )
