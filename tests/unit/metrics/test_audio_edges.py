from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import speech_like
from voicelab.audio.pcm import Samples
from voicelab.errors import ScenarioError
from voicelab.metrics.audio_edges import sharpened, voiced_spans
from voicelab.metrics.spans import Span

MS = 1_000_000
RATE_HZ = 16_000
PER_MS = RATE_HZ // 1000


def bursts(spans: list[tuple[int, int]], *, peak: int = 8000) -> Samples:
    """Return three seconds, loud in some spans of milliseconds, silent elsewhere."""
    wave = peak * np.sin(2 * np.pi * 200 * np.arange(3 * RATE_HZ) / RATE_HZ)
    gate = np.zeros(3 * RATE_HZ)
    for start, end in spans:
        gate[start * PER_MS : end * PER_MS] = 1.0
    return (wave * gate).astype(np.int16)


def ms(spans: list[Span]) -> list[tuple[float, float]]:
    return [(start / MS, end / MS) for start, end in spans]


def test_silence_holds_no_speech() -> None:
    silence = np.zeros(RATE_HZ, np.int16)
    assert voiced_spans(silence, RATE_HZ) == []
    assert sharpened(silence, RATE_HZ, []) == []


def test_a_recording_shorter_than_a_frame_holds_no_speech() -> None:
    assert voiced_spans(np.zeros(100, np.int16), RATE_HZ, scorer="energy") == []


def test_a_detector_hears_bursts_in_whole_frames() -> None:
    # 480 ms is frame 15; 960 and 1216 ms are frames 30 and 38; 256 ms apart
    spans = voiced_spans(bursts([(480, 960), (1216, 1600)]), RATE_HZ, scorer="energy")
    assert ms(spans) == [(480, 960), (1216, 1600)]


def test_bursts_less_than_200_ms_apart_are_one_span() -> None:
    spans = voiced_spans(bursts([(480, 960), (1152, 1600)]), RATE_HZ, scorer="energy")
    assert ms(spans) == [(480, 1600)]  # 192 ms apart


def test_there_is_no_such_detector() -> None:
    with pytest.raises(ScenarioError, match="no VAD named 'ear'"):
        voiced_spans(bursts([]), RATE_HZ, scorer="ear")


def test_edges_move_to_where_the_level_says() -> None:
    # speech at 500-1000; the detector is 40 ms late at the start, 100 ms at the end
    audio = bursts([(500, 1000)])
    assert ms(sharpened(audio, RATE_HZ, [(540 * MS, 1100 * MS)])) == [(500, 1000)]


def test_edges_move_no_farther_than_their_reach() -> None:
    # speech goes on from 200 on, but 160 ms is how far an edge may move
    audio = bursts([(200, 1000)])
    assert ms(sharpened(audio, RATE_HZ, [(640 * MS, 900 * MS)])) == [(480, 1000)]


def test_edges_do_not_cross_the_middle_between_spans() -> None:
    # one stretch of sound, 500-1100, that a detector took for two spans
    audio = bursts([(500, 1100)])
    spans = [(500 * MS, 700 * MS), (900 * MS, 1100 * MS)]
    assert ms(sharpened(audio, RATE_HZ, spans)) == [(500, 800), (800, 1100)]


def test_what_is_35_db_down_is_speech_and_what_is_40_db_down_is_not() -> None:
    loud = bursts([(500, 1000)], peak=16_000)
    for below_db, end_ms in [(34, 1060), (40, 1000)]:
        tail = bursts([(1000, 1060)], peak=round(16_000 * 10 ** (-below_db / 20)))
        spans = sharpened(loud + tail, RATE_HZ, [(500 * MS, 1040 * MS)])
        assert ms(spans) == [(500, end_ms)]


def test_in_noise_the_detectors_edges_stay() -> None:
    # the background is 28 dB below the burst: the level tells nothing
    hiss = np.random.Generator(np.random.PCG64(1)).normal(0, 225, 3 * RATE_HZ)
    audio = bursts([(500, 1000)]) + hiss.astype(np.int16)
    span = (540 * MS, 1100 * MS)
    assert sharpened(audio, RATE_HZ, [span]) == [span]


def test_sharpened_spans_are_in_order_and_as_many() -> None:
    audio = speech_like()
    spans = voiced_spans(audio, RATE_HZ)
    found = sharpened(audio, RATE_HZ, spans)
    assert len(spans) == len(found) > 0
    flat = [edge for span in found for edge in span]
    assert flat == sorted(flat)
