"""Written numbers in words, as they are read out in English."""

from __future__ import annotations

from voicelab.speech.number_names import ONES, SCALES, TENS, ordinal_name

_TEN = 10
_MOST_DIGITS = 3 * (1 + len(SCALES))


def cardinal(digits: str) -> str:
    """Return a whole number: `4592` is "four thousand five hundred ninety two".

    Longer ones than trillions, and those with a zero in front, are read by digits.
    """
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return digit_by_digit(digits)
    value = int(digits)
    if not value:
        return ONES[0]
    parts: list[str] = []
    for scale in ("", *SCALES):
        value, group = divmod(value, 1000)
        if group:
            parts.insert(0, f"{_below_thousand(group)} {scale}".strip())
    return " ".join(parts)


def _below_thousand(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    head = [f"{ONES[hundreds]} hundred"] if hundreds else []
    return " ".join([*head, *([below_hundred(rest)] if rest else [])])


def below_hundred(value: int) -> str:
    """Return a number from 0 to 99."""
    if value < len(ONES):
        return ONES[value]
    tens, ones = divmod(value, 10)
    name = TENS[tens - 2]
    return f"{name} {ONES[ones]}" if ones else name


def digit_by_digit(digits: str) -> str:
    """Return each digit as a word: `4592` is "four five nine two"."""
    return " ".join(ONES[int(digit)] for digit in digits)


def decimal(whole: str, fraction: str) -> str:
    """Return a decimal: `3` and `14` is "three point one four"."""
    return f"{cardinal(whole or '0')} point {digit_by_digit(fraction)}"


def ordinal(digits: str) -> str:
    """Return an ordinal: `21` is "twenty first"."""
    *head, last = cardinal(digits).split()
    return " ".join([*head, ordinal_name(last)])


def year(digits: str) -> str:
    """Return four digits in two pairs: `1984` is "nineteen eighty four"."""
    high, low = int(digits[:2]), int(digits[2:])
    if not low:
        return f"{below_hundred(high)} hundred"
    return f"{below_hundred(high)} {_two_digits(low)}"


def clock_time(hours: str, minutes: str) -> str:
    """Return a time of day: `10:05` is "ten oh five", `10:00` "ten o'clock"."""
    hour, minute = int(hours), int(minutes)
    if not minute:
        return f"{below_hundred(hour)} o'clock"
    return f"{below_hundred(hour)} {_two_digits(minute)}"


def _two_digits(value: int) -> str:
    """Return two digits behind others: `05` is "oh five"."""
    oh = "oh " if value < _TEN else ""
    return f"{oh}{below_hundred(value)}"
