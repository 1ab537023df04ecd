"""Background noises, made from seeds and from the bundled voices.

Each is a loop: everything in it goes around, so that its end fits its beginning. From
the repository's root: `python -m data.build.noises`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 24_000
LENGTH = 24 * RATE_HZ
DATA = Path(__file__).parents[1]
LEVEL_DB = -30.0  # dBFS of the whole; of bursts, while they last

Wave = NDArray[np.float64]

CAFE_VOICES = (
    # conversation, channel: synthetic voices only, whose licence allows it
    ("bank-card", 0),
    ("bank-card", 1),
    ("delivery-address", 0),
    ("dentist", 0),
    ("dentist", 1),
    ("directions", 0),
    ("directions", 1),
    ("flight-change", 0),
    ("phone-plan", 1),
    ("pizza-order", 0),
    ("recipe", 1),
    ("wifi-help", 0),
)
CAFE_RT60_S = 0.5
CLINKS = 14


def cafe() -> Wave:
    """Return a busy café: twelve guests, half of them backwards, cups, a hum.

    Backwards, a voice keeps its pitch and its syllables and says nothing.
    """
    random = np.random.default_rng(1)
    dry = _clinks(random)
    for index, (name, channel) in enumerate(CAFE_VOICES):
        voice = _voice(name, channel)[:: -1 if index % 2 else 1]
        gain = random.choice((0.45, 0.75, 1.35)) / _rms(voice)
        dry += gain * np.roll(np.resize(voice, LENGTH), random.integers(LENGTH))
    wet = _around(dry, _hall(random))
    return wet / _rms(wet) + 0.15 * _coloured(random, lambda hz: hz**-0.5, 50.0)


def street() -> Wave:
    """Return a street: a low rumble, and a car or lorry every few seconds."""
    random = np.random.default_rng(2)
    mixed = _coloured(random, lambda hz: hz**-1.0, 60.0)
    t_s = np.arange(LENGTH) / RATE_HZ
    for at_s in (2.1, 6.4, 9.0, 14.8, 18.3, 22.5):
        tyres = _coloured(random, lambda hz: hz**-0.5 * np.exp(-hz / 2500), 120.0)
        far_s = np.abs((t_s - at_s + 12.0) % 24.0 - 12.0)
        near_s = random.uniform(0.7, 1.4)
        mixed += random.uniform(0.8, 1.8) * tyres / (1.0 + (far_s / near_s) ** 2)
    return mixed


def keyboard() -> Wave:
    """Return words typed on a keyboard: each key goes down, and comes up again."""
    random = np.random.default_rng(3)
    out = np.zeros(LENGTH)
    at_s = 0.3
    while at_s < LENGTH / RATE_HZ - 2.5:
        for _ in range(random.integers(3, 10)):
            loud = random.uniform(0.6, 1.2)
            _put(out, at_s, loud * _click(random, 1.0))
            _put(
                out, at_s + random.uniform(0.06, 0.1), 0.4 * loud * _click(random, 1.4)
            )
            at_s += random.uniform(0.09, 0.22)
        at_s += random.uniform(0.3, 1.6)
    return out


def cough() -> Wave:
    """Return somebody who coughs now and then, once to three times."""
    random = np.random.default_rng(4)
    out = np.zeros(LENGTH)
    for at_s, times in ((1.0, 2), (6.2, 1), (9.5, 3), (15.1, 2), (19.8, 1)):
        for index in range(times):
            _put(out, at_s + 0.42 * index, 0.85**index * _one_cough(random))
    return out


NOISES: dict[str, Callable[[], Wave]] = {
    "cafe": cafe,
    "cough": cough,
    "keyboard": keyboard,
    "street": street,
}
BURSTS = frozenset({"cough", "keyboard"})


def samples(name: str) -> NDArray[np.int16]:
    """Return a noise as 16-bit samples at its level."""
    wave = NOISES[name]()
    active = wave[_active(wave)] if name in BURSTS else wave
    scaled = wave * (10 ** (LEVEL_DB / 20) / _rms(active) * 32768)
    return np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)


# -- voices -------------------------------------------------------------------


def _voice(name: str, channel: int) -> Wave:
    """Return all that a speaker says in a conversation, without the silence."""
    file = DATA / "conversations" / f"{name}.wav"
    sound, rate_hz = soundfile.read(file)
    turns = json.loads(file.with_suffix(".json").read_text("utf-8"))["turns"]
    speaker = ("caller", "agent")[channel]
    parts = [
        sound[int(s_ms * rate_hz / 1000) : int(e_ms * rate_hz / 1000), channel]
        for s_ms, e_ms in _words(turns, speaker)
    ]
    said = np.concatenate(parts)
    return _resampled(said, rate_hz)


def _words(turns: list[Any], speaker: str) -> Iterator[tuple[float, float]]:
    for turn in turns:
        if turn["speaker"] == speaker:
            for word in turn["words"]:
                yield word["start_ms"], word["end_ms"]


def _resampled(wave: Wave, rate_hz: int) -> Wave:
    """Return audio at `RATE_HZ`, by its spectrum."""
    count = round(len(wave) * RATE_HZ / rate_hz)
    spectrum = np.zeros(count // 2 + 1, np.complex128)
    own = np.fft.rfft(wave)
    kept = min(len(own), len(spectrum))
    spectrum[:kept] = own[:kept]
    return np.fft.irfft(spectrum, count) * count / len(wave)


def _clinks(random: np.random.Generator) -> Wave:
    """Return cups on saucers: short decaying tones."""
    out = np.zeros(LENGTH)
    t_s = np.arange(RATE_HZ // 6) / RATE_HZ
    for _ in range(CLINKS):
        tone = np.zeros(len(t_s))
        for _ in range(3):
            pitch_hz = random.uniform(2000, 7000)
            tone += np.sin(2 * np.pi * pitch_hz * t_s) * np.exp(-t_s / 0.02)
        _put(out, random.uniform(0, LENGTH / RATE_HZ), random.uniform(0.3, 1.5) * tone)
    return out


def _hall(random: np.random.Generator) -> Wave:
    t_s = np.arange(round(CAFE_RT60_S * RATE_HZ)) / RATE_HZ
    tail = random.standard_normal(len(t_s)) * 10 ** (-3 * t_s / CAFE_RT60_S)
    tail[0] = 5.0
    return tail


# -- bursts -------------------------------------------------------------------


def _click(random: np.random.Generator, brightness: float) -> Wave:
    """Return a key that hits its stop: a snap, the case's ring, a knock of the desk."""
    t_s = np.arange(RATE_HZ // 25) / RATE_HZ
    snap = random.standard_normal(len(t_s)) * np.exp(-t_s / 0.0015)
    ring_hz = brightness * random.uniform(1800, 3500)
    ring = np.sin(2 * np.pi * ring_hz * t_s) * np.exp(-t_s / 0.004)
    desk = np.sin(2 * np.pi * random.uniform(140, 260) * t_s) * np.exp(-t_s / 0.012)
    return snap + 0.7 * ring + 0.6 * desk


def _one_cough(random: np.random.Generator) -> Wave:
    """Return a cough: a burst of air, then the voice, dying away in a throat.

    The three phases and their lengths follow Korpas, Sadlonova and Vrabec (1996):
    a burst of some 50 ms, a noisy phase, a voiced end; 300 to 400 ms in all.
    """
    count = round(0.36 * RATE_HZ)
    t_s = np.arange(count) / RATE_HZ
    burst = (
        random.standard_normal(count)
        * np.exp(-t_s / 0.035)
        * (1 - np.exp(-t_s / 0.002))
    )
    air = random.standard_normal(count) * np.exp(-(((t_s - 0.11) / 0.09) ** 2))
    pitch_hz = random.uniform(150, 240) * (1.15 - 0.9 * t_s)
    phase = np.cumsum(pitch_hz) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0)
    loud = np.exp(-(((t_s - 0.21) / 0.09) ** 2))
    source = 1.6 * burst + 0.3 * air + 14.0 * pulses * loud
    throat = sum(
        gain * _resonance(count, at_hz, wide_hz)
        for gain, at_hz, wide_hz in (
            (1.0, random.uniform(550, 750), 120),
            (0.7, random.uniform(1200, 1600), 180),
            (0.5, random.uniform(2500, 3200), 300),
        )
    )
    spectrum = np.fft.rfft(source, 2 * count) * np.fft.rfft(throat, 2 * count)
    return np.fft.irfft(spectrum)[:count] * np.minimum((0.36 - t_s) / 0.03, 1.0)


def _resonance(count: int, at_hz: float, wide_hz: float) -> Wave:
    t_s = np.arange(count) / RATE_HZ
    return np.exp(-np.pi * wide_hz * t_s) * np.sin(2 * np.pi * at_hz * t_s)


# -- signals that go around -----------------------------------------------------


def _coloured(
    random: np.random.Generator, shape: Callable[[Wave], Wave], low_hz: float
) -> Wave:
    """Return noise of RMS 1 of a shape over frequency; below `low_hz` nothing."""
    hz = np.fft.rfftfreq(LENGTH, 1 / RATE_HZ)
    gain = np.where(hz < low_hz / 2, 0.0, shape(np.maximum(hz, low_hz)))
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(LENGTH)) * gain, LENGTH)
    return wave / _rms(wave)


def _around(wave: Wave, response: Wave) -> Wave:
    """Return a loop convolved with a response, what runs over put at its start."""
    spectrum = np.fft.rfft(wave) * np.fft.rfft(response, LENGTH)
    return np.fft.irfft(spectrum, LENGTH)


def _put(out: Wave, at_s: float, sound: Wave) -> None:
    index = (round(at_s * RATE_HZ) + np.arange(len(sound))) % LENGTH
    np.add.at(out, index, sound)


def _active(wave: Wave) -> NDArray[np.bool_]:
    """Return which samples lie in stretches of 20 ms that are not near silent."""
    frame = RATE_HZ // 50
    power = (wave[: LENGTH // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    return np.repeat(power > power.max() / 1000, frame)


def _rms(wave: Wave) -> float:
    return float(np.sqrt(np.mean(wave**2)))


def main() -> None:
    """Write all noises."""
    folder = DATA / "noise"
    folder.mkdir(exist_ok=True)
    for name in NOISES:
        file = folder / f"{name}.flac"
        soundfile.write(file, samples(name), RATE_HZ, "PCM_16")
        print(f"{file.name}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
