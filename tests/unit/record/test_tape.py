"""A channel of the recording, against an array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise, tone
from voicelab.audio.pcm import Samples
from voicelab.record.tape import Tape

BLOCK = 1 << 16
PIECES = st.lists(st.tuples(st.integers(-20, 60), st.integers(1, 50)), max_size=8)


def played(tape: Tape, rate_hz: int, samples: int) -> Samples:
    blocks = list(tape.blocks(rate_hz, samples))
    assert all(len(block) == BLOCK for block in blocks[:-1])
    return np.concatenate(blocks) if blocks else np.empty(0, np.int16)


@given(PIECES, st.integers(0, 400))
def test_pieces_stand_at_their_places_with_silence_between(
    pieces: list[tuple[int, int]], samples: int
) -> None:
    expected = np.zeros(2000, np.int16)
    with Tape(24_000) as tape:
        end = 0
        for index, (gap, length) in enumerate(pieces):
            position = max(end + gap, 0)
            piece = noise(length, seed=index)
            tape.write(position, piece)
            skip = min(max(end - position, 0), length)  # what lies before is kept
            expected[position + skip : position + length] = piece[skip:]
            end = max(end, position + length)
        got = played(tape, 24_000, samples)
    expected[end:] = 0
    assert got.tolist() == expected[:samples].tolist()


@pytest.mark.parametrize("samples", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("recorded", [0, 1, BLOCK, 2 * BLOCK + 7])
def test_exactly_what_is_asked_for_comes_out(samples: int, recorded: int) -> None:
    audio = noise(recorded)
    with Tape(24_000) as tape:
        tape.write(0, audio)
        got = played(tape, 24_000, samples)
    assert len(got) == samples
    shared = min(samples, recorded)
    assert (got[:shared] == audio[:shared]).all()
    assert not got[shared:].any()


def test_a_long_silence_is_silence() -> None:
    with Tape(24_000) as tape:
        tape.write(5 * BLOCK + 3, np.array([7], np.int16))
        got = played(tape, 24_000, 6 * BLOCK)
    assert got[5 * BLOCK + 3] == 7
    assert np.count_nonzero(got) == 1


def test_another_rate_keeps_every_time() -> None:
    """A tone recorded at 8 kHz comes out as the same tone at 24 kHz, in its place."""
    with Tape(8_000) as tape:
        tape.write(4_000, tone(440, 8_000, 10.0))
        got = played(tape, 24_000, 24_000 * 11)
    assert not got[: 12_000 - 240].any()
    inner = slice(12_000 + 480, 12_000 + 9 * 24_000)
    expected = tone(440, 24_000, 10.0)[480 : 9 * 24_000]
    assert np.abs(got[inner].astype(int) - expected).max() <= 4
