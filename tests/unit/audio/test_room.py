"""Rooms: their energy, and how fast it dies away."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.audio.room import ROOMS, RoomName, room_response

RATE_HZ = 24_000


def measured_rt60_s(response: np.ndarray) -> float:
    """Return the reverberation time by Schroeder's backward integration (T20)."""
    left = np.cumsum(response[::-1] ** 2)[::-1]
    level_db = 10 * np.log10(left / left[0])
    start, end = np.argmax(level_db < -15), np.argmax(level_db < -35)
    fall_db = level_db[start] - level_db[end]
    return float((end - start) / RATE_HZ * 60 / fall_db)


def test_no_room_is_a_wire() -> None:
    assert room_response("none", RATE_HZ, "x").tolist() == [1.0]


@pytest.mark.parametrize("name", ["small", "large"])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_a_room_dies_away_as_fast_as_it_says(name: RoomName, seed: str) -> None:
    response = room_response(name, RATE_HZ, seed)
    assert measured_rt60_s(response) == pytest.approx(ROOMS[name].rt60_s, rel=0.12)
    assert np.sum(response**2) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_direct_sound_comes_first_and_as_loud_as_it_says(name: RoomName) -> None:
    room = ROOMS[name]
    response = room_response(name, RATE_HZ, "x")
    predelay = round(room.predelay_s * RATE_HZ)
    assert not response[1:predelay].any()
    over_rest = response[0] ** 2 / np.sum(response[1:] ** 2)
    assert 10 * np.log10(over_rest) == pytest.approx(room.direct_db, abs=0.1)


def test_reflections_are_drawn_from_the_seed() -> None:
    one, same, other = (room_response("small", RATE_HZ, seed) for seed in "aab")
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
