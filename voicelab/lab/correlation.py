"""Finds a short stretch of sound in a long one by normalised cross-correlation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Signal: TypeAlias = NDArray[np.float32]
Spectrum: TypeAlias = NDArray[np.complex64]

BLOCK_SAMPLES = 16_384
"""One transform's length; a long signal is searched block by block."""

QUIET_SHARE = 0.02
"""Where the signal is so much quieter than where it is loudest (-34 dB), it is
normalised no further: next to nothing would resemble anything."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a signal resembles a probe most.

    Attributes:
        position: of the probe's first sample in the signal, between samples.
        similarity: the normalised cross-correlation there, 1 for a scaled copy.
    """

    position: float
    similarity: float


class CorrelationIndex:
    """A signal, prepared once for being searched many times.

    Args:
        signal: float32 [n], at any rate.
        probe_lengths: how long probes may be, in samples; blocks overlap by the
            longest.
    """

    def __init__(self, signal: Signal, probe_lengths: Collection[int]) -> None:
        self._step = BLOCK_SAMPLES - max(probe_lengths) + 1
        blocks = max(-(-len(signal) // self._step), 1)
        padded = np.zeros(blocks * self._step + BLOCK_SAMPLES, np.float32)
        padded[: len(signal)] = signal
        starts = np.arange(blocks) * self._step
        windows = padded[starts[:, None] + np.arange(BLOCK_SAMPLES)]
        self._spectra = np.fft.rfft(windows).astype(np.complex64)
        shape = blocks, self._step
        self._scales = {
            length: _scale(padded, length, blocks * self._step).reshape(shape)
            for length in probe_lengths
        }

    def best(self, probe: Signal) -> Match:
        """Return where the signal resembles a probe most.

        Every half sample is tried: at full ones alone, the likeness of what lies
        between two of them is lost where the sound is highest.

        Args:
            probe: float32, at the signal's rate, of one of the lengths; not silent.
        """
        spectrum = np.conj(np.fft.rfft(probe, BLOCK_SAMPLES)).astype(np.complex64)
        scale = self._scales[len(probe)]
        whole = self._likeness(spectrum, scale)
        half = self._likeness(spectrum * _HALF_SAMPLE, scale)
        at, late = int(np.argmax(whole)), int(np.argmax(half))
        if whole[at] >= half[late]:
            centre, curve = float(at), [half[max(at - 1, 0)], whole[at], half[at]]
        else:
            after = whole[min(late + 1, len(whole) - 1)]
            centre, curve = late + 0.5, [whole[late], half[late], after]
        beyond, peak = _vertex(*np.asarray(curve, np.float64).tolist())
        return Match(centre + beyond / 2, peak / float(np.linalg.norm(probe)))

    def _likeness(self, spectrum: Spectrum, scale: Signal) -> Signal:
        """Return the cross-correlation with a probe over the signal's norm."""
        lags = np.fft.irfft(self._spectra * spectrum)[:, : self._step]
        likeness: Signal = (lags * scale).ravel().astype(np.float32, copy=False)
        return likeness


_HALF_SAMPLE = np.exp(1j * np.pi * np.fft.rfftfreq(BLOCK_SAMPLES)).astype(np.complex64)
"""Turns the phases of a spectrum so that its signal is read half a sample later."""


def shifted(signal: Signal, samples: float) -> Signal:
    """Return a signal so much later, by less than a sample; its ends are smeared."""
    turns = np.fft.rfftfreq(len(signal)) * samples
    moved = np.fft.irfft(np.fft.rfft(signal) * np.exp(-2j * np.pi * turns), len(signal))
    return np.asarray(moved, np.float32)


def _scale(signal: Signal, length: int, count: int) -> Signal:
    """Return one over the norm of `length` samples, from each of `count` positions."""
    energy = np.concatenate([[0.0], np.cumsum(signal.astype(np.float64) ** 2)])
    norm = np.sqrt(np.maximum(energy[length : length + count] - energy[:count], 0.0))
    floor = max(QUIET_SHARE * float(norm.max()), 1e-30)
    return np.asarray(1 / np.maximum(norm, floor), np.float32)


def _vertex(before: float, peak: float, after: float) -> tuple[float, float]:
    """Return where the parabola through three values peaks, from the middle one.

    Its top comes second.
    """
    bend = before - 2 * peak + after
    if bend >= 0:
        return 0.0, peak
    beyond = (before - after) / (2 * bend)
    return beyond, peak - (before - after) * beyond / 4
