"""Chunks of a media stream in their places."""

from __future__ import annotations

import pytest

from voicelab.errors import LegError
from voicelab.legs.twilio import CallerAudio
from voicelab.serve.bridges.twilio.caller_clock import LONGEST_GAP_MS, CallerClock

CHUNK = b"\x01" * 160
SILENCE = b"\xff"


def chunk(number: int, at_ms: int, payload: bytes = CHUNK) -> CallerAudio:
    return CallerAudio(payload, str(at_ms), str(number))


def placed(*chunks: CallerAudio) -> list[bytes]:
    clock = CallerClock()
    return [clock.place(one) for one in chunks]


def test_what_follows_on_is_passed_on() -> None:
    assert placed(chunk(1, 0), chunk(2, 20), chunk(3, 40)) == [CHUNK] * 3


def test_a_stream_may_begin_anywhere() -> None:
    assert placed(chunk(7, 325), chunk(8, 345)) == [CHUNK, CHUNK]


def test_missing_chunks_last_as_long_as_the_instants_say() -> None:
    _, after = placed(chunk(1, 5), chunk(4, 105))
    assert after == SILENCE * (80 * 8) + CHUNK


@pytest.mark.parametrize("at_ms", [0, 20])
def test_or_20_ms_each_where_the_instants_say_nothing(at_ms: int) -> None:
    _, after = placed(chunk(1, 0), chunk(4, at_ms))
    assert after == SILENCE * (2 * 160) + CHUNK


def test_instants_that_are_uneven_make_no_silence() -> None:
    assert placed(chunk(1, 0), chunk(2, 27), chunk(3, 40)) == [CHUNK] * 3


def test_only_the_last_gap_is_filled() -> None:
    *_, after = placed(chunk(1, 0), chunk(2, 500), chunk(4, 540))
    assert after == SILENCE * 160 + CHUNK


@pytest.mark.parametrize("number", [1, 2])
def test_a_chunk_that_was_there_gives_nothing(number: int) -> None:
    *_, again, after = placed(
        chunk(1, 0), chunk(2, 20), chunk(number, 40), chunk(3, 40)
    )
    assert (again, after) == (b"", CHUNK)


def test_chunks_may_be_of_any_length() -> None:
    _, after = placed(chunk(1, 0, CHUNK * 2), chunk(3, 60))
    assert after == SILENCE * 160 + CHUNK


@pytest.mark.parametrize(
    "far", [chunk(3, LONGEST_GAP_MS + 21), chunk(10**12, 0), chunk(3, 10**14)]
)
def test_a_gap_that_cannot_be_is_refused(far: CallerAudio) -> None:
    with pytest.raises(LegError, match="after a gap of"):
        placed(chunk(1, 0), far)


def test_the_longest_gap_is_filled() -> None:
    _, after = placed(chunk(1, 0), chunk(3, LONGEST_GAP_MS + 20))
    assert len(after) == (LONGEST_GAP_MS + 20) * 8
