"""Word errors against the plainest way to find them."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from voicelab.speech.stt import word_errors

WORDS = st.lists(st.sampled_from(["ay", "bee", "cee"]), max_size=7)


def plainly(said: list[str], heard: list[str]) -> tuple[int, int, int]:
    """Return deletions and insertions besides all errors: the least, one by one."""

    @cache
    def least(row: int, column: int) -> tuple[int, int, int]:
        ways = []
        if row and column:
            errors, dropped, added = least(row - 1, column - 1)
            differs = said[row - 1] != heard[column - 1]
            ways.append((errors + differs, dropped, added))
        if row:
            errors, dropped, added = least(row - 1, column)
            ways.append((errors + 1, dropped + 1, added))
        if column:
            errors, dropped, added = least(row, column - 1)
            ways.append((errors + 1, dropped, added + 1))
        return min(ways, default=(0, 0, 0))

    return least(len(said), len(heard))


@given(WORDS, WORDS)
def test_the_fewest_errors_are_found(said: list[str], heard: list[str]) -> None:
    found = word_errors(" ".join(said), " ".join(heard))
    assert (found.errors, found.deletions, found.insertions) == plainly(said, heard)
    assert found.words == len(said)


@given(WORDS)
def test_a_text_has_no_errors_against_itself(said: list[str]) -> None:
    assert word_errors(" ".join(said), " ".join(said)).errors == 0
