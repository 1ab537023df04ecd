"""What a bridge did that its leg does not allow, counted by kind."""

from __future__ import annotations

from collections import Counter


class Findings:
    """Counts what was found.

    What was found is said in one clause whose subject is the bridge.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, times: int = 1) -> int:
        """Count something; return how often it was found by now."""
        self._counts[what] += times
        return self._counts[what]

    def described(self) -> list[dict[str, str | int]]:
        """Return what was found, in the order in which it was first."""
        return [{"what": what, "times": n} for what, n in self._counts.items()]


def as_sentence(what: str, times: int) -> str:
    """Return one line about something that was found."""
    return f"The bridge {what}{f' ({times} times)' if times > 1 else ''}."
