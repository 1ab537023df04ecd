"""The third stage: clauses become sound."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from voicelab.errors import InputError
from voicelab.responders.cascade.parts import Clause, ClauseAudio
from voicelab.responders.script import Speech, TimedWord
from voicelab.responders.scripted import Render
from voicelab.session.reply import Samples, SpokenWord
from voicelab.units import samples_to_ms

if TYPE_CHECKING:
    from voicelab.speech.tts import Voice

NOTHING = np.empty(0, dtype=np.int16)


class RecordedMouth:
    """Plays the recordings of the replies, clause by clause.

    All clauses of a reply together are its recording, sample for sample.

    Args:
        render: returns a reply's audio at a rate and speed.
    """

    name = "recorded"
    identity = "recorded"
    is_stand_in = True

    def __init__(self, render: Render = Speech.at) -> None:
        self._render = render
        self._last: tuple[Speech, int, float, Samples] | None = None

    def say(self, clause: Clause, rate_hz: int, speed: float) -> ClauseAudio:
        """Return a clause's stretch of the recording.

        Raises:
            InputError: there is no recording of it.
        """
        recorded = clause.recorded
        if recorded is None:
            raise InputError(
                f"there is no recording of {clause.text!r}",
                fix="give the agent a voice",
            )
        samples = self._whole(recorded.speech, rate_hz, speed)
        words = recorded.speech.spoken_words(rate_hz, speed)
        start = words[recorded.first].start_samples if recorded.first else 0
        is_last = recorded.end >= len(words)
        end = len(samples) if is_last else words[recorded.end].start_samples
        inside = tuple(
            SpokenWord(word.text, word.start_samples - start, word.end_samples - start)
            for word in words[recorded.first : recorded.end]
        )
        return ClauseAudio(samples[start:end], inside)

    def _whole(self, speech: Speech, rate_hz: int, speed: float) -> Samples:
        """Return a reply's audio; its clauses ask for it one after the other."""
        last = self._last
        if last is None or last[0] is not speech or last[1:3] != (rate_hz, speed):
            last = speech, rate_hz, speed, self._render(speech, rate_hz, speed)
            self._last = last
        return last[3]


class VoiceMouth:
    """Speaks; one clause at a time, whoever asks.

    Args:
        voice: does.
    """

    is_stand_in = False

    def __init__(self, voice: Voice) -> None:
        self.name = voice.name
        self._voice = voice
        self._alone = threading.Lock()

    @property
    def identity(self) -> str:
        """What the voice is, down to its weights."""
        return self._voice.identity

    def say(self, clause: Clause, rate_hz: int, speed: float) -> ClauseAudio:
        """Return a clause's audio; beyond the voice's own speeds it is stretched."""
        from voicelab.speech.tts import MAX_SPEED, MIN_SPEED  # noqa: PLC0415 -- slow

        own = min(max(speed, MIN_SPEED), MAX_SPEED)
        with self._alone:
            made = self._voice.synthesise(clause.text, own)
        if not len(made.samples):
            return ClauseAudio(NOTHING)
        words = tuple(
            TimedWord(
                word.text,
                samples_to_ms(word.start_samples, made.rate_hz),
                samples_to_ms(word.end_samples, made.rate_hz),
            )
            for word in made.words
        )
        speech = Speech(made.samples, made.rate_hz, words)
        return ClauseAudio(
            speech.at(rate_hz, speed / own),
            tuple(speech.spoken_words(rate_hz, speed / own)),
        )
