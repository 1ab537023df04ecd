"""The bundled noises: as their generator makes them, loopable, and what a VAD hears."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from data.build import noises
from voicelab.audio import read_audio, vad_frames
from voicelab.audio.levels import active_power, dbfs, mean_power
from voicelab.audio.noises import find_noise, noise_names
from voicelab.speech.scorers import make_scorer

MAX_BYTES = 4_000_000
SPEECH_DBFS = -23.0
"""The level to which the bundled conversations are brought."""

every_noise = pytest.mark.parametrize("name", noise_names())


def samples(name: str) -> npt.NDArray[np.int16]:
    return read_audio(find_noise(name)).samples


def scores(name: str, snr_db: float) -> npt.NDArray[np.float32]:
    """Return what Silero makes of a noise that is this far below speech."""
    noise = samples(name)
    level_db = dbfs(active_power(noise, noises.RATE_HZ))
    scaled = noise * 10 ** ((SPEECH_DBFS - snr_db - level_db) / 20)
    heard = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return make_scorer("silero").score_file(vad_frames(heard, noises.RATE_HZ))


@every_noise
def test_a_noise_is_what_its_generator_makes(name: str) -> None:
    """To one step: another processor may round a sine or an FFT differently."""
    made = noises.samples(name)
    assert np.abs(made.astype(int) - samples(name)).max() <= 1


def test_they_are_small() -> None:
    folder = find_noise("cafe").parent
    assert sum(file.stat().st_size for file in folder.iterdir()) < MAX_BYTES
    assert {file.suffix for file in folder.iterdir()} == {".flac"}


def test_the_cafe_is_made_of_synthetic_voices_only() -> None:
    readme = (Path(noises.__file__).parents[1] / "README.md").read_text("utf-8")
    for conversation, channel in noises.CAFE_VOICES:
        row = next(
            line.split("|")
            for line in readme.splitlines()
            if line.startswith(f"| `{conversation}`")
        )
        assert "human" not in row[3 + channel]
        assert row[3 + channel].strip()[1:3] in ("f_", "m_")


@every_noise
def test_its_end_fits_its_beginning(name: str) -> None:
    """The step from the last sample to the first is like any other."""
    loop = samples(name).astype(float)
    seam = abs(loop[0] - loop[-1])
    assert seam <= np.quantile(np.abs(np.diff(loop)), 0.999)
    assert len(loop) == noises.LENGTH


@every_noise
def test_it_has_its_level_and_room_above(name: str) -> None:
    noise = samples(name)
    active_db = dbfs(active_power(noise, noises.RATE_HZ))
    assert active_db == pytest.approx(noises.LEVEL_DB, abs=1.0)
    if name not in noises.BURSTS:
        assert dbfs(mean_power(noise)) == pytest.approx(noises.LEVEL_DB, abs=0.01)
    assert np.abs(noise).max() < 32_767


@pytest.mark.parametrize(
    ("name", "snr_db", "least", "most"),
    [
        ("cafe", 15, 0.0, 0.05),
        ("cafe", 5, 0.0005, 0.1),
        ("cafe", 0, 0.01, 0.2),
        ("street", 0, 0.0, 0.0),
        ("keyboard", 0, 0.001, 0.02),
        ("keyboard", 15, 0.0, 0.0),
        ("cough", 0, 0.005, 0.1),
        ("cough", 15, 0.005, 0.1),
    ],
)
def test_how_often_a_vad_takes_it_for_speech(
    name: str, snr_db: float, least: float, most: float
) -> None:
    share = float((scores(name, snr_db) > 0.5).mean())
    assert least <= share <= most
