"""What a scripted agent can say: replies with their audio and word times."""

from __future__ import annotations

from dataclasses import dataclass

from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.audio.stretch import StretchCache
from voicelab.session.reply import SpokenWord
from voicelab.units import ms_to_ns, ns_to_samples

_stretched = StretchCache()


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word and when it is said, in milliseconds from the start of the audio."""

    text: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Recorded speech with its word times, at whatever rate and speed is asked for."""

    samples: Samples
    rate_hz: int
    words: tuple[TimedWord, ...] = ()

    def at(self, rate_hz: int, speed: float = 1.0) -> Samples:
        """Return the audio at a rate, `speed` times as fast as it was recorded.

        Nothing is kept but the last that had another speed: an hour of replies at
        two rates would not be small, and resampling one takes about a thousandth of
        the time it takes to say.
        """
        faster = _stretched(self.samples, self.rate_hz, speed)
        return resample(faster, self.rate_hz, rate_hz)

    def spoken_words(self, rate_hz: int, speed: float = 1.0) -> list[SpokenWord]:
        """Return the words with their places in `at(rate_hz, speed)`.

        Their times are those recorded, divided by the speed.
        """
        return [
            SpokenWord(
                word.text,
                ns_to_samples(ms_to_ns(word.start_ms / speed), rate_hz),
                ns_to_samples(ms_to_ns(word.end_ms / speed), rate_hz),
            )
            for word in self.words
        ]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call of one of the client's functions; `arguments` is a JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One thing the agent says, or does, or both in this order."""

    text: str = ""
    speech: Speech | None = None
    call: FunctionCall | None = None


SILENCE = ScriptedReply()
"""A reply in which nothing is said or done."""
