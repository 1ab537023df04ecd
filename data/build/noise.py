"""Background sound for the caller's channel, made from nothing but seeds and voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from .edges import active_rms
from .kokoro import Kokoro
from .utterance import RATE_HZ, Samples

ROOM_TONE_DB = -70.0  # dBFS RMS: a quiet room through a good microphone
REVERB_S = 0.45  # decay to -60 dB of a small, hard room
CLINKS_PER_S = 0.5
GUESTS = Path(__file__).with_name("cafe.yaml")


def room_tone(length: int, seed: int) -> Samples:
    """Return quiet pinkish noise of `length` samples at `ROOM_TONE_DB`."""
    return _at_level(_pink(length, np.random.default_rng(seed)), ROOM_TONE_DB)


def cafe(length: int, seed: int, kokoro: Kokoro) -> Samples:
    """Return `length` samples of a busy café at an RMS of 1.

    Six guests who talk all the time, a small hard room, a hum, some cups.
    """
    random = np.random.default_rng(seed)
    dry = _clinks(length, random)
    for voice, text in yaml.safe_load(GUESTS.read_text("utf-8")).items():
        dry += _guest(kokoro, voice, text, length, random)
    wet = _convolved(dry, _reverb(random))
    mixed = wet / _rms(wet) + 0.2 * _pink(length, random)
    return (mixed / _rms(mixed)).astype(np.float32)


def _guest(
    kokoro: Kokoro, voice: str, text: str, length: int, random: np.random.Generator
) -> NDArray[np.float64]:
    said = kokoro.say(text, voice, 1.0).samples
    start = int(random.integers(len(said)))
    gain = random.uniform(0.5, 1.0) / active_rms(said)
    return gain * np.resize(np.roll(said, -start), length).astype(np.float64)


def _clinks(length: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return cups on saucers: short decaying tones at random times."""
    out = np.zeros(length)
    t_s = np.arange(RATE_HZ // 8) / RATE_HZ
    for _ in range(round(length / RATE_HZ * CLINKS_PER_S)):
        pitch_hz = random.uniform(2500, 6000)
        tone = np.sin(2 * np.pi * pitch_hz * t_s) * np.exp(-t_s / 0.02)
        start = int(random.integers(max(1, length - len(tone))))
        out[start : start + len(tone)] += random.uniform(0.3, 1.5) * tone
    return out


def _reverb(random: np.random.Generator) -> NDArray[np.float64]:
    t_s = np.arange(round(REVERB_S * RATE_HZ)) / RATE_HZ
    tail = random.standard_normal(len(t_s)) * 10 ** (-3 * t_s / REVERB_S)
    tail[0] = 4.0
    return tail


def _convolved(
    samples: NDArray[np.float64], response: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = len(samples) + len(response)
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: len(samples)]


def _pink(length: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return noise of RMS 1 whose power falls with frequency, flat below 50 Hz."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    frequency_hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency_hz, 50.0)), length)
    return shaped / _rms(shaped)


def _rms(samples: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def _at_level(samples: NDArray[np.float64], level_db: float) -> Samples:
    return (samples * 10 ** (level_db / 20) / _rms(samples)).astype(np.float32)
