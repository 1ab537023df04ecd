"""What the last words alone say: a turn that ends like this goes on.

English only. The lists hold words of closed classes that cannot end a clause, or
hardly ever do (Quirk, Greenbaum, Leech and Svartvik, "A Comprehensive Grammar of the
English Language", 1985), and the hesitations by which speakers announce that they
will go on (Clark and Fox Tree, "Using *uh* and *um* in spontaneous speaking",
Cognition 84, 2002). Words that may as well end a turn are left out: *so* ("I think
so"), *that*, *her*, *though*, *while*, *you know*, and prepositions that also are
adverbs (*in*, *on*, *up*). Punctuation does not count: a recogniser's is guessed, and
mostly a full stop.

A started number ends no turn either. How many digits a number has is known where the
words before name it: telephone numbers in the North American plan 7, 10 or 11, cards
15 or 16 (ISO/IEC 7812), security codes 3 or 4, PINs 4, ZIP codes 5 or 9, bank sort
codes 6. Others, if they are said digit by digit, have 4 at least.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FILLERS = frozenset({"um", "umm", "uh", "uhm", "er", "erm", "hmm"})
PHRASE_FILLERS = ("let me see", "let me think", "i mean", "how do i say")
CONJUNCTIONS = frozenset(
    {"and", "or", "but", "nor", "because", "if", "unless", "whether", "whereas"}
    | {"although", "until", "than", "plus"}
)
ARTICLES = frozenset({"a", "an", "the", "my", "your", "our", "their", "every", "its"})
PREPOSITIONS = frozenset(
    {"of", "to", "for", "from", "with", "at", "into", "onto", "between", "during"}
    | {"among", "against", "towards", "toward", "upon", "per", "via", "regarding"}
)
CONTRACTIONS = frozenset(
    {"i'm", "i'd", "i'll", "i've", "you're", "you'd", "you'll", "you've", "we're"}
    | {"we'd", "we'll", "we've", "they're", "they'd", "they'll", "they've", "he's"}
    | {"he'd", "he'll", "she's", "she'd", "she'll", "it's", "it'll", "it'd", "that's"}
    | {"that'll", "there's", "what's", "who's", "where's"}
)
QUESTION_WORDS = frozenset({"what", "who", "whom", "which", "where", "how", "whose"})
"""After one of them a preposition may end the clause: "where are you from"."""

COMPLETE = (
    r"\bmm hmm",  # agrees, and does not hesitate
    r"\b(love|happy|glad|used) to",  # leaves out what was said before
    r"\b(option|plan|grade|gate|row|vitamin|letter|[b-hj-z]) a",  # names a letter
)
"""Ends that look unfinished and are not."""

DIGITS = frozenset(
    {"zero", "oh", "o", "one", "two", "three", "four", "five", "six", "seven", "eight"}
    | {"nine"}
)
_REPEATS = {"double": 2, "triple": 3}
_NUMBER_LENGTHS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"\b((tele|cell)?phone|mobile|cell)\b", (7, 10, 11)),
    (r"security code|cvv|cvc", (3, 4)),
    (r"credit card|debit card|card number", (15, 16)),
    (r"\bpin\b", (4,)),
    (r"\bzip\b", (5, 9)),
    (r"sort code", (6,)),
)
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_LEAST_DIGITS = 4
_NAMED_SHORTLY_BEFORE = 6  # words between the name of a number and its digits
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")


def unfinished(text: str) -> str | None:
    """Return the rule by which a turn goes on after these words, None if none does.

    Args:
        text: what was said so far, in English.

    Returns:
        `filler`, `conjunction`, `article`, `preposition`, `contraction` or `digits`.
    """
    words: list[str] = _WORD.findall(text.lower().replace(_APOSTROPHE, "'"))
    if not words:
        return None
    if _is_started_number(words):
        return "digits"
    last, said = words[-1], " ".join(words)
    if any(re.search(f"{end}$", said) for end in COMPLETE):
        return None
    if last in FILLERS or said.endswith(PHRASE_FILLERS):
        return "filler"
    if last in CONJUNCTIONS:
        return "conjunction"
    if last in ARTICLES:
        return "article"
    if last in PREPOSITIONS and not QUESTION_WORDS.intersection(words):
        return "preposition"
    return "contraction" if last in CONTRACTIONS else None


def _is_started_number(words: Sequence[str]) -> bool:
    """Tell whether digits at the end are fewer than the number has."""
    start = _first_digit(words)
    run = words[start:]
    if run and run[-1] in _REPEATS:
        return True
    count = _count_digits(run)
    lengths = _named_lengths(words[max(start - _NAMED_SHORTLY_BEFORE, 0) : start])
    if lengths:
        is_awaited = bool(run) or words[-1] in {"is", "number", "code"}
        return is_awaited and count < max(lengths) and count not in lengths
    return len(run) > 1 and count < _LEAST_DIGITS


def _first_digit(words: Sequence[str]) -> int:
    """Return where the digits begin that the words end with."""
    start = len(words)
    while start and (_is_digit(words[start - 1]) or words[start - 1] in _REPEATS):
        start -= 1
    return start


def _is_digit(word: str) -> bool:
    return word in DIGITS or word.isdecimal()


def _count_digits(run: Sequence[str]) -> int:
    count, times = 0, 1
    for word in run:
        if word in _REPEATS:
            times = _REPEATS[word]
        else:
            count += times * (len(word) if word.isdecimal() else 1)
            times = 1
    return count


def _named_lengths(words: Sequence[str]) -> tuple[int, ...]:
    """Return how many digits the number has that the words name; empty if none."""
    text = " ".join(words)
    for name, lengths in _NUMBER_LENGTHS:
        if re.search(name, text):
            return lengths
    return ()
