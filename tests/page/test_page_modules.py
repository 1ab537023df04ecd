"""The page's modules, in Node.js: what they compute, without a browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
OLDEST_NODE = (20, 19)
"""It reads modules without being told that they are."""

Signal = NDArray[np.float32]


def is_recent_enough() -> bool:
    """Whether there is a Node.js that can run the modules."""
    if NODE is None:
        return False
    told = subprocess.run(
        [NODE, "--version"], capture_output=True, text=True, check=True
    )
    version = told.stdout.strip().removeprefix("v").split(".")
    return (int(version[0]), int(version[1])) >= OLDEST_NODE


pytestmark = pytest.mark.skipif(
    not is_recent_enough(), reason="needs Node.js 20.19 or later"
)


def node(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(NODE), "--no-warnings", *arguments],
        input=data,
        capture_output=True,
        check=False,
        cwd=FOLDER,
        timeout=120,
    )


@pytest.mark.parametrize(
    "module", sorted(path.name for path in FOLDER.glob("*.test.js"))
)
def test_module(module: str) -> None:
    result = node("--test", module)
    assert result.returncode == 0, result.stdout.decode()
    assert b"# fail 0" in result.stdout
    assert b"# tests 0" not in result.stdout


def resample(signal: Signal, from_hz: int, to_hz: int) -> Signal:
    """Return what the page makes of a signal at another rate."""
    result = node("resample.js", str(from_hz), str(to_hz), data=signal.tobytes())
    assert result.returncode == 0, result.stderr.decode()
    return np.frombuffer(result.stdout, np.float32)


def rms_db(signal: NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(np.square(signal, dtype=np.float64)) + 1e-30))


def noise_below(limit_hz: float, rate_hz: int) -> Signal:
    """Return two seconds of noise, all of it below a frequency."""
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(2 * rate_hz))
    spectrum[np.fft.rfftfreq(2 * rate_hz, 1 / rate_hz) > limit_hz] = 0
    signal = np.fft.irfft(spectrum)
    return np.asarray(signal / np.abs(signal).max() / 2, np.float32)


RATES = [(48_000, 16_000), (44_100, 16_000), (16_000, 48_000), (16_000, 44_100)]


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_what_speech_is_made_of_passes_as_it_is(from_hz: int, to_hz: int) -> None:
    signal = noise_below(6_900, from_hz)
    ours = resample(signal, from_hz, to_hz)
    reference = soxr.resample(signal, from_hz, to_hz, quality="VHQ")
    inner = slice(2_000, len(ours) - 2_000)
    error = ours[inner] - reference[: len(ours)][inner]
    assert rms_db(error) - rms_db(reference[inner]) < -65


@pytest.mark.parametrize("from_hz", [48_000, 44_100])
@pytest.mark.parametrize("tone_hz", [8_100, 9_000, 12_000, 15_900])
def test_nothing_folds_back(from_hz: int, tone_hz: int) -> None:
    times = np.arange(from_hz, dtype=np.float64) / from_hz
    tone = np.asarray(np.sin(2 * np.pi * tone_hz * times), np.float32)
    ours = resample(tone, from_hz, 16_000)[1_000:-1_000]
    assert rms_db(ours) - rms_db(tone) < -75


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_as_many_samples_come_out_as_the_rates_say(from_hz: int, to_hz: int) -> None:
    ours = resample(np.zeros(from_hz, np.float32), from_hz, to_hz)
    filter_samples = 40 * to_hz / min(from_hz, to_hz)
    assert to_hz - filter_samples - 2 <= len(ours) <= to_hz
