from __future__ import annotations

import pytest

from voicelab.audio import AudioFormat
from voicelab.session.input_buffer import InputAudioBuffer

PCM_MS = 48
"""Bytes a millisecond at 24 kHz."""


def counting(length: int, start: int = 0) -> bytes:
    return bytes((start + k) % 251 for k in range(length))


def test_positions_are_milliseconds_of_all_audio() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCM)
    buffer.append(bytes(100 * PCM_MS + 46))
    assert (buffer.start_ms, buffer.position_ms) == (0, 100)
    assert buffer.uncommitted_ms == pytest.approx(100 + 23 / 24)
    buffer.take_all()
    assert (buffer.start_ms, buffer.position_ms) == (100, 100)
    assert buffer.uncommitted_ms == 0
    buffer.append(bytes(2))
    assert buffer.position_ms == 101


def test_a_span_is_taken_and_what_lies_before_its_end_is_gone() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCMU)
    data = counting(800)
    buffer.append(data)
    assert buffer.take(20, 50) == data[160:400]
    assert (buffer.start_ms, buffer.uncommitted_bytes) == (50, 400)
    assert buffer.take(20, 60) == data[400:480]
    assert buffer.take_all() == data[480:]


def test_samples_between_milliseconds_are_neither_lost_nor_given_twice() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCM)
    first, second = counting(6006), counting(4800, 7)
    buffer.append(first)
    assert buffer.take_all() == first
    buffer.append(second)
    assert buffer.uncommitted_bytes == 4800
    assert buffer.take_all() == second


def test_a_clear_drops_what_is_uncommitted_and_keeps_the_position() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCM)
    buffer.append(bytes(100 * PCM_MS))
    buffer.clear()
    assert (buffer.position_ms, buffer.uncommitted_bytes) == (100, 0)
    assert buffer.take(0, 100) == b""


def test_another_format_counts_on_from_the_same_millisecond() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCM)
    buffer.append(bytes(100 * PCM_MS))
    buffer.change_format(AudioFormat.PCM)
    assert buffer.uncommitted_ms == 100
    buffer.change_format(AudioFormat.PCMA)
    assert (buffer.position_ms, buffer.start_ms, buffer.uncommitted_ms) == (100, 100, 0)
    data = counting(80)
    buffer.append(data)
    assert (buffer.position_ms, buffer.uncommitted_ms) == (110, 10)
    assert buffer.take(105, 110) == data[40:]


def test_only_the_newest_audio_is_kept_on_request() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCMU)
    data = counting(8 * 10_000)
    for start in range(0, len(data), 160):
        buffer.append(data[start : start + 160])
        buffer.forget_all_but(1000)
        assert buffer.uncommitted_ms <= 2000 + 20
        assert buffer.uncommitted_ms >= min(buffer.position_ms, 1000)
    start_ms = buffer.start_ms
    assert buffer.take(0, 10_000) == data[8 * start_ms :]


def test_forgetting_the_future_forgets_what_there_is() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCMU)
    buffer.append(bytes(80))
    buffer.forget_before(50)
    assert (buffer.start_ms, buffer.uncommitted_bytes) == (10, 0)
    buffer.forget_before(5)
    assert buffer.start_ms == 10


def test_a_span_before_the_first_uncommitted_sample_is_empty() -> None:
    buffer = InputAudioBuffer(AudioFormat.PCM)
    buffer.append(bytes(2))
    buffer.take_all()
    buffer.append(bytes(4))
    assert buffer.take(0, 0) == b""
    assert buffer.uncommitted_bytes == 4
