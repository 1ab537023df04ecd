"""Numbers as they are spoken and as they are written, brought into one form.

A recogniser may write `4592` where somebody said "four five nine two", and `25` for
"twenty-five". Neither is an error of hearing. So every number becomes its digits, one
word a digit: both of the above are `4 5 9 2` and `2 5`.
"""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.speech.number_names import ONES, SCALES, TENS, ordinal_name

_SMALL = {word: value for value, word in enumerate(ONES)} | {
    word: 10 * tens for tens, word in enumerate(TENS, start=2)
}
_ORDINALS = {ordinal_name(word): value for word, value in _SMALL.items() if value}
_BELOW_TEN = range(1, 10)
_TENS = range(20, 100, 10)
_SCALES: dict[str, int] = {
    word: 1_000**power for power, word in enumerate(SCALES, start=1)
}
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}  # codespell:ignore nd


def digits_for_numbers(words: Sequence[str]) -> list[str]:
    """Return words with each number among them as its digits, one word a digit.

    An ordinal keeps its suffix on the last digit: "twenty-first", already split at
    its hyphen, and `21st` both become `2 1st`.

    Args:
        words: lower-case words without punctuation.
    """
    written: list[str] = []
    index = 0
    while index < len(words):
        digits, taken = _number_at(words, index)
        if not taken:
            digits, taken = _written_number(words[index]), 1
        written += digits
        index += taken
    return _oh_as_zero(written)


def _number_at(words: Sequence[str], index: int) -> tuple[list[str], int]:
    """Return the digits of a number in words that starts here, and its length."""
    reader = _Reader(words, index)
    value = reader.number()
    if value is None:
        return [], 0
    digits = list(str(value))
    if reader.is_ordinal:
        digits[-1] += _suffix(value)
    return digits, reader.index - index


class _Reader:
    """Reads one number from words, as far as it goes."""

    def __init__(self, words: Sequence[str], index: int) -> None:
        self.index = index
        self.is_ordinal = False
        self._words = words

    def number(self) -> int | None:
        """Return a number such as "two thousand five hundred and one"."""
        total = 0
        value = self._below_thousand()
        if value is None:
            return None
        while not self.is_ordinal and (scale := _SCALES.get(self._peek())):
            self.index += 1
            total += value * scale
            before = self.index
            self._skip_and()
            below = self._below_thousand()
            if below is None:
                self.index = before
                return total
            value = below
        return total + value

    def _below_thousand(self) -> int | None:
        value = self._below_hundred()
        if value is None or self.is_ordinal or self._peek() != "hundred":
            return value
        self.index += 1
        before = self.index
        self._skip_and()
        rest = self._below_hundred()
        if rest is None:
            self.index = before
        return 100 * value + (rest or 0)

    def _below_hundred(self) -> int | None:
        """Return "seven", "seventeen", "seventy" or "seventy seven"."""
        value = self._small()
        if value is None or value not in _TENS or self.is_ordinal:
            return value
        unit = _SMALL.get(self._peek(), _ORDINALS.get(self._peek(), 0))
        return value + (self._small() or 0) if unit in _BELOW_TEN else value

    def _small(self) -> int | None:
        word = self._peek()
        self.is_ordinal = word in _ORDINALS
        value = _SMALL.get(word, _ORDINALS.get(word))
        self.index += value is not None
        return value

    def _skip_and(self) -> None:
        self.index += self._peek() == "and"

    def _peek(self) -> str:
        return self._words[self.index] if self.index < len(self._words) else ""


def _written_number(word: str) -> list[str]:
    """Return `4592` as four words, `21st` as two, and any other word as it is."""
    digits = word[: len(word) - len(word.lstrip("0123456789"))]
    rest = word[len(digits) :]
    if not digits or rest not in ("", "st", "nd", "rd", "th"):  # codespell:ignore nd
        return [word]
    return [*digits[:-1], digits[-1] + rest]


def _suffix(value: int) -> str:
    return "th" if value // 10 % 10 == 1 else _SUFFIXES.get(value % 10, "th")


def _oh_as_zero(words: list[str]) -> list[str]:
    """Return words with `oh` beside a digit as 0: "four oh two"."""
    spoken = list(words)
    for index, word in enumerate(words):
        if word in ("oh", "o"):
            beside = [*spoken[max(0, index - 1) : index], *words[index + 1 : index + 2]]
            if any(other.isdigit() for other in beside):
                spoken[index] = "0"
    return spoken
