"""What the explorer shows of a run: its tables and its audio."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

from voicelab import metrics
from voicelab.audio.pcm import Samples
from voicelab.metrics.facts import Facts
from voicelab.metrics.summary import Summary, summarise
from voicelab.record.folder import AUDIO_RATE_HZ


class Showable(Protocol):
    """What a run must tell to be drawn; a `Run` does."""

    @property
    def name(self) -> str:
        """The scenario's name."""

    @property
    def facts(self) -> Facts:
        """The log, sorted out."""

    @property
    def summary(self) -> Summary:
        """The run in one row."""

    @property
    def audio(self) -> Samples:
        """Caller as sent, agent as heard, int16 [n, 2]."""

    @property
    def audio_rate_hz(self) -> int:
        """The rate of `audio`."""


class Shown:
    """A run of which there is no text, only what is shown of it.

    Args:
        name: the scenario's.
        facts: what its log told.
        audio: caller as sent, agent as heard, int16 [n, 2] at 24 kHz.
    """

    audio_rate_hz = AUDIO_RATE_HZ

    def __init__(self, name: str, facts: Facts, audio: Samples) -> None:
        self.name = name
        self.facts = facts
        self.audio = audio

    @cached_property
    def summary(self) -> metrics.Summary:
        """The run in one row."""
        return summarise(self.facts)


def length_s(run: Showable) -> float:
    """Return how long the conversation lasted; never 0."""
    return len(run.audio) / run.audio_rate_hz or 1.0
