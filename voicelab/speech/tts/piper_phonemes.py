"""English words to the phonemes that Piper's voices were trained on.

espeak-ng, which piper-tts brings, reads a sentence as a whole: function words lose
their stress, and some run together ("of the" is one group of phonemes). Which phonemes
are whose is then found by reading the words one by one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate
from threading import Lock
from typing import Any

_LANGUAGE = "en-us"
_STRESS = "ˈˌ"
_LOCK = Lock()  # espeak-ng has one state for the process
_PLAIN_PAUSES = str.maketrans({"…": ".", "—": ","})


def phonemes(words: Sequence[str]) -> list[str]:
    """Return the phonemes of each word of a sentence, pause signs behind them.

    Args:
        words: each as it is read out: some words of letters, or none.
    """
    said = [word.translate(_PLAIN_PAUSES) for word in words]
    spoken = [part for word in said for part in word.split()]
    read = iter(_parted(_read(" ".join(spoken)), spoken))
    return [" ".join(filter(None, (next(read) for _ in w.split()))) for w in said]


def _read(text: str) -> str:
    """Return the phonemes of a text, decomposed: one character is one symbol."""
    with _LOCK:
        sentences = _phonemizer().phonemize(_LANGUAGE, text)
    read = " ".join("".join(sentence).strip() for sentence in sentences)
    return " ".join(read.split())


@cache
def _phonemizer() -> Any:
    from piper.phonemize_espeak import EspeakPhonemizer  # noqa: PLC0415 -- optional

    return EspeakPhonemizer()


def _parted(read: str, words: Sequence[str]) -> list[str]:
    """Return the phonemes of each word."""
    groups = read.split()
    if len(groups) == len(words):
        return groups
    if not groups:
        return [""] * len(words)
    kept = [at for at, symbol in enumerate(read) if _bare(symbol)]
    alone = [_bare(_read(word)) for word in words]
    counts = _ends("".join(read[at] for at in kept), alone, _group_ends(groups))
    ends = [kept[count - 1] + 1 if count else 0 for count in counts]
    starts = [0, *ends[:-1]]
    return [read[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _bare(symbols: str) -> str:
    return "".join(s for s in symbols if s not in _STRESS and not s.isspace())


def _group_ends(groups: Sequence[str]) -> list[int]:
    return list(accumulate(len(_bare(group)) for group in groups))


def _ends(read: str, alone: Sequence[str], group_ends: Sequence[int]) -> list[int]:
    """Return how many symbols of `read` lie before the end of each word.

    Where the sentence is read as the words are alone, that is plain. In between, a
    word ends with a group, or where it would in proportion; each has a symbol at least.

    Args:
        read: the sentence's symbols.
        alone: each word's symbols, read alone.
        group_ends: how many symbols lie before the end of each group of the sentence.
    """
    matcher = SequenceMatcher(None, "".join(alone), read, autojunk=False)
    stretches = matcher.get_opcodes()
    ends: list[int] = []
    for index, position in enumerate(accumulate(map(len, alone))):
        stretch = next(each for each in stretches if position <= each[2])
        least = ends[-1] + 1 if ends else 1
        most = max(least, len(read) - (len(alone) - 1 - index))
        end = _matching(position, stretch, group_ends)
        ends.append(min(max(end, least), most, len(read)))
    return [*ends[:-1], len(read)]


def _matching(
    position: int, stretch: tuple[str, int, int, int, int], group_ends: Sequence[int]
) -> int:
    """Return the place in the sentence that matches one in the words read alone."""
    tag, first, last, read_first, read_last = stretch
    if tag != "equal" and position < last:
        for end in group_ends:
            if read_first < end < read_last:
                return end
    share = (position - first) / max(1, last - first)
    return read_first + round(share * (read_last - read_first))
