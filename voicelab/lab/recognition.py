"""Recognises recorded speech by its sound: which clip, and where in the audio.

A server that plays a scenario to callers it does not see has only their audio to go
by. Each stretch of it may hold one known clip, part of one or several, between
background of any length, through any codec. The loudest second is looked up by
cross-correlation in all clips at once; where it is found, the rest of that clip
accounts for what is around it; what remains is looked up in turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.lab.correlation import CorrelationIndex, Match, Signal, shifted
from voicelab.units import MS_PER_S

SEARCH_RATE_HZ = 2_000
"""Clips are compared below 1 kHz, where speech is strongest and every codec is good.
Their place is found to a small part of a sample all the same (a parabola)."""

PRE_EMPHASIS = 0.9
"""A first-order high-pass, usual for speech: without it, one vowel at one pitch
resembles another too much."""

FRAME_SAMPLES = 50
"""Energy is followed in frames of 25 ms."""

PROBE_FRAMES = (40, 16, 8)
"""Lengths of what is looked up, longest first: 1, 0.4 and 0.2 s. The first of a
length that is not found makes way for the next length, which bounds the search."""

REQUIRED_LIKENESS = (
    (0.07, 0.98),
    (0.1, 0.95),
    (0.15, 0.89),
    (0.2, 0.83),
    (0.3, 0.75),
    (0.4, 0.7),
)
"""The similarity at which a probe counts as found, by the seconds of sound in it.

Of 8,000 probes from the bundled callers looked up among all the others' clips, the
same voices among them, the most similar reached 0.93 at 0.05 to 0.1 s of sound, 0.82
below 0.15 s, 0.75 below 0.2 s, 0.67 below 0.3 s and 0.48 above. True ones have over
0.97, in noise at 10 dB over 0.9. With less sound than the table's first row, nothing
is found.
"""

MIN_OVERLAP_LIKENESS = 0.5
"""How similar the audio must be to the whole of the clip that it overlaps."""

FAINT_SHARE = 0.03
"""Sound this much weaker than the loudest (-15 dB) is background."""

SILENCE_RMS = 10.0
"""Below this level (-70 dBFS, the first difference being weaker than the sound),
nothing is looked up."""

MAX_SEARCHED_S = 60
"""Of longer audio, the end is searched; a turn is not this long."""

SAME_MS = 50
"""A clip found twice so close together was spoken once: the rest of a vowel can pass
for the same vowel a few periods away."""

_GAP_SAMPLES = SEARCH_RATE_HZ // 2
_SMOOTHED_FRAMES = 8
_MIN_EXPECTED_FRAMES = 4

Frames = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placement:
    """A known clip in a stretch of audio.

    Attributes:
        clip: which one, by its number in the index.
        start_ms: where its first sample lies, from the first of the audio; negative
            if the audio begins in the middle of the clip.
    """

    clip: int
    start_ms: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised in a stretch of audio.

    Attributes:
        placements: the clips that begin to be heard in it, in the order they begin.
        known: whether anything in it was recognised, or there is nothing in it.
    """

    placements: tuple[Placement, ...]
    known: bool


class ClipIndex:
    """Known clips, prepared once for any number of sessions.

    Args:
        clips: each one's audio and rate.
    """

    def __init__(self, clips: Sequence[tuple[Samples, int]]) -> None:
        gap = np.zeros(_GAP_SAMPLES, np.float32)
        parts: list[Signal] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        at = 0
        for samples, rate_hz in clips:
            signal = _prepared(samples, rate_hz)
            parts += [signal, gap]
            self._starts.append(at)
            self._ends.append(at + len(signal))
            at += len(signal) + len(gap)
        self._signal = np.concatenate(parts) if parts else gap
        self._correlation = CorrelationIndex(
            self._signal, [frames * FRAME_SAMPLES for frames in PROBE_FRAMES]
        )

    def find(
        self, samples: Samples, rate_hz: int, expected: Sequence[Placement] = ()
    ) -> Recognition:
        """Return which clips are heard in some audio.

        Args:
            samples: the audio.
            rate_hz: its rate.
            expected: clips that began before this audio and may go on in it; they
                are not returned again.
        """
        skipped = max(len(samples) - MAX_SEARCHED_S * rate_hz, 0)
        skipped_ms = skipped * MS_PER_S / rate_hz
        audio = _Audio(_prepared(samples[skipped:], rate_hz))
        known = audio.silent
        for placement in expected:
            start = (placement.start_ms - skipped_ms) * SEARCH_RATE_HZ / MS_PER_S
            known |= self._explain(audio, placement.clip, start)
        found: list[Placement] = []
        for clip, start in self._search(audio):
            start_ms = start * MS_PER_S / SEARCH_RATE_HZ + skipped_ms
            if not any(_same(clip, start_ms, other) for other in (*expected, *found)):
                found.append(Placement(clip, start_ms))
        found.sort(key=lambda placement: placement.start_ms)
        return Recognition(tuple(found), known or bool(found))

    def _search(self, audio: _Audio) -> Iterator[tuple[int, float]]:
        for frames in PROBE_FRAMES:
            while probe := audio.loudest_unexplained(frames):
                match = self._correlation.best(audio.signal[probe.start : probe.end])
                found = self._accept(audio, probe, match)
                if found is None:
                    break
                yield found

    def _accept(
        self, audio: _Audio, probe: _Probe, match: Match
    ) -> tuple[int, float] | None:
        """Return the clip that holds the probe and where it begins, if one does."""
        if match.similarity < probe.required_likeness:
            return None
        clip = bisect_right(self._starts, match.position + probe.centre) - 1
        if clip < 0:
            return None
        start = probe.start + self._starts[clip] - match.position
        if not self._explain(audio, clip, start):
            return None
        audio.close(probe)
        return clip, start

    def _explain(self, audio: _Audio, clip: int, start: float) -> bool:
        """Account for what a clip that begins at `start` explains; False if nothing."""
        first = round(start)
        reference = self._signal[self._starts[clip] : self._ends[clip]]
        low, high = max(first, 0), min(first + len(reference), len(audio.signal))
        if high - low < _MIN_EXPECTED_FRAMES * FRAME_SAMPLES:
            return False
        reference = shifted(reference, start - first)
        return audio.explain(low, reference[low - first : high - first])


@dataclass(frozen=True, slots=True)
class _Probe:
    """A stretch of audio to look up.

    Attributes:
        start: its first sample, at the search rate.
        end: the sample after its last.
        centre: where its sound is centred, in samples from its start.
        sound_s: how much of it is sound: (sum of energy)² / sum of energy².
    """

    start: int
    end: int
    centre: float
    sound_s: float

    @property
    def required_likeness(self) -> float:
        """How similar it must be to count as found."""
        seconds, likeness = zip(*REQUIRED_LIKENESS, strict=True)
        if self.sound_s < seconds[0]:
            return np.inf
        return float(np.interp(self.sound_s, seconds, likeness))


class _Audio:
    """Audio that is being recognised, and how much of it is accounted for."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal[: len(signal) // FRAME_SAMPLES * FRAME_SAMPLES]
        self._energy = _by_frame(self.signal * self.signal)
        self._open = np.ones(len(self._energy), bool)
        loudest = _smoothed(self._energy).max(initial=0.0)
        silence = SILENCE_RMS**2 * FRAME_SAMPLES * _SMOOTHED_FRAMES
        self._faint = max(FAINT_SHARE * loudest, silence)
        self.silent = bool(loudest < silence)

    def loudest_unexplained(self, frames: int) -> _Probe | None:
        """Return the loudest stretch of so many frames that nothing explains yet.

        None if none is long and loud enough.
        """
        energy = _sums(self._energy, frames)
        energy[_sums(self._open, frames) < frames] = 0
        at = int(np.argmax(energy)) if len(energy) else 0
        if not len(energy) or energy[at] < self._faint:
            return None
        inside = self._energy[at : at + frames]
        centre = np.average(np.arange(frames) + 0.5, weights=inside)
        sound = energy[at] ** 2 / (inside**2).sum()
        return _Probe(
            start=at * FRAME_SAMPLES,
            end=(at + frames) * FRAME_SAMPLES,
            centre=float(centre) * FRAME_SAMPLES,
            sound_s=float(sound) * FRAME_SAMPLES / SEARCH_RATE_HZ,
        )

    def close(self, probe: _Probe) -> None:
        """Account for a probe that was found, to its last frame."""
        self._open[probe.start // FRAME_SAMPLES : probe.end // FRAME_SAMPLES] = False

    def explain(self, start: int, reference: Signal) -> bool:
        """Account for the audio from `start` on if it resembles the reference.

        What does not, such as the next clip where it has cut this one short, stays
        to be explained.
        """
        padded = np.zeros_like(self.signal)
        padded[start : start + len(reference)] = reference
        signal = self.signal[start : start + len(reference)]
        if _likeness(signal, padded[start : start + len(reference)]) < (
            MIN_OVERLAP_LIKENESS
        ):
            return False
        common = _smoothed(_by_frame(self.signal * padded))
        scale = np.sqrt(_smoothed(self._energy) * _smoothed(_by_frame(padded**2)))
        self._open &= (common <= MIN_OVERLAP_LIKENESS * scale) | (scale == 0)
        return True


def _same(clip: int, start_ms: float, other: Placement) -> bool:
    """Tell whether a clip, found again, is one that was found before."""
    return clip == other.clip and abs(start_ms - other.start_ms) < SAME_MS


def _prepared(samples: Samples, rate_hz: int) -> Signal:
    """Return audio as it is compared: at the search rate, pre-emphasised."""
    signal = resample(samples, rate_hz, SEARCH_RATE_HZ).astype(np.float32)
    signal[1:] -= PRE_EMPHASIS * signal[:-1]
    signal[:1] *= 1 - PRE_EMPHASIS  # as if the audio had gone on before like this
    return signal


def _by_frame(values: Signal) -> Frames:
    sums: Frames = values.reshape(-1, FRAME_SAMPLES).sum(axis=1, dtype=np.float64)
    return sums


def _smoothed(frames: Frames) -> Frames:
    """Return the sums over 0.2 s around each frame."""
    if not len(frames):
        return frames
    sums: Frames = np.convolve(frames, np.ones(_SMOOTHED_FRAMES))
    return sums[_SMOOTHED_FRAMES // 2 : _SMOOTHED_FRAMES // 2 + len(frames)]


def _sums(frames: NDArray[np.generic], count: int) -> Frames:
    """Return the sums of `count` frames from each frame on; empty if too few."""
    running = np.concatenate([[0.0], np.cumsum(frames, dtype=np.float64)])
    sums: Frames = running[count:] - running[:-count]
    return sums


def _likeness(signal: Signal, other: Signal) -> float:
    scale = float(np.linalg.norm(signal)) * float(np.linalg.norm(other))
    return float(signal @ other) / scale if scale else 0.0
