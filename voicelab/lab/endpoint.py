"""Where a live run goes: a server's URL, and what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from voicelab.errors import InputError
from voicelab.lab.prices import PriceTable
from voicelab.session.config import DEFAULT_MODEL

DEFAULT_PATH = "/v1/realtime"
_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_LIKE = "write it like ws://127.0.0.1:8765/v1/realtime"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OF_THE_CONNECTION = frozenset(
    {"connection", "content-length", "host", "transfer-encoding", "upgrade"}
)
_SHOWN_QUERY = frozenset({"model", "intent", "deployment", "api-version"})


@dataclass(frozen=True, repr=False)
class Endpoint:
    """Where a live run goes, and with what.

    Attributes:
        url: the server's; ws, wss, http or https. Without a path it gets
            `/v1/realtime`, without a model in its query the one below.
        model: which model to ask for.
        api_key: sent as a bearer token; None sends none.
        headers: further headers.
        ca_file: certificates to trust instead of the system's, PEM.
        connect_timeout_s: how long connecting may take.
        prices: what tokens cost; None leaves costs unknown, or if there is a limit,
            stands for the bundled prices.
        max_cost_usd: what one run may cost; None is no limit.

    Raises:
        InputError: one of them cannot be so. No key and no header's value is told.
    """

    url: str
    model: str = DEFAULT_MODEL
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    connect_timeout_s: float = 10.0
    prices: PriceTable | None = None
    max_cost_usd: float | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        for name, value in self.headers.items():
            _check_header(name, value)
        if self.api_key is not None and not _is_field_value(self.api_key):
            raise InputError(
                "the key for the server holds what no header can",
                fix="look for a line break in it",
            )
        if self.max_cost_usd is not None and not self.max_cost_usd >= 0:
            raise InputError(
                f"a run cannot cost {self.max_cost_usd} USD", fix="give 0 or more"
            )

    def __repr__(self) -> str:
        return f"<Endpoint {shown_url(self.target)}>"

    @property
    def target(self) -> str:
        """The URL to connect to."""
        parts = urlsplit(self.url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if not any(key == "model" for key, _ in query):
            query.append(("model", self.model))
        path = parts.path if parts.path.strip("/") else DEFAULT_PATH
        scheme = _SCHEMES[parts.scheme]
        return urlunsplit((scheme, parts.netloc, path, urlencode(query), ""))

    @property
    def asked_model(self) -> str:
        """The model that the URL names, or else the one given."""
        query = dict(parse_qsl(urlsplit(self.url).query))
        return query.get("model", self.model)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no address
        raise InputError("the URL is none of a server", fix=_LIKE) from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise InputError(
            f"{shown_url(url)!r} is not the URL of a Realtime server", fix=_LIKE
        )
    try:
        right = parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise InputError(f"{shown_url(url)!r} has no valid port", fix="give 1 to 65535")


def _check_header(name: str, value: str) -> None:
    """Check a header by RFC 9110, 5.1 and 5.5; the value is never told."""
    if not _TOKEN.fullmatch(name):
        raise InputError(f"{name!r} is no name of a header", fix="give letters and -")
    if name.lower() in _OF_THE_CONNECTION or name.lower().startswith("sec-websocket-"):
        raise InputError(
            f"the header {name} belongs to the connection itself", fix="leave it out"
        )
    if not _is_field_value(value):
        raise InputError(
            f"the header {name} holds what no header can",
            fix="look for a line break in it",
        )


def _is_field_value(text: str) -> bool:
    return bool(text.strip()) and not _CONTROL.search(text)


def shown_url(url: str) -> str:
    """Return a URL without what may be secret in it: credentials, unknown queries."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = [
        (key, value if key in _SHOWN_QUERY else "***")
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="*"), ""))
