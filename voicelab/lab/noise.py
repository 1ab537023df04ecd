"""Background noise at the caller's microphone, at a level relative to their speech.

The signal-to-noise ratio compares two active levels. Speech: the mean power of the
caller's words as labelled, pauses left out (of whole turns, where no words are
labelled). Noise: its active level (`voicelab.audio.levels.active_power`), which is its
mean power for steady noise, and the power of the bursts alone for noise that comes in
bursts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from voicelab.audio.fir import Exact
from voicelab.audio.levels import active_power, dbfs, mean_power
from voicelab.audio.pcm import Samples
from voicelab.audio.seeding import generator
from voicelab.audio.wav import Recording
from voicelab.errors import AudioError
from voicelab.lab.turns import CallerTurn
from voicelab.units import ms_to_samples


class NoiseLoop:
    """Noise that never ends: a recording again and again.

    Args:
        samples: the recording, int16 [n].
        gain: what it is multiplied by.
        start: the position at which it begins.
    """

    def __init__(self, samples: Samples, gain: float, start: int = 0) -> None:
        self._samples = samples
        self._gain = gain
        self._start = start

    def take(self, start: int, count: int) -> Exact:
        """Return `count` samples from position `start` on, on the 16-bit scale."""
        first = (self._start + start) % len(self._samples)
        if first + count <= len(self._samples):
            taken = self._samples[first : first + count]
        else:
            taken = np.take(self._samples, range(first, first + count), mode="wrap")
        return taken.astype(np.float64) * self._gain


def noise_loop(
    recording: Recording, speech_power: float, snr_db: float, seed: str
) -> NoiseLoop:
    """Return a recording as noise at a level `snr_db` below that of speech.

    It begins at a position drawn from the seed.

    Raises:
        AudioError: the recording is silent.
    """
    power = active_power(recording.samples, recording.rate_hz)
    if power == 0:
        raise AudioError(
            "is silent, so no gain makes noise of it",
            file=recording.path,
            fix="give a recording of noise, or leave channel.noise out",
        )
    gain = 10 ** ((dbfs(speech_power) - snr_db - dbfs(power)) / 20)
    start = int(generator(f"{seed}/noise").integers(len(recording.samples)))
    return NoiseLoop(recording.samples, gain, start)


def speech_power(turns: Sequence[CallerTurn], rate_hz: int) -> float:
    """Return the mean power of the caller while they speak; full scale is 1.0.

    Args:
        turns: what the caller says.
        rate_hz: the rate on the wire; what does not pass at it does not count.

    Raises:
        AudioError: all of it is silent.
    """
    energy, samples = 0.0, 0
    for part in _parts(turns, rate_hz):
        energy += mean_power(part) * len(part)
        samples += len(part)
    if energy == 0:
        raise AudioError(
            "the caller's speech is silent, so it has no ratio to any noise",
            path="channel.noise.snr_db",
            fix="check caller.audio, caller.channel and the labels' times",
        )
    return energy / samples


def _parts(turns: Iterable[CallerTurn], rate_hz: int) -> Iterator[Samples]:
    for turn in turns:
        # up to a higher rate the power stays what it is
        spoken = turn.at_rate(rate_hz) if rate_hz < turn.rate_hz else turn
        onset = spoken.onset_samples
        for word in spoken.words:
            start = onset + ms_to_samples(word.start_ms, spoken.rate_hz)
            end = onset + ms_to_samples(word.end_ms, spoken.rate_hz)
            yield spoken.clip[start:end]
        if not spoken.words:
            yield spoken.clip[onset : onset + spoken.speech_samples]
