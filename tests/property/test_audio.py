"""What holds for all samples and for every way of cutting them up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.support.recordings import noise
from voicelab.audio import (
    AudioFormat,
    VadFrontEnd,
    int16_from_float,
    read_audio,
    vad_frames,
    write_wav,
)
from voicelab.errors import AudioError

repeatable = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
int16 = st.integers(-32_768, 32_767)
Int16Array = npt.NDArray[np.int16]


@repeatable
@given(
    rate_hz=st.sampled_from([24_000, 16_000, 8_000]),
    cuts=st.lists(st.integers(0, 1_700), max_size=12),
    seed=st.integers(0, 99),
)
def test_frames_do_not_depend_on_chunking(
    rate_hz: int, cuts: list[int], seed: int
) -> None:
    samples = noise(6_000, peak=32_767, seed=seed)
    front_end = VadFrontEnd(rate_hz)
    frames = []
    for piece in np.split(samples, np.cumsum(cuts)):
        frames += front_end.push(piece)
    whole = vad_frames(samples, rate_hz)
    assert len(frames) == len(whole)
    assert all((a == b).all() for a, b in zip(frames, whole, strict=True))


@repeatable
@given(
    samples=arrays(np.int16, st.integers(0, 200), elements=int16),
    fmt=st.sampled_from(AudioFormat),
)
def test_a_second_passage_through_a_format_changes_nothing(
    samples: Int16Array, fmt: AudioFormat
) -> None:
    data = fmt.encode(samples)
    assert len(data) == fmt.bytes_per_sample * len(samples)
    once = fmt.decode(data)
    np.testing.assert_array_equal(fmt.decode(fmt.encode(once)), once)
    assert fmt.sample_count(len(data)) == len(samples)


@repeatable
@given(samples=arrays(np.int16, st.integers(0, 200), elements=int16))
def test_16_bits_survive_floating_point(samples: Int16Array) -> None:
    as_float = samples.astype(np.float32) / 32_768
    np.testing.assert_array_equal(int16_from_float(as_float), samples)


@repeatable
@given(
    values=arrays(
        np.float32, 50, elements=st.floats(-1e6, 1e6, width=32, allow_nan=False)
    )
)
def test_floats_of_any_size_keep_their_sign(values: npt.NDArray[np.float32]) -> None:
    result = int16_from_float(values)
    loud = np.abs(values) > 1e-4
    np.testing.assert_array_equal(np.sign(result)[loud], np.sign(values)[loud])


@repeatable
@given(kept=st.integers(0, 1_043))
def test_a_wav_cut_anywhere_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, [noise(500)], 24_000, 1)
    data = path.read_bytes()
    assert len(data) == 1_044
    path.write_bytes(data[:kept])
    with pytest.raises(AudioError):
        read_audio(path)


@repeatable
@given(position=st.integers(0, 43), value=st.integers(0, 255))
def test_a_damaged_header_is_read_or_refused(
    tmp_path: Path, position: int, value: int
) -> None:
    path = tmp_path / "damaged.wav"
    write_wav(path, [noise(500)], 24_000, 1)
    data = bytearray(path.read_bytes())
    data[position] = value
    path.write_bytes(data)
    try:
        read_audio(path, channel=0)
    except AudioError as error:
        assert error.file == path  # noqa: PT017 - reading may also succeed
