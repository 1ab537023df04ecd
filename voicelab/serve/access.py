"""Who may connect: keys, and the web pages that browsers come from."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from voicelab.protocol import connection_errors
from voicelab.serve.client_secrets import ClientSecret, ClientSecrets

SUBPROTOCOL = "realtime"
"""What is answered to a client that offers subprotocols, as browsers do."""

KEY_SUBPROTOCOL = "openai-insecure-api-key."
"""How a browser, which cannot set headers, sends its key: as a subprotocol."""

ANY_ORIGIN = "*"
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LOCAL_SCHEMES = frozenset({"http", "https"})


class Headers(Protocol):
    """The headers of a request, by name, whatever its case."""

    def get_all(self, key: str) -> list[str]:
        """Return every value of a header."""
        ...


def listed(headers: Headers, name: str) -> list[str]:
    """Return the members of a header that is a list, in all its lines."""
    return [
        member.strip()
        for value in headers.get_all(name)
        for member in value.split(",")
        if member.strip()
    ]


def credential(headers: Headers) -> str | None:
    """Return the key that a request carries; None if it carries none.

    It stands in `Authorization: Bearer KEY`, in `api-key: KEY` (Azure's clients), or
    in a subprotocol.
    """
    for value in headers.get_all("Authorization"):
        scheme, _, key = value.partition(" ")
        if scheme.lower() == "bearer":
            return key.strip()
    for value in headers.get_all("api-key"):
        return value.strip()
    for offered in listed(headers, "Sec-WebSocket-Protocol"):
        if offered.startswith(KEY_SUBPROTOCOL):
            return offered.removeprefix(KEY_SUBPROTOCOL)
    return None


class Keys:
    """Knows which keys let a client in.

    Args:
        api_keys: the lasting ones; none of them: everybody may come in.
        client_secrets: the short-lived ones.
    """

    def __init__(self, api_keys: Sequence[str], client_secrets: ClientSecrets) -> None:
        self._api_keys = [key.encode() for key in api_keys]
        self._client_secrets = client_secrets

    def check(self, key: str | None) -> ClientSecret | None:
        """Return the client secret that a key is; None if it is a lasting one.

        A client secret that has expired lets nobody in, even where everybody may: who
        sends it has something to mend.

        Raises:
            WireError: the key does not let anybody in.
        """
        secret = None if key is None else self._client_secrets.find(key)
        if secret is not None:
            if not self._client_secrets.is_valid(secret):
                raise connection_errors.invalid_api_key()
            return secret
        self.check_lasting(key)
        return None

    def check_lasting(self, key: str | None) -> None:
        """Check a key where no client secret will do.

        Raises:
            WireError: the key does not let anybody in.
        """
        if self._api_keys and not self._is_known(_bytes(key or "")):
            raise connection_errors.invalid_api_key()

    def _is_known(self, key: bytes) -> bool:
        """Compare with every key, in a time that does not tell how near one is."""
        known = [hmac.compare_digest(key, one) for one in self._api_keys]
        return any(known)


def _bytes(key: str) -> bytes:
    """Return a key as it was sent: headers hold bytes that are not ASCII escaped."""
    return key.encode(errors="surrogateescape")


class Origins:
    """Knows from which web pages a browser may come.

    Any page may open a WebSocket to a server on the visitor's own machine, and the
    browser does not ask. Where a key is needed, the page has to know it; where none
    is, only pages from this machine are let in, and those that are named. What is no
    browser sends no origin.

    Args:
        allowed: origins by name, such as `https://example.com`, or `*`.
        keys_needed: whether a client needs a key.
    """

    def __init__(self, allowed: Iterable[str], *, keys_needed: bool) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)
        self._any = keys_needed or ANY_ORIGIN in self._allowed

    def allow(self, headers: Headers) -> bool:
        """Return whether the request may come from where it does."""
        return all(self._allows(origin) for origin in headers.get_all("Origin"))

    def _allows(self, origin: str) -> bool:
        return self._any or origin.lower() in self._allowed or _is_local(origin)


def _is_local(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in _LOCAL_SCHEMES and parts.hostname in _LOCAL_HOSTS
