"""Keeps secrets out of what is logged, recorded or told to the caller's side."""

from __future__ import annotations

import re
from collections.abc import Iterable

from voicelab.lab.endpoint import Endpoint

HIDDEN = "***"

_KEY = re.compile(r"\b(?:sk|ek|rk)[-_][\w*.\-]+|\bBearer\s+\S+", re.IGNORECASE)
"""What looks like a key: servers repeat a wrong one, partly masked, in their errors."""

_SHORTEST = 4
"""A shorter secret would also be hidden where it is part of a word."""


class Secrets:
    """Knows what must not be told.

    Args:
        known: secrets, as they are.
    """

    def __init__(self, known: Iterable[str | None] = ()) -> None:
        self._known = [each for each in known if each and len(each) >= _SHORTEST]

    @classmethod
    def of(cls, endpoint: Endpoint) -> Secrets:
        """Return what must not be told of a server and how one gets in there."""
        return cls([endpoint.api_key, *endpoint.headers.values()])

    def hide(self, text: str) -> str:
        """Return a text with what must not be told blotted out, on one line."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return " ".join(_KEY.sub(HIDDEN, text).split())
