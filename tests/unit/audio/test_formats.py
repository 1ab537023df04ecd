"""The three formats of the wire."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab.audio import AudioFormat, g711


@pytest.mark.parametrize(
    ("wire_type", "rate_hz", "bytes_per_sample"),
    [("audio/pcm", 24_000, 2), ("audio/pcmu", 8_000, 1), ("audio/pcma", 8_000, 1)],
)
def test_the_wire_s_names(wire_type: str, rate_hz: int, bytes_per_sample: int) -> None:
    fmt = AudioFormat.from_wire(wire_type)
    assert (fmt.value, fmt.rate_hz, fmt.bytes_per_sample) == (
        wire_type,
        rate_hz,
        bytes_per_sample,
    )


@pytest.mark.parametrize("wire_type", ["pcm16", "audio/PCM", "", "g711_ulaw"])
def test_an_unknown_name_is_answered_with_the_known_ones(wire_type: str) -> None:
    with pytest.raises(ValueError, match="'audio/pcm', 'audio/pcmu', 'audio/pcma'"):
        AudioFormat.from_wire(wire_type)


def test_pcm_is_little_endian() -> None:
    samples = np.array([1, -2, 0x1234], np.int16)
    assert AudioFormat.PCM.encode(samples) == b"\x01\x00\xfe\xff\x34\x12"
    assert AudioFormat.PCM.decode(b"\x01\x00\xfe\xff\x34\x12").tolist() == [1, -2, 4660]


def test_pcm_goes_there_and_back() -> None:
    samples = noise(999)
    decoded = AudioFormat.PCM.decode(AudioFormat.PCM.encode(samples))
    assert decoded.dtype == np.int16
    np.testing.assert_array_equal(decoded, samples)


def test_half_a_sample_is_refused_with_the_count() -> None:
    with pytest.raises(ValueError, match="961"):
        AudioFormat.PCM.decode(bytes(961))


def test_telephone_formats_are_g711() -> None:
    samples = noise(999)
    ulaw, alaw = AudioFormat.PCMU.encode(samples), AudioFormat.PCMA.encode(samples)
    assert ulaw == g711.encode_ulaw(samples).tobytes()
    assert alaw == g711.encode_alaw(samples).tobytes()
    for fmt, data in ((AudioFormat.PCMU, ulaw), (AudioFormat.PCMA, alaw)):
        back = fmt.decode(data)
        assert back.dtype == np.int16
        assert np.abs(back.astype(int) - samples).max() <= 256


@pytest.mark.parametrize(
    ("fmt", "byte_count", "ms"),
    [
        (AudioFormat.PCM, 0, 0),
        (AudioFormat.PCM, 47, 0),
        (AudioFormat.PCM, 48, 1),
        (AudioFormat.PCM, 959, 19),
        (AudioFormat.PCM, 960, 20),
        (AudioFormat.PCMU, 7, 0),
        (AudioFormat.PCMA, 160, 20),
    ],
)
def test_whole_milliseconds(fmt: AudioFormat, byte_count: int, ms: int) -> None:
    assert fmt.duration_ms(byte_count) == ms


@pytest.mark.parametrize("fmt", list(AudioFormat))
def test_nothing_is_nothing(fmt: AudioFormat) -> None:
    assert fmt.encode(np.empty(0, np.int16)) == b""
    assert len(fmt.decode(b"")) == 0
