from __future__ import annotations

import pytest

from voicelab.calibration.chunks import MAX_START, chunk_rate, fit_chunks


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([[200.0] * 9] * 4, (200,)),
        ([[50.0, 100, 200, 200]] * 3, (50, 100, 200)),
        ([[50.0, 100, 200, 200], [50, 100], [50]], (50, 150)),
        ([[19.98, 20.02]] * 5, (20,)),
        ([[0.2]] * 5, (1,)),
        ([[80.0, 120.0]], (80, 120)),
        ([], (200,)),
    ],
)
def test_a_start_and_a_length_that_repeats(
    replies: list[list[float]], expected: tuple[int, ...]
) -> None:
    assert fit_chunks(replies) == expected


def test_odd_replies_do_not_shape_a_typical_one() -> None:
    usual = [50.0, 100, 200, 200, 200]
    assert fit_chunks([usual] * 9 + [[400.0] * 5]) == (50, 100, 200)


def test_lengths_without_a_pattern_are_summed_up() -> None:
    replies = [[float(60 + k) for k in range(60)]] * 5
    fitted = fit_chunks(replies)
    assert len(fitted) == MAX_START + 1
    assert fitted[:MAX_START] == tuple(range(60, 60 + MAX_START))
    assert fitted[-1] == pytest.approx(60 + (MAX_START + 59) / 2, abs=1)


def test_the_share_of_chunks_that_a_profile_tells() -> None:
    replies = [[50.0, 100.0, 200.0, 201.0], [50.0, 90.0, 200.0]]
    assert chunk_rate(replies, (50, 100, 200)) == pytest.approx(6 / 7)
    assert chunk_rate([], (50,)) is None
