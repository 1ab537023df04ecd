"""Keys that last for minutes, for clients that must not hold a real one."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from voicelab.clock import unix_s

PREFIX = "ek_"
DEFAULT_TTL_S = 600
MIN_TTL_S = 10
MAX_TTL_S = 7200

_MAX_REMEMBERED = 10_000
_RANDOM_BYTES = 24


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A key that was given out.

    Attributes:
        value: the key itself.
        expires_at_s: when it stops letting anybody in, in seconds since 1970.
        model: the model of the sessions that it opens; None leaves it to them.
        session: what is set in these sessions from the start.
    """

    value: str = field(repr=False)
    expires_at_s: int
    model: str | None
    session: Mapping[str, Any] = field(repr=False)


class ClientSecrets:
    """Gives out keys and knows them again.

    The newest 10,000 are remembered, expired or not, so that asking for them without
    end costs no memory without end.

    Args:
        now_s: tells the seconds since 1970.
    """

    def __init__(self, now_s: Callable[[], int] = unix_s) -> None:
        self._now_s = now_s
        self._given: OrderedDict[str, ClientSecret] = OrderedDict()

    def create(
        self, ttl_s: int, model: str | None, session: Mapping[str, Any]
    ) -> ClientSecret:
        """Return a new key."""
        value = PREFIX + secrets.token_hex(_RANDOM_BYTES)
        secret = ClientSecret(value, self._now_s() + ttl_s, model, session)
        self._given[value] = secret
        if len(self._given) > _MAX_REMEMBERED:
            self._given.popitem(last=False)
        return secret

    def find(self, value: str) -> ClientSecret | None:
        """Return the key that was given out with this value, expired or not.

        Finding it takes no longer for a nearly right value: what is looked up is
        its hash.
        """
        return self._given.get(value)

    def is_valid(self, secret: ClientSecret) -> bool:
        """Return whether a key still lets somebody in."""
        return self._now_s() < secret.expires_at_s
