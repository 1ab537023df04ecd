from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf

from voicelab.audio.pcm import Samples
from voicelab.errors import InputError
from voicelab.reports import sound
from voicelab.reports.sound import SOUNDS, check_sound, sound_uri

RATE_HZ = 24_000
FULL_SCALE = 32_768


def bursts() -> Samples:
    """Return noise like speech on the left, then on the right, never on both."""
    generator = np.random.default_rng(1)
    smooth = np.convolve(generator.normal(size=4 * RATE_HZ), np.ones(8) / 8, "same")
    samples = np.zeros((4 * RATE_HZ, 2))
    samples[RATE_HZ // 2 : RATE_HZ, 0] = smooth[: RATE_HZ // 2]
    samples[2 * RATE_HZ : 3 * RATE_HZ, 1] = smooth[RATE_HZ : 2 * RATE_HZ]
    return np.rint(9000 * samples).astype(np.int16)


def decoded(uri: str, mime: str) -> npt.NDArray[np.float64]:
    head, _, coded = uri.partition(",")
    assert head == f"data:{mime};base64"
    samples, rate_hz = sf.read(BytesIO(base64.b64decode(coded, validate=True)))
    assert rate_hz == RATE_HZ
    return np.asarray(samples)


def level_db(samples: npt.NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-20))


def test_mp3_keeps_each_channel_in_its_place() -> None:
    original = bursts() / FULL_SCALE
    heard = decoded(sound_uri(bursts(), RATE_HZ, "mp3") or "", "audio/mpeg")
    assert heard.shape == original.shape
    for channel in (0, 1):
        lags = [
            (original[100:-100, channel] * np.roll(heard, -lag, 0)[100:-100, channel])
            .sum()
            .item()
            for lag in range(-50, 51)
        ]
        assert lags.index(max(lags)) == 50, "aligned to the sample"
        assert level_db(original[:, channel] - heard[:, channel]) < (
            level_db(original[:, channel]) - 10
        )
    assert level_db(heard[2 * RATE_HZ : 3 * RATE_HZ, 0]) < -60, "nothing leaks"


def test_flac_loses_nothing() -> None:
    heard = decoded(sound_uri(bursts(), RATE_HZ, "flac") or "", "audio/flac")
    assert np.array_equal(np.rint(heard * FULL_SCALE).astype(np.int16), bursts())


def test_long_recordings_are_encoded_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = sound_uri(bursts(), RATE_HZ, "flac")
    monkeypatch.setattr(sound, "_BLOCK_SAMPLES", 4096)
    assert decoded(at_once or "", "audio/flac").tolist() == (
        decoded(sound_uri(bursts(), RATE_HZ, "flac") or "", "audio/flac").tolist()
    )


@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_equal_samples_give_equal_bytes(kind: sound.Sound) -> None:
    assert sound_uri(bursts(), RATE_HZ, kind) == sound_uri(bursts(), RATE_HZ, kind)


def test_mp3_is_small() -> None:
    noise = np.random.default_rng(0).integers(-9000, 9000, (60 * RATE_HZ, 2))
    uri = sound_uri(noise.astype(np.int16), RATE_HZ, "mp3")
    assert uri is not None
    assert len(uri) < 900_000, "whatever is in it: the rate is constant"


def test_no_sound() -> None:
    assert sound_uri(bursts(), RATE_HZ, "none") is None
    assert sound_uri(bursts()[:0], RATE_HZ, "mp3") is None


def test_a_kind_that_there_is_not() -> None:
    assert [check_sound(kind) for kind in SOUNDS] == ["mp3", "flac", "none"]
    with pytest.raises(InputError, match="mp3, flac, none, not as 'ogg'"):
        check_sound("ogg")


def test_a_library_without_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("Unknown format")

    monkeypatch.setattr(sf, "SoundFile", refuse)
    with pytest.raises(InputError, match="cannot write MP3; keep the sound as flac"):
        sound_uri(bursts(), RATE_HZ, "mp3")
