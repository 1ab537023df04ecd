"""Where a bridge is, and how its provider comes to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from voicelab.errors import InputError
from voicelab.lab.connecting import Peer
from voicelab.lab.drive.browser import BrowserPage
from voicelab.lab.drive.elks import ElksProvider
from voicelab.lab.drive.provider import Provider
from voicelab.lab.drive.twilio import TwilioProvider
from voicelab.legs.browser import RATES

Kind = Literal["browser", "elks", "twilio"]
"""The kinds of providers, which are the kinds of legs."""

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_QUESTIONS = {401: "; does it want a token?", 404: "; is the path right?"}
_FORBIDDEN = {
    "browser": "; is the path right, and does it let this origin in without a token?",
    "elks": "; is the path right, and the token that it wants in the URL?",
    "twilio": "; is the path right, and the token that it wants in the URL? "
    "It must ask for no signature",
}
"""What to ask oneself at status 403, by the kind of bridge."""
_CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Bridge:
    """A bridge that is to be driven.

    Attributes:
        kind: what its far side is.
        url: where it takes calls; ws, wss, http or https.
        rate_hz: for a browser: the rate to ask for; None asks for none.
        token: for a browser: lets the page in.
        ca_file: certificates to trust instead of the system's, PEM.

    Raises:
        InputError: one of them cannot be so.
    """

    kind: Kind
    url: str
    rate_hz: int | None = None
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if not _is_url(self.url):
            raise InputError(
                "that is not the URL of a bridge",
                fix="write it like ws://127.0.0.1:5050/voice",
            )
        if self.kind != "browser" and (self.rate_hz or self.token):
            raise InputError(
                "only a page in a browser says a rate and a token",
                fix="leave them out, or drive --as browser",
            )
        if self.rate_hz is not None and self.rate_hz not in RATES:
            raise InputError(
                f"a page's audio cannot have {self.rate_hz} Hz",
                fix=f"give one of {', '.join(map(str, RATES))}",
            )

    @property
    def peer(self) -> Peer:
        """Where its socket is opened; a page's request names its origin."""
        parts = urlsplit(self.url)
        scheme = _SCHEMES[parts.scheme]
        target = urlunsplit((scheme, parts.netloc, parts.path, parts.query, ""))
        host = parts.netloc.rpartition("@")[2]
        web = "https" if scheme == "wss" else "http"
        headers = {"Origin": f"{web}://{host}"} if self.kind == "browser" else {}
        questions = {**_QUESTIONS, 403: _FORBIDDEN[self.kind]}
        return Peer(target, headers, self.ca_file, _CONNECT_TIMEOUT_S, questions)

    def provider(self) -> Provider:
        """Return a new provider for one call."""
        if self.kind == "browser":
            return BrowserPage(self.rate_hz, self.token)
        return ElksProvider() if self.kind == "elks" else TwilioProvider()


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that hold no address, or no port
        return False
