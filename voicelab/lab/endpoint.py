"""Where a live run goes: a server's URL, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from voicelab.errors import InputError
from voicelab.lab.prices import PriceTable
from voicelab.session.config import DEFAULT_MODEL

DEFAULT_PATH = "/v1/realtime"
_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_SHOWN_QUERY = frozenset({"model", "intent", "deployment", "api-version"})


@dataclass(frozen=True)
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
        prices: what tokens cost; None leaves costs unknown.
        max_cost_usd: what one run may cost; None is no limit.
    """

    url: str = field(repr=False)
    model: str = DEFAULT_MODEL
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: Path | None = None
    connect_timeout_s: float = 10.0
    prices: PriceTable | None = None
    max_cost_usd: float | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise InputError(
                f"{shown_url(self.url)!r} is not the URL of a Realtime server",
                fix="write it like ws://127.0.0.1:8765/v1/realtime",
            )
        try:
            _ = parts.port
        except ValueError as error:
            raise InputError(
                f"{shown_url(self.url)!r} has no valid port", fix="give 1 to 65535"
            ) from error

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


def shown_url(url: str) -> str:
    """Return a URL without what may be secret in it: credentials, unknown queries."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = [
        (key, value if key in _SHOWN_QUERY else "***")
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="*"), ""))
