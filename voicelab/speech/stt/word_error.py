"""How much of what was said a recogniser got: errors word by word.

Both texts are normalised first, so that only words count:

* lower case; accents, apostrophes and the dots of abbreviations are dropped ("don't"
  is `dont`, "p.m." is `pm`), every other sign parts words;
* `&`, `%`, `$`, `£` and `€` are read out, the currency behind its number;
* numbers become their digits, one word a digit (see `voicelab.speech.stt.numbers`).

Then as few words as possible are replaced, dropped and added to turn the one into the
other (Levenshtein 1966); among equals, with the fewest dropped and added. The word
error rate is their number over that of the words in the reference. It may be above 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicelab.speech.stt.numbers import digits_for_numbers

_APOSTROPHES = re.compile("['`\N{ACUTE ACCENT}\u2018\u2019]")
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_AMOUNT = re.compile(r"([$£€])\s*(\d[\d,]*(?:\.\d+)?)")
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_THOUSANDS_COMMA = re.compile(r"(?<=\d),(?=\d{3}\b)")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
_NO_WORD = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True, slots=True)
class WordErrors:
    """The errors of a transcript, or of several together.

    Attributes:
        words: words of the reference, normalised.
        substitutions: words heard as another.
        deletions: words not heard.
        insertions: words heard that nobody said.
    """

    words: int
    substitutions: int
    deletions: int
    insertions: int

    @property
    def errors(self) -> int:
        """All errors together."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors over words; without words 0 if there is no error, else infinite."""
        if self.words:
            return self.errors / self.words
        return float("inf") if self.errors else 0.0


def word_errors(reference: str, heard: str) -> WordErrors:
    """Return the word errors of what was heard, against what was said."""
    return _compare(normalised_words(reference), normalised_words(heard))


def pooled(parts: Iterable[WordErrors]) -> WordErrors:
    """Return the errors of several transcripts together: every word weighs the same."""
    each = list(parts)
    return WordErrors(
        words=sum(part.words for part in each),
        substitutions=sum(part.substitutions for part in each),
        deletions=sum(part.deletions for part in each),
        insertions=sum(part.insertions for part in each),
    )


def normalised_words(text: str) -> list[str]:
    """Return the words of a text in the form in which they are compared."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).lower()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _AMOUNT.sub(lambda m: f"{m[2]} {_CURRENCIES[m[1]]} ", plain)
    plain = plain.replace("&", " and ").replace("%", " percent ")
    plain = _THOUSANDS_COMMA.sub("", plain)
    plain = _DECIMAL_POINT.sub(" point ", plain)
    plain = _INITIALS.sub(lambda m: m[0].replace(".", "") + " ", plain)
    return digits_for_numbers(_NO_WORD.sub(" ", plain).split())


def _compare(said: Sequence[str], heard: Sequence[str]) -> WordErrors:
    """Find the cheapest alignment, row by row.

    Each error costs its number in the highest digits of one integer, and whether it
    was a deletion or an insertion in the lower ones: the least sum has the fewest
    errors first, and still tells of what kinds they are.
    """
    base = len(said) + len(heard) + 1
    replace, drop, add = base**2, base**2 + base, base**2 + 1
    codes = {word: code for code, word in enumerate({*said, *heard})}
    columns = np.array([codes[word] for word in heard], np.int64)
    added = add * np.arange(len(heard) + 1, dtype=np.int64)
    row = added
    for word in said:
        row = _next_row(row, columns == codes[word], replace, drop, added)
    errors, kinds = divmod(int(row[-1]), base**2)
    deletions, insertions = divmod(kinds, base)
    return WordErrors(
        words=len(said),
        substitutions=errors - deletions - insertions,
        deletions=deletions,
        insertions=insertions,
    )


def _next_row(
    row: npt.NDArray[np.int64],
    is_same: npt.NDArray[np.bool_],
    replace: int,
    drop: int,
    added: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    best = row + drop
    best[1:] = np.minimum(best[1:], row[:-1] + np.where(is_same, 0, replace))
    # any number of words may be added behind: the least of all that stand before
    return np.minimum.accumulate(best - added) + added
