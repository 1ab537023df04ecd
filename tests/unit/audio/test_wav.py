"""Every kind of sound file in, one kind out, and one sentence for what is broken."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support.recordings import noise, shared_audio, tone
from voicelab.audio import read_audio, resample, write_wav
from voicelab.errors import AudioError

EXACT = ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]


def wav(folder: Path, data: np.ndarray, rate_hz: int = 24_000, **options: str) -> Path:
    path = folder / "sound.wav"
    soundfile.write(path, data, rate_hz, **options)
    return path


def as_float(samples: np.ndarray) -> np.ndarray:
    return samples / 32768.0


@pytest.mark.parametrize("subtype", EXACT)
def test_formats_that_hold_16_bits_come_through_exactly(
    tmp_path: Path, subtype: str
) -> None:
    samples = np.concatenate(([-32768, 32767, -1, 0, 1], noise(100_000))).astype("i2")
    path = wav(tmp_path, as_float(samples), subtype=subtype)
    np.testing.assert_array_equal(read_audio(path).samples, samples)


@pytest.mark.parametrize(
    ("subtype", "tolerance"), [("PCM_U8", 256), ("ULAW", 512), ("ALAW", 512)]
)
def test_8_bit_formats_come_within_their_step(
    tmp_path: Path, subtype: str, tolerance: int
) -> None:
    samples = tone(440, 8_000)
    path = wav(tmp_path, as_float(samples), 8_000, subtype=subtype)
    read = read_audio(path, rate_hz=8_000).samples
    assert np.abs(read.astype(int) - samples).max() <= tolerance
    assert np.corrcoef(read, samples)[0, 1] > 0.9998


def test_flac_and_big_endian_wav(tmp_path: Path) -> None:
    samples = noise(5000)
    soundfile.write(tmp_path / "a.flac", samples, 24_000)
    soundfile.write(tmp_path / "b.wav", samples, 24_000, endian="BIG")
    for name in ("a.flac", "b.wav"):
        np.testing.assert_array_equal(read_audio(tmp_path / name).samples, samples)


def test_a_channel_of_a_stereo_file(tmp_path: Path) -> None:
    left, right = noise(3000, seed=1), noise(3000, seed=2)
    path = wav(tmp_path, np.column_stack((left, right)), 16_000)
    recording = read_audio(path, channel=1, rate_hz=16_000)
    np.testing.assert_array_equal(recording.samples, right)
    assert (recording.channels, recording.channel) == (2, 1)


def test_a_recording_says_where_it_is_from(tmp_path: Path) -> None:
    path = wav(tmp_path, tone(300, 44_100), 44_100)
    recording = read_audio(str(path))
    assert recording.source_rate_hz == 44_100
    assert recording.rate_hz == 24_000
    assert recording.path == path
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recording.samples.dtype == np.int16
    assert not recording.samples.flags.writeable


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_another_rate_keeps_the_tone_in_place(tmp_path: Path, rate_hz: int) -> None:
    path = wav(tmp_path, tone(997, rate_hz), rate_hz)
    read = read_audio(path).samples
    wanted = tone(997, 24_000)
    assert len(read) == pytest.approx(len(wanted), abs=1)
    middle = slice(2_000, 22_000)  # the ends ring: the tone starts and stops there
    error = read[middle].astype(float) - wanted[middle]
    assert np.abs(error).max() <= 2


def test_reading_in_blocks_equals_resampling_as_a_whole(tmp_path: Path) -> None:
    samples = noise(200_000)  # several blocks
    path = wav(tmp_path, samples, 48_000)
    np.testing.assert_array_equal(
        read_audio(path).samples, resample(samples, 48_000, 24_000)
    )


def test_float_samples_over_full_scale_are_clipped(tmp_path: Path) -> None:
    path = wav(tmp_path, np.array([1.5, -1.5, 1.0, -1.0, 0.25]), subtype="FLOAT")
    assert read_audio(path).samples.tolist() == [32767, -32768, 32767, -32768, 8192]


def test_a_wav_from_a_pipe_has_no_length_and_is_read_to_the_end(tmp_path: Path) -> None:
    path = wav(tmp_path, noise(5000))
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    np.testing.assert_array_equal(read_audio(path).samples, noise(5000))


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(AudioError) as caught:
        read_audio(path, **options)
    assert caught.value.file == path
    assert caught.value.fix
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


def test_missing_folder_empty_and_foreign_files(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent.wav")
    assert "folder" in refused(tmp_path)
    empty = tmp_path / "empty.wav"
    empty.touch()
    assert "empty" in refused(empty)
    text = tmp_path / "text.wav"
    text.write_text("this is not a sound\n" * 50)
    assert "not a sound file" in refused(text)


def test_a_file_that_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wav(tmp_path, noise(10))

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "Permission denied" in refused(path)


def test_no_samples(tmp_path: Path) -> None:
    assert "no samples" in refused(wav(tmp_path, noise(0)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    data = np.zeros(48_000)
    data[36_000] = value
    sentence = refused(wav(tmp_path, data, subtype="FLOAT"))
    assert "NaN" in sentence
    assert "1.500 s" in sentence


def test_float_samples_in_16_bit_units(tmp_path: Path) -> None:
    path = wav(tmp_path, noise(100).astype(float), subtype="FLOAT")
    assert "full scale is 1.0" in refused(path)


@pytest.mark.parametrize("rate_hz", [4_000, 7_999, 48_001, 96_000])
def test_absurd_rates(tmp_path: Path, rate_hz: int) -> None:
    assert f"{rate_hz} Hz" in refused(wav(tmp_path, noise(100), rate_hz))


def test_the_channel_must_be_said_and_exist(tmp_path: Path) -> None:
    stereo = wav(tmp_path, np.zeros((100, 2), np.int16))
    assert "say channel: 0 or 1" in refused(stereo)
    assert "no channel 2" in refused(stereo, channel=2)
    assert "no channel -1" in refused(stereo, channel=-1)
    mono = wav(tmp_path, noise(100))
    assert "no channel 1" in refused(mono, channel=1)
    assert read_audio(mono, channel=0).channel == 0


@pytest.mark.parametrize("missing", [1, 2, 500, 9_990, 10_000])
def test_cut_audio(tmp_path: Path, missing: int) -> None:
    path = wav(tmp_path, noise(5_000))
    path.write_bytes(path.read_bytes()[:-missing])
    assert "truncated" in refused(path)


@pytest.mark.parametrize("kept", [4, 11, 12, 20, 35, 36, 43])
def test_cut_headers(tmp_path: Path, kept: int) -> None:
    path = wav(tmp_path, noise(5_000))
    path.write_bytes(path.read_bytes()[:kept])
    refused(path)


def flac_that_claims(count: int, folder: Path) -> Path:
    path = folder / "sound.flac"
    soundfile.write(path, noise(50_000), 24_000)
    data = bytearray(path.read_bytes())
    assert data[22:26] == (50_000).to_bytes(4, "big")  # total samples in STREAMINFO
    data[22:26] = count.to_bytes(4, "big")
    path.write_bytes(data)
    return path


def test_flac_that_claims_more_than_it_holds(tmp_path: Path) -> None:
    refused(flac_that_claims(60_000, tmp_path))


def test_a_decoder_that_stops_early_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wav(tmp_path, noise(5_000))
    monkeypatch.setattr(soundfile.SoundFile, "frames", 6_000)
    assert "claims 6000 samples and holds 5000" in refused(path)


def test_flac_from_a_pipe_has_no_length(tmp_path: Path) -> None:
    assert "how long it is" in refused(flac_that_claims(0, tmp_path))


@pytest.mark.parametrize("suffix", ["ogg", "aiff"])
def test_formats_in_which_cuts_go_unnoticed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound.{suffix}"
    soundfile.write(path, noise(5_000), 24_000)
    assert "convert it to WAV or FLAC" in refused(path)


def test_cut_flac(tmp_path: Path) -> None:
    path = tmp_path / "sound.flac"
    soundfile.write(path, noise(50_000), 24_000)
    path.write_bytes(path.read_bytes()[:60_000])
    refused(path)


def test_odd_chunks_are_padded(tmp_path: Path) -> None:
    path = wav(tmp_path, noise(50))
    data = path.read_bytes()
    path.write_bytes(data[:36] + struct.pack("<4sI3sx", b"note", 3, b"abc") + data[36:])
    np.testing.assert_array_equal(read_audio(path).samples, noise(50))


@pytest.mark.parametrize("name", ["awful", "bad", "evil", "null"])
def test_known_broken_files(name: str) -> None:
    refused(shared_audio(f"malformed/{name}.wav"))


def test_a_real_telephone_call_of_8_bits() -> None:
    recording = read_audio(shared_audio("calls/aws_call_mono_8k.wav"))
    assert recording.source_rate_hz == 8_000
    assert len(recording.samples) / 24_000 == pytest.approx(277.7, abs=0.1)
    assert np.abs(recording.samples).max() > 5_000


def test_written_blocks_are_read_back(tmp_path: Path) -> None:
    blocks = [noise(480, seed=seed) for seed in range(5)]
    path = tmp_path / "out.wav"
    assert write_wav(path, iter(blocks), 24_000, 1) == 2_400
    recording = read_audio(path)
    np.testing.assert_array_equal(recording.samples, np.concatenate(blocks))


def test_writing_holds_header_and_samples_and_nothing_else(tmp_path: Path) -> None:
    stereo = noise(2_000).reshape(-1, 2)
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    write_wav(one, [stereo], 24_000, 2)
    write_wav(two, [stereo[:300], stereo[300:]], 24_000, 2)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes()[44:] == stereo.astype("<i2").tobytes()
    assert soundfile.info(one).frames == 1_000


@pytest.mark.parametrize(
    "block", [np.zeros(10), np.zeros((10, 2), np.int16), np.zeros((10, 3), np.int16)]
)
def test_blocks_of_another_kind_cannot_be_written(
    tmp_path: Path, block: np.ndarray
) -> None:
    with pytest.raises(ValueError, match="a block of"):
        write_wav(tmp_path / "out.wav", [block], 24_000, 1)
