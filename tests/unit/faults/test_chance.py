"""What is struck depends on the seed, the name and the place, and on nothing else."""

from __future__ import annotations

import pytest

from voicelab.faults.chance import Chance


def drawn(chance: Chance, name: str, count: int) -> list[bool]:
    return [chance.strikes(name) for _ in range(count)]


def test_the_share_is_that_of_a_binomial() -> None:
    hits = sum(drawn(Chance("x", 0.2), "a", 10_000))
    assert abs(hits - 2000) < 4 * (10_000 * 0.2 * 0.8) ** 0.5


@pytest.mark.parametrize(("rate", "expected"), [(0.0, False), (1.0, True)])
def test_none_and_all(rate: float, expected: bool) -> None:
    assert drawn(Chance("x", rate), "a", 100) == [expected] * 100


def test_equal_seeds_strike_alike_and_others_do_not() -> None:
    one, same, other = Chance("1", 0.5), Chance("1", 0.5), Chance("2", 0.5)
    hits = drawn(one, "a", 200)
    assert drawn(same, "a", 200) == hits
    assert drawn(other, "a", 200) != hits


def test_other_names_in_between_change_nothing() -> None:
    alone, mixed = Chance("1", 0.5), Chance("1", 0.5)
    hits = drawn(alone, "a", 50)
    seen = []
    for _ in range(50):
        mixed.strikes("b")
        seen.append(mixed.strikes("a"))
    assert seen == hits


def test_places_count_over_all_names_and_overrule_the_rate() -> None:
    chance = Chance("1", 0.0, (2, 3))
    assert [chance.strikes(name) for name in "abab"] == [False, True, True, False]


def test_a_higher_rate_strikes_all_that_a_lower_one_did() -> None:
    low, high = drawn(Chance("1", 0.2), "a", 300), drawn(Chance("1", 0.6), "a", 300)
    assert all(more for less, more in zip(low, high, strict=True) if less)
