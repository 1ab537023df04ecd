"""Text cut into clauses that are good to say one by one.

A voice can start on the first clause while the rest is still being written. A clause
ends behind a word:

* at the end of a sentence or of a line, always;
* at a comma, colon, semicolon or dash, if enough words stand before it;
* at a limit of words, before a conjunction or a preposition if there is one.

The first clause may be shorter than the others: it decides when the voice starts.
Only what stands before a place decides whether a clause ends there. So the same text
gives the same clauses, in whatever pieces it arrives.
"""

# ruff: noqa: RUF001 - typographic signs are what it looks for
from __future__ import annotations

import re
from dataclasses import dataclass

_CLOSING = "\"'”’»)]}*_"
_OPENING = "\"'“‘«([{*_"
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_WEAK_ENDS = (",", ";", ":", "-", "—", "–")

_ABBREVIATIONS = frozenset(
    (  # noqa: SIM905 - a list would be a column
        "dr mr mrs ms mx prof st sr jr rev gen gov sen rep capt lt col sgt adm hon mt "
        "ft vs etc approx dept nos vol pp inc ltd corp bros jan feb apr jun jul aug "
        "sep sept oct nov dec tue tues wed thu thurs fri cf"
    ).split()
)
"""Without those that also end sentences as words, such as `no`."""

_INITIALS = re.compile(r"(?!I\.)(?:[^\W\d_]\.)+")  # "U.S.", "e.g.", "p.m.", "J."
_LIST_NUMBER = re.compile(r"(?:\d{1,3}|[a-z])[.)]")
_WORD_OR_LINE_END = re.compile(r"\S+|\n")

_SOFT_STARTS = frozenset(
    (  # noqa: SIM905 - a list would be a column
        "and but or so because although though while when where which who that if "
        "unless until since after before than then with without for from to in on at "
        "by of about into over between through as"
    ).split()
)


@dataclass(frozen=True, slots=True)
class _Limits:
    """How many words a clause has.

    Attributes:
        least_words: it does not end at a comma before.
        most_words: it ends here at the latest.
    """

    least_words: int
    most_words: int


_FIRST = _Limits(least_words=2, most_words=12)
_LATER = _Limits(least_words=4, most_words=30)


def clauses(text: str) -> list[str]:
    """Return text cut into clauses; their words together are those of the text.

    White space inside a clause is one space each. A text without a word has none.
    """
    splitter = ClauseSplitter()
    return [*splitter.feed(text), *splitter.finish()]


class ClauseSplitter:
    """Cuts text that is still being written; `clauses` of the same text is the same.

    What it holds is bounded: the words of one clause, and one word.
    """

    _unfinished: list[str]
    _words: list[str]
    _limits: _Limits

    def __init__(self) -> None:
        self._start_anew()

    def feed(self, delta: str) -> list[str]:
        """Take the next piece of the text; return the clauses that are now whole."""
        unfinished = _last_word(delta)
        whole = delta[: len(delta) - len(unfinished)]
        if not whole:  # a word may come letter by letter, and be long
            self._unfinished.append(delta)
            return []
        text = "".join((*self._unfinished, whole))
        self._unfinished = [unfinished]
        found: list[str] = []
        for match in _WORD_OR_LINE_END.finditer(text):
            found += self._end_line() if match[0] == "\n" else self._add(match[0])
        return found

    def finish(self) -> list[str]:
        """Return what is left now that the text has ended; the next one may begin."""
        word = "".join(self._unfinished)
        found = self._add(word) if word else []
        found += self._end_line()
        self._start_anew()
        return found

    def _start_anew(self) -> None:
        self._unfinished = []
        self._words = []
        self._limits = _FIRST

    def _end_line(self) -> list[str]:
        return [self._take(len(self._words))] if self._words else []

    def _add(self, word: str) -> list[str]:
        self._words.append(word)
        count = len(self._words)
        if _ends_sentence(word, is_first=count == 1):
            return [self._take(count)]
        if count >= self._limits.least_words and _ends_weakly(word):
            return [self._take(count)]
        if count >= self._limits.most_words:
            return [self._take(self._soft_place())]
        return []

    def _soft_place(self) -> int:
        """Return the number of words after which a clause without commas ends."""
        for index in range(len(self._words) - 1, self._limits.least_words - 1, -1):
            if self._words[index].lower() in _SOFT_STARTS:
                return index
        return len(self._words)

    def _take(self, count: int) -> str:
        clause = " ".join(self._words[:count])
        del self._words[:count]
        self._limits = _LATER
        return clause


def _last_word(text: str) -> str:
    """Return what stands behind the last white space."""
    return text.rsplit(maxsplit=1)[-1] if text and not text[-1].isspace() else ""


def ends_sentence(word: str) -> bool:
    """Tell whether a sentence is over behind a word that does not begin it."""
    return _ends_sentence(word, is_first=False)


def _ends_sentence(word: str, *, is_first: bool) -> bool:
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    if not bare.endswith(_SENTENCE_ENDS):
        return False
    if is_first and _LIST_NUMBER.fullmatch(bare):
        return False
    if not bare.endswith("."):
        return True
    return not (_INITIALS.fullmatch(bare) or bare.rstrip(".").lower() in _ABBREVIATIONS)


def _ends_weakly(word: str) -> bool:
    return word.rstrip(_CLOSING).endswith(_WEAK_ENDS)
