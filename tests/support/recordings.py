"""Audio to test with: synthetic signals always, recordings where there are any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicelab.audio import Samples, read_audio, vad_frames
from voicelab.speech import Frames

ROOT = Path(__file__).parents[2]
SHARED_AUDIO = ROOT / "../shared/audio"
VAD_RATE_HZ = 16_000


def shared_audio(name: str) -> Path:
    """Return a recording from outside the repository, or skip where it is absent."""
    path = SHARED_AUDIO / name
    if not path.exists():
        pytest.skip(f"no reference recordings at {SHARED_AUDIO}")
    return path


def tone(
    frequency_hz: float, rate_hz: int, duration_s: float = 1.0, peak: float = 0.5
) -> Samples:
    """Return a sine that starts at 0; `peak` 1.0 is full scale."""
    t_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    wave = peak * 32767 * np.sin(2 * np.pi * frequency_hz * t_s)
    return np.rint(wave).astype(np.int16)


def noise(count: int, *, peak: int = 9000, seed: int = 0) -> Samples:
    """Return white noise, int16 [count]."""
    generator = np.random.default_rng(seed)
    return generator.integers(-peak, peak, count).astype(np.int16)


def speech_like(duration_s: float = 12.0, seed: int = 7) -> Samples:
    """Return buzz bursts with formants, noise and digital silence, at 16 kHz.

    A voice activity model takes much of it for speech and doubts the rest, so its
    scores cover their range without any recording.
    """
    generator = np.random.default_rng(seed)
    t_s = np.arange(round(duration_s * VAD_RATE_HZ)) / VAD_RATE_HZ
    pitch_hz = 120 + 25 * np.sin(2 * np.pi * 2.3 * t_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / VAD_RATE_HZ
    voice = np.zeros_like(t_s)
    for harmonic in range(1, 30):
        formants = sum(
            np.exp(-(((harmonic * pitch_hz - centre) / 140) ** 2))
            for centre in (600 + 200 * np.sin(9 * t_s), 1500 - 400 * np.cos(7 * t_s))
        )
        voice += formants * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t_s) + 0.4, 0, 1)
    talking = (t_s % 3.0) < 1.9
    signal = 5000 * voice * syllables * talking
    signal += 60 * generator.standard_normal(len(t_s)) * (t_s % 3.0 < 2.4)
    return np.clip(np.rint(signal), -32768, 32767).astype(np.int16)


def speech_like_frames() -> Frames:
    """Return `speech_like` as frames, int16 [n, 512]."""
    return vad_frames(speech_like(), VAD_RATE_HZ)


def recorded_frames(path: Path) -> Frames:
    """Return the first channel of a sound file as frames, int16 [n, 512]."""
    samples = read_audio(path, channel=0, rate_hz=VAD_RATE_HZ).samples
    return vad_frames(samples, VAD_RATE_HZ)
