"""Where speech really starts and stops, by its energy.

A synthesiser knows its word times to one frame (25 ms) and counts the breath of
silence beside a word to the word; an aligner is no better. At both ends of an
utterance, and wherever two words are parted by audible silence, the edges are
therefore moved to where the energy falls and rises.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .utterance import RATE_HZ, Samples, Utterance, Word, ms_to_samples

HOP_SAMPLES = RATE_HZ // 400  # 2.5 ms
WINDOW_SAMPLES = 2 * HOP_SAMPLES
MIN_SILENCE_MS = 50.0  # shorter dips are the closures of stop consonants
PHRASE_SILENCE_MS = 150.0  # longer than any closure: surely between words
NEAR_MS = 60.0  # how far off the rough word times are, at most, at a short silence
MIN_SOUND_MS = 30.0  # shorter sounds beside the speech are clicks
MIN_WORD_MS = 20.0

Run = tuple[int, int]


class EdgeError(ValueError):
    """The rough word times and the energy contradict each other."""


def active_rms(samples: Samples) -> float:
    """Return the RMS of the frames within 25 dB of the loudest: the speech level."""
    level = _frame_rms(samples)
    return float(np.sqrt(np.mean(level[level > level.max() * 10 ** (-25 / 20)] ** 2)))


@dataclass(frozen=True)
class Trust:
    """How far to trust the energy over the rough word times.

    Attributes:
        floor_db: level, relative to the speech level, below which it is silent.
        reach_ms: how far an end of the utterance may be moved.
    """

    floor_db: float
    reach_ms: float


SYNTHETIC = Trust(floor_db=-30.0, reach_ms=600.0)  # nothing else is in the audio
RECORDED = Trust(floor_db=-18.0, reach_ms=80.0)  # a room, and breaths, are


def refine(utterance: Utterance, trust: Trust) -> Utterance:
    """Return the utterance with word edges moved to the energy's edges.

    Raises:
        EdgeError: a word would be left without sound.
    """
    words = utterance.words
    sounds = _sounds(utterance.samples, trust.floor_db)
    onset, end = _ends(words, sounds, ms_to_samples(trust.reach_ms))
    starts = [onset, *(word.start_samples for word in words[1:])]
    ends = [*(word.end_samples for word in words[:-1]), end]
    spoken = [run for run in sounds if onset <= run[0] and run[1] <= end]
    parted: dict[int, Run] = {}
    for silence in _silences(spoken):
        joint = _joint(silence, starts, ends)
        if joint is not None:
            parted[joint] = silence
    for index in range(len(words) - 1):
        between = (ends[index], starts[index + 1])
        ends[index], starts[index + 1] = parted.get(
            index, (_quietest(utterance.samples, between),) * 2
        )
    return Utterance(utterance.samples, _edged(words, starts, ends), utterance.pauses)


def _ends(words: tuple[Word, ...], sounds: list[Run], reach: int) -> Run:
    """Return where the first word starts and the last one ends."""
    first, last = words[0].start_samples, words[-1].end_samples
    onset = next(start for start, end in sounds if end > first)
    end = next(end for start, end in reversed(sounds) if start < last)
    return (
        min(max(onset, first - reach), first + reach),
        min(max(end, last - reach), last + reach),
    )


def _edged(
    words: tuple[Word, ...], starts: list[int], ends: list[int]
) -> tuple[Word, ...]:
    edged = tuple(map(Word, (word.text for word in words), starts, ends))
    for word in edged:
        if word.end_samples - word.start_samples < ms_to_samples(MIN_WORD_MS):
            text = " ".join(each.text for each in words)
            raise EdgeError(f"{word.text!r} is silent in {text!r}")
    return edged


def _quietest(samples: Samples, between: Run) -> int:
    """Return where two words that run into each other are best parted."""
    start, end = between
    if end - start < WINDOW_SAMPLES:
        return (start + end) // 2
    rms = _frame_rms(samples[start:end])
    return start + int(rms.argmin()) * HOP_SAMPLES + WINDOW_SAMPLES // 2


def _silences(sounds: list[Run]) -> list[Run]:
    """Return the silences between sounds, the shortest first: the longest wins."""
    between = [(before[1], after[0]) for before, after in pairwise(sounds)]
    return sorted(between, key=lambda run: run[1] - run[0])


def _joint(silence: Run, starts: list[int], ends: list[int]) -> int | None:
    """Return the index of the word that ends at this silence, if it parts words.

    Neither neighbour may be left without sound; a short silence far from any joint is
    the closure of a consonant.
    """
    start, end = silence
    shortest = ms_to_samples(MIN_WORD_MS)
    possible = [
        (abs(ends[i] + starts[i + 1] - start - end) / 2, i)
        for i in range(len(ends) - 1)
        if start - starts[i] >= shortest and ends[i + 1] - end >= shortest
    ]
    if not possible:
        return None
    distance, index = min(possible)
    long = end - start >= ms_to_samples(PHRASE_SILENCE_MS)
    return index if long or distance < ms_to_samples(NEAR_MS) else None


def _sounds(samples: Samples, floor_db: float) -> list[Run]:
    """Return the runs of sound that are parted by silences."""
    threshold = active_rms(samples) * 10 ** (floor_db / 20)
    loud = np.repeat(_frame_rms(samples) >= threshold, HOP_SAMPLES)
    lead = (WINDOW_SAMPLES - HOP_SAMPLES) // 2
    joined: list[Run] = []
    for start, end in _runs(np.pad(loud, (lead, 0))[: len(samples)]):
        if joined and start - joined[-1][1] < ms_to_samples(MIN_SILENCE_MS):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [run for run in joined if run[1] - run[0] >= ms_to_samples(MIN_SOUND_MS)]


def _frame_rms(samples: Samples) -> NDArray[np.float64]:
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, max(1, len(samples) - WINDOW_SAMPLES + 1), HOP_SAMPLES)
    ends = np.minimum(starts + WINDOW_SAMPLES, len(samples))
    rms: NDArray[np.float64] = np.sqrt((power[ends] - power[starts]) / WINDOW_SAMPLES)
    return rms


def _runs(mask: NDArray[np.bool_]) -> list[Run]:
    """Return the runs of true values, each `(start, end)`."""
    edges = np.flatnonzero(np.diff(np.pad(mask.astype(np.int8), 1)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
