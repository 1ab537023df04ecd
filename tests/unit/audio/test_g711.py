"""Both laws, against the standard's values and an independent implementation."""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np
import pytest

from voicelab.audio import g711

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = np.arange(256, dtype=np.uint8)


@pytest.fixture(scope="module")
def audioop() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module: ModuleType = pytest.importorskip(
            "audioop", reason="removed in Python 3.13"
        )
    return module


def test_ulaw_is_that_of_audioop(audioop: ModuleType) -> None:
    encoded = audioop.lin2ulaw(EVERY_SAMPLE.tobytes(), 2)
    assert g711.encode_ulaw(EVERY_SAMPLE).tobytes() == encoded
    decoded = audioop.ulaw2lin(EVERY_CODE.tobytes(), 2)
    assert g711.decode_ulaw(EVERY_CODE).tobytes() == decoded


def test_alaw_is_that_of_audioop(audioop: ModuleType) -> None:
    encoded = audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)
    assert g711.encode_alaw(EVERY_SAMPLE).tobytes() == encoded
    decoded = audioop.alaw2lin(EVERY_CODE.tobytes(), 2)
    assert g711.decode_alaw(EVERY_CODE).tobytes() == decoded


# The standard's tables give 14-bit (µ-law) and 13-bit (A-law) levels; here 16-bit.
@pytest.mark.parametrize(
    ("code", "level"),
    [(0x00, -8031), (0x80, 8031), (0xFF, 0), (0x7F, 0), (0x8F, 4191), (0xEF, 33)],
)
def test_ulaw_levels_of_the_standard(code: int, level: int) -> None:
    assert g711.decode_ulaw(np.array([code], np.uint8))[0] == 4 * level


@pytest.mark.parametrize(
    ("code", "level"),
    [(0x2A, -4032), (0xAA, 4032), (0xD5, 1), (0x55, -1), (0xA5, 2112)],
)
def test_alaw_levels_of_the_standard(code: int, level: int) -> None:
    assert g711.decode_alaw(np.array([code], np.uint8))[0] == 8 * level


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_a_law_is_monotone_and_keeps_its_own_levels(law: str) -> None:
    encode, decode = getattr(g711, f"encode_{law}"), getattr(g711, f"decode_{law}")
    assert (np.diff(decode(encode(EVERY_SAMPLE)).astype(int)) >= 0).all()
    levels = decode(EVERY_CODE)
    np.testing.assert_array_equal(decode(encode(levels)), levels)


@pytest.mark.parametrize(("law", "floor_db"), [("ulaw", 37), ("alaw", 37)])
def test_a_loud_sine_keeps_the_quality_of_g711(law: str, floor_db: float) -> None:
    # G.711 codecs reach 37 to 38 dB over their upper range (G.712 asks for 33).
    sine = np.rint(16_000 * np.sin(np.arange(8_000) * 0.8)).astype(np.int16)
    back = getattr(g711, f"decode_{law}")(getattr(g711, f"encode_{law}")(sine))
    error = back.astype(float) - sine
    assert (
        10 * np.log10((sine.astype(float) ** 2).mean() / (error**2).mean()) > floor_db
    )


def test_any_layout_of_samples_is_encoded() -> None:
    samples = EVERY_SAMPLE[::7]
    np.testing.assert_array_equal(
        g711.encode_ulaw(samples), g711.encode_ulaw(samples.copy())
    )
