"""How a written word is read out: `$30.50` is "thirty dollars and fifty cents".

Each written word is read by itself. So however many spoken words it becomes, they are
known to be its own, and all voices read the same.
"""

# ruff: noqa: RUF001 - typographic signs are what it looks for
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from voicelab.speech.tts import number_words

MOST_SIGNS = 200
"""Of a word that is longer, which is none, only so much is read."""

_PAUSES = "?!.;:,—"
"""Signs that a voice pauses at, the one that matters most first."""

_LEADING = re.compile(r"^[^\w$£€#@&%+=~.-]+")
_TRAILING = re.compile(r"[^\w%&@+=*#/-]+$")
_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "`": "'", "´": "'", "–": "-", "−": "-", "‑": "-", "⁄": "/"}
)
_MARKUP = re.compile(r"^[*_~#>]+(?=[^\W\d_])|[*_~]+$")  # of Markdown

_READ_OUT = {
    "dr": "doctor",
    "mr": "mister",
    "mrs": "missis",
    "ms": "miz",
    "prof": "professor",
    "st": "saint",
    "jr": "junior",
    "sr": "senior",
    "etc": "et cetera",
    "vs": "versus",
    "approx": "approximately",
    "dept": "department",
    "inc": "incorporated",
    "ltd": "limited",
    "jan": "January",
    "feb": "February",
    "apr": "April",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "sept": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
"""What an abbreviation is read as, if a full stop stands behind it."""

_SIGNS = {
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "%": "percent",
    "#": "number",
    "$": "dollars",
    "£": "pounds",
    "€": "euros",
    "°": "degrees",
}
_ADDRESS_SIGNS = {".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore"}
_MONEY = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}
_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_FIRST_YEAR, _LAST_YEAR = 1100, 2099
_LONG_DIGITS = 7  # a telephone number or an order number

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|\w+(?:\.\w+)*\.(?:com|org|net)(?:/\S*)?"
)
_ADDRESS_PART = re.compile(r"[./@_-]|[^./@_-]+")
_ABBREVIATED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


def read_out(word: str) -> str:
    """Return the words that a written word is read as, its pause sign behind them.

    Empty if nothing of it can be said in English letters and numbers, such as an emoji.

    Args:
        word: one word, with the punctuation that hangs on it.
    """
    plain = unicodedata.normalize("NFKC", word[:MOST_SIGNS]).translate(_QUOTES)
    core = _MARKUP.sub("", _LEADING.sub("", plain, count=1))
    tail = _TRAILING.search(core)
    marks = tail[0] if tail else ""
    bare = core[: len(core) - len(marks)]
    if marks.startswith(".") and bare.lower() in _READ_OUT:
        spoken, marks = _READ_OUT[bare.lower()], marks[1:]
    elif marks.startswith(".") and _ABBREVIATED.fullmatch(bare):
        spoken, marks = f"{bare}.", marks[1:]
    else:
        spoken = _address(bare) if _ADDRESS.fullmatch(bare) else _read(bare)
    return spoken + _pause(marks) if spoken else ""


def _pause(marks: str) -> str:
    """Return the sign behind a word that matters most; empty if none does."""
    if "..." in marks:  # what the normal form makes of the one sign
        return "…"
    return next((mark for mark in _PAUSES if mark in marks), "")


def _read(text: str) -> str:
    """Return a text without white space read out, rule by rule from the left."""
    spoken: list[str] = []
    position = 0
    while position < len(text):
        words, position = _read_next(text, position)
        spoken.append(words)
    return " ".join(words for words in spoken if words)


def _read_next(text: str, position: int) -> tuple[str, int]:
    """Return what the first rule that fits here makes of it, and where it ends."""
    for pattern, reader in _RULES:
        if match := pattern.match(text, position):
            return reader(match), match.end()
    return "", position + 1  # the rest cannot be said


def _address(text: str) -> str:
    """Return an address on the net: `a@b.com` is "a at b dot com"."""
    short = re.sub(r"^https?://", "", text)
    return " ".join(
        _ADDRESS_SIGNS.get(part) or _read(part) for part in _ADDRESS_PART.findall(short)
    )


def _money(match: re.Match[str]) -> str:
    unit, small = _MONEY[match["unit"]]
    amount = match["whole"].replace(",", "")
    decimals = match["decimals"] or ""
    if match["scale"]:
        scale = _SCALES[match["scale"].lower()]
        return f"{_amount(amount, decimals)} {scale} {unit}s"
    if len(decimals) not in (0, len("50")):
        return f"{_amount(amount, decimals)} {unit}s"
    parts = [_of(amount, unit)] if int(amount) or not int(decimals or 0) else []
    parts += [_of(str(int(decimals)), small)] if int(decimals or 0) else []
    return " and ".join(parts)


def _of(amount: str, unit: str) -> str:
    several = "pence" if unit == "penny" else f"{unit}s"
    return f"{number_words.cardinal(amount)} {unit if amount == '1' else several}"


def _amount(whole: str, decimals: str) -> str:
    if decimals:
        return number_words.decimal(whole, decimals)
    return number_words.cardinal(whole)


def _number(match: re.Match[str]) -> str:
    digits = match[0]
    if "," in digits:
        return number_words.cardinal(digits.replace(",", ""))
    if len(digits) >= _LONG_DIGITS:
        return number_words.digit_by_digit(digits)
    is_year = _FIRST_YEAR <= int(digits) <= _LAST_YEAR and digits[:3] != "200"
    return number_words.year(digits) if is_year else number_words.cardinal(digits)


def _letters(match: re.Match[str]) -> str:
    """Return English letters: accents go, letters of other scripts are not read."""
    parts = unicodedata.normalize("NFKD", match[0])
    return "".join(sign for sign in parts if sign.isascii()).strip("'-")


def _groups(match: re.Match[str]) -> str:
    return " ".join(number_words.digit_by_digit(d) for d in match[0].split("-"))


def _version(match: re.Match[str]) -> str:
    return " point ".join(number_words.cardinal(part) for part in match[0].split("."))


def _ordinal(match: re.Match[str]) -> str:
    return number_words.ordinal(match["whole"].replace(",", ""))


def _decimal(match: re.Match[str]) -> str:
    whole = (match["whole"] or "").replace(",", "")
    return number_words.decimal(whole, match["decimals"])


def _says(words: str) -> Callable[[re.Match[str]], str]:
    return lambda _match: words


_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+"
_SCALE = r"(?P<scale>(?:k|m|bn|b)\b)?"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        (
            rf"(?P<unit>[$£€])(?P<whole>{_NUMBER})(?:\.(?P<decimals>[0-9]+))?{_SCALE}",
            _money,
        ),
        (
            r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-5][0-9])(?![0-9])",
            lambda match: number_words.clock_time(match["hours"], match["minutes"]),
        ),
        (r"[0-9]{3,4}(?:-[0-9]{3,4})+(?![0-9])", _groups),
        (r"[0-9]+(?:\.[0-9]+){2,}", _version),
        (rf"(?P<whole>{_NUMBER})(?:st|[nr]d|th)\b", _ordinal),
        (rf"(?P<whole>{_NUMBER})?\.(?P<decimals>[0-9]+)", _decimal),
        (_NUMBER, _number),
        (r"(?<=[0-9])am\b", _says("a.m.")),
        (r"(?<=[0-9])pm\b", _says("p.m.")),
        (r"[^\W\d_]+(?:['-][^\W\d_]+)*", _letters),
        (r"(?<=[0-9])-(?=[0-9])", _says("to")),
        (r"\A-(?=[0-9])", _says("minus")),
        (r"(?<=[0-9])/(?=[0-9])", _says("slash")),
        # More signs in a row are decoration, and are not read.
        (r"(?<![&@+=%#$£€°])[&@+=%#$£€°](?![&@+=%#$£€°])", lambda m: _SIGNS[m[0]]),
    )
)
