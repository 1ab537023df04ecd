"""What a leg's codecs make of samples."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.legs.codec import ALAW, ULAW, LegCodec


def test_pcm_is_little_endian_at_any_rate() -> None:
    codec = LegCodec("pcm", 16_000)
    samples = np.array([0, 1, -2, 256], np.int16)
    assert codec.encode(samples) == bytes.fromhex("0000 0100 feff 0001")
    assert codec.decode(codec.encode(samples)).tolist() == samples.tolist()
    assert codec.bytes_per_sample == 2
    with pytest.raises(ValueError, match="odd number of bytes"):
        codec.decode(b"\0\0\0")


def test_g711_has_one_byte_a_sample_and_silence_is_its_own() -> None:
    silence = np.zeros(3, np.int16)
    assert ULAW.encode(silence) == b"\xff" * 3
    assert ALAW.encode(silence) == b"\xd5" * 3
    assert (ULAW.rate_hz, ALAW.rate_hz) == (8000, 8000)


@pytest.mark.parametrize("codec", [ULAW, ALAW, LegCodec("pcm", 24_000)], ids=str)
def test_silence_is_as_long_as_asked_for(codec: LegCodec) -> None:
    assert codec.decode(codec.silence(5)) == pytest.approx(np.zeros(5), abs=8)
    assert len(codec.decode(codec.silence(5))) == 5
    assert codec.silence(0) == b""
