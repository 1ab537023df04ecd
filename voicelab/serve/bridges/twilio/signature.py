"""Tells requests of Twilio from those of anybody else, by their signature.

Twilio signs what it sends with the account's auth token: `X-Twilio-Signature` is the
Base64 of the HMAC-SHA1 of the URL and, of a form, of every field's name and value in
the order of the names (twilio.com/docs/usage/security, "Validating requests"). It
signs the handshake of a media stream likewise, with the `wss` URL and no fields.

The URL is the one that Twilio called. Behind a proxy the server cannot know it from
the request, so it is built from the address that the bridge was told it has.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha1
from urllib.parse import urlsplit

HEADER = "X-Twilio-Signature"

Fields = Sequence[tuple[str, str]]
"""The fields of a form, in any order."""

_STANDARD_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_OF_STREAMS = {"http": "ws", "https": "wss"}


def signature(auth_token: str, url: str, fields: Fields = ()) -> str:
    """Return the signature of a request.

    Args:
        auth_token: the account's.
        url: as Twilio called it, with its query.
        fields: what it posted.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    code = hmac.new(auth_token.encode(), signed.encode(), sha1)  # the documented one
    return base64.b64encode(code.digest()).decode()


class Signatures:
    """Checks the signatures of requests to one bridge.

    Args:
        auth_token: the account's.
        public_url: where Twilio finds the bridge: scheme, host, perhaps a port and
            the beginning of a path.
    """

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._auth_token = auth_token
        self._public_url = public_url.rstrip("/")

    def vouch_for_request(self, given: str | None, target: str, fields: Fields) -> bool:
        """Return whether Twilio sent a request.

        Args:
            given: the signature that came with it.
            target: the path and the query that were asked for.
            fields: what was posted.
        """
        return self._matches(given, _spellings(self._public_url + target), fields)

    def vouch_for_stream(self, given: str | None, target: str) -> bool:
        """Return whether Twilio opened a media stream.

        Args:
            given: the signature that came with the handshake.
            target: the path that was asked for.
        """
        scheme, colon, rest = self._public_url.partition(":")
        stream_url = f"{_OF_STREAMS.get(scheme, scheme)}{colon}{rest}{target}"
        urls = [
            spelling
            for url in (stream_url, f"{stream_url}/", self._public_url + target)
            for spelling in _spellings(url)
        ]
        return self._matches(given, urls, ())

    def _matches(self, given: str | None, urls: Iterable[str], fields: Fields) -> bool:
        """Compare with all, in a time that does not tell how near one is."""
        found = (given or "").encode(errors="surrogateescape")
        expected = [signature(self._auth_token, url, fields) for url in urls]
        equal = [hmac.compare_digest(found, one.encode()) for one in expected]
        return any(equal)


def _spellings(url: str) -> list[str]:
    """Return a URL with its port and, where that is the standard one, without.

    Which of the two is signed has changed over time, so Twilio's own libraries try
    both.
    """
    parts = urlsplit(url)
    standard = _STANDARD_PORTS.get(parts.scheme)
    host = parts.netloc.removesuffix(f":{standard}")
    if parts.port not in (None, standard):
        return [url]
    netlocs = (host, f"{host}:{standard}")
    return [parts._replace(netloc=netloc).geturl() for netloc in netlocs]
