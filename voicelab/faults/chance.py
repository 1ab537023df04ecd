"""Which of the things that a fault may strike it strikes."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

_WORD_BITS = 64


class Chance:
    """Decides, thing by thing, whether a fault strikes.

    Each name has numbers of its own, so that one thing more under another name, or
    another fault, changes nothing for those of this one.

    Args:
        seed: any string; equal seeds and equal things give equal decisions.
        rate: the share that is struck.
        at: which are struck, counted from 1 over all names; none: by `rate`.
    """

    def __init__(self, seed: str, rate: float = 1.0, at: tuple[int, ...] = ()) -> None:
        self._seed = seed
        self._rate = rate
        self._at = frozenset(at)
        self._seen: Counter[str] = Counter()
        self._total = 0

    def strikes(self, name: str) -> bool:
        """Return whether the next thing of this name is struck."""
        self._total += 1
        self._seen[name] += 1
        if self._at:
            return self._total in self._at
        return self._uniform(f"{self._seed}/{name}/{self._seen[name]}") < self._rate

    @staticmethod
    def _uniform(text: str) -> float:
        """Return a number from 0 up to, not including, 1; the same on any machine."""
        digest = blake2b(text.encode(), digest_size=_WORD_BITS // 8).digest()
        return (int.from_bytes(digest, "big") >> 11) / 2**53
