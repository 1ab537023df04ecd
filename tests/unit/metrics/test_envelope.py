from __future__ import annotations

import numpy as np
import pytest

from voicelab.metrics import waveform_envelope


def test_each_span_keeps_its_extremes() -> None:
    samples = np.array([0, 16384, -32768, 8192, 1, 2], np.int16)
    t_s, low, high = waveform_envelope(samples, 2, spans=3)
    assert t_s.tolist() == [0, 1, 2]
    assert low.tolist() == [0, -1, 1 / 32768]
    assert high.tolist() == [0.5, 0.25, 2 / 32768]


@pytest.mark.parametrize("length", [1, 2, 7, 1000, 1001])
@pytest.mark.parametrize("spans", [1, 3, 10])
def test_nothing_is_left_out(length: int, spans: int) -> None:
    samples = np.arange(length, dtype=np.int16)
    t_s, low, high = waveform_envelope(samples, 24_000, spans=spans)
    assert len(t_s) == len(low) == len(high) <= spans
    assert (low[0], high[-1]) == (0, (length - 1) / 32768)


def test_silence_of_no_length_has_no_outline() -> None:
    assert all(
        not len(part) for part in waveform_envelope(np.empty(0, np.int16), 1, spans=5)
    )
