"""Noise at a ratio to speech, measured on what is mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from tests.support.runs import bundled
from voicelab.audio.levels import dbfs, mean_power
from voicelab.audio.noises import find_noise, noise_names
from voicelab.audio.pcm import Samples
from voicelab.audio.wav import read_audio, write_wav
from voicelab.errors import AudioError
from voicelab.lab.materials import gather
from voicelab.lab.noise import NoiseLoop, noise_loop, speech_power
from voicelab.lab.relations import Opening
from voicelab.lab.turns import CallerTurn
from voicelab.scenario.label_model import Word

RATE_HZ = 8_000


def turn(
    clip: Samples, *words: tuple[float, float], rate_hz: int = RATE_HZ
) -> CallerTurn:
    """Return a turn whose speech begins 100 ms into its clip and ends with it."""
    onset = rate_hz // 10
    return CallerTurn(
        0,
        "turn",
        "",
        tuple(Word("w", start, end) for start, end in words),
        clip,
        rate_hz,
        onset,
        len(clip) - onset,
        0.0,
        Opening(0.0),
    )


def test_the_loop_repeats_and_begins_where_it_is_told() -> None:
    samples = noise(100)
    loop = NoiseLoop(samples, 0.5, start=30)
    whole = np.concatenate([loop.take(at, 7) for at in range(0, 350, 7)])
    expected = 0.5 * np.tile(samples, 5)[30:380]
    assert (whole == expected).all()
    assert (loop.take(0, 350) == expected).all()


def test_the_power_of_speech_is_that_of_its_words_alone() -> None:
    loud, soft = noise(800, peak=9000), noise(800, peak=20, seed=1)
    clip = np.concatenate([soft, loud, soft, loud])
    words = speech_power([turn(clip, (0, 100), (200, 300))], RATE_HZ)
    both = (mean_power(loud) * 2) / 2
    assert words == pytest.approx(both, rel=1e-9)
    whole = speech_power([turn(clip)], RATE_HZ)
    assert whole == pytest.approx((2 * mean_power(loud) + mean_power(soft)) / 3)


def test_what_does_not_pass_at_the_wires_rate_does_not_count() -> None:
    low, high = tone(500, 24_000), tone(6_000, 24_000)
    only = speech_power([turn(low, rate_hz=24_000)], 8_000)
    mixed = (low + high // 2).astype(np.int16)
    assert dbfs(speech_power([turn(mixed, rate_hz=24_000)], 8_000)) == pytest.approx(
        dbfs(only), abs=0.05
    )


@pytest.mark.parametrize("name", noise_names())
@pytest.mark.parametrize("codec", ["pcm", "pcmu"])
@pytest.mark.parametrize("snr_db", [-3.0, 15.0])
def test_the_ratio_holds_in_the_mix(name: str, codec: str, snr_db: float) -> None:
    """Speech as labelled against noise while it sounds, each taken from its part."""
    channel = {"codec": codec, "noise": {"audio": name, "snr_db": snr_db}}
    materials = gather(bundled("dentist", channel=channel))
    assert materials.noise is not None
    rate_hz = materials.uplink.rate_hz
    spoken = []
    for each in materials.turns:
        own = each.at_rate(rate_hz)
        for word in own.words:
            start, end = (
                own.onset_samples + int(ms * rate_hz / 1000)
                for ms in (word.start_ms, word.end_ms)
            )
            spoken.append(own.clip[start:end])
    speech = np.concatenate(spoken).astype(np.float64)
    around = materials.noise.take(0, 24 * rate_hz)
    frames = around.reshape(-1, rate_hz // 50)
    power = (frames**2).mean(axis=1)
    active = power > power.max() / 100  # bursts: what is not their echo or nothing
    ratio_db = 10 * np.log10((speech**2).mean() / power[active].mean())
    steady = name in ("cafe", "street")
    if steady:
        ratio_db = 10 * np.log10((speech**2).mean() / power.mean())
    assert ratio_db == pytest.approx(snr_db, abs=0.05 if steady else 1.5)


def test_the_seed_says_where_the_noise_begins() -> None:
    recording = read_audio(find_noise("street"))
    one, same, other = (noise_loop(recording, 0.01, 10, seed) for seed in "aab")
    assert (one.take(0, 100) == same.take(0, 100)).all()
    assert (one.take(0, 100) != other.take(0, 100)).any()


def test_a_silent_recording_is_no_noise(tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", [np.zeros(9000, np.int16)], 8_000, 1)
    with pytest.raises(AudioError, match=r"quiet\.wav: is silent") as caught:
        noise_loop(read_audio(tmp_path / "quiet.wav"), 0.01, 10, "x")
    assert caught.value.fix is not None


def test_silent_speech_has_no_ratio() -> None:
    with pytest.raises(AudioError, match="the caller's speech is silent"):
        speech_power([turn(np.zeros(4000, np.int16))], RATE_HZ)


def test_of_a_stereo_recording_the_first_channel_is_the_noise(tmp_path: Path) -> None:
    left, right = noise(24_000), noise(24_000, seed=1)
    write_wav(tmp_path / "room.wav", [np.stack([left, right], 1)], 24_000, 2)
    path = str(tmp_path / "room.wav")
    channel = {"noise": {"audio": path, "snr_db": 10}}
    materials = gather(bundled("dentist", channel=channel))
    assert materials.noise is not None
    taken = materials.noise.take(0, 24_000)
    spectrum = np.fft.rfft(taken)  # where in the loop it begins is drawn
    likeness = [
        np.abs(np.fft.irfft(spectrum * np.conj(np.fft.rfft(side)))).max()
        for side in (left.astype(float), right.astype(float))
    ]
    assert likeness[0] > 5 * likeness[1]
    assert "room.wav" in materials.inputs
