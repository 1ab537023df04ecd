"""From which web pages a browser may come.

Any page may open a WebSocket to anywhere, and the browser does not ask. What is no
browser sends no origin, and is let in as far as this goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection

ANY_ORIGIN = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def comes_from_here(
    connection: HTTPConnection, allowed: Iterable[str], *, token_needed: bool
) -> bool:
    """Return whether a request comes from the bridge's own page, or one allowed.

    The bridge's own page has the origin that the browser's `Host` says. A name in it
    proves nothing where nobody needs a token: whoever owns a name can point it at this
    machine (DNS rebinding), so then only addresses and `localhost` count.

    Args:
        connection: the request.
        allowed: origins of other pages, such as `https://example.com`, or `*`.
        token_needed: whether whoever comes has to know a token.
    """
    names = {origin.rstrip("/").lower() for origin in allowed}
    host = connection.headers.get("host", "")
    return all(
        ANY_ORIGIN in names
        or origin.lower() in names
        or _is_at(origin, host, any_name=token_needed)
        for origin in connection.headers.getlist("origin")
    )


def _is_at(origin: str, host: str, *, any_name: bool) -> bool:
    """Return whether an origin is served at a host."""
    try:
        page = urlsplit(origin.lower())
        here = urlsplit(f"{page.scheme}://{host.lower()}")
        same = page.hostname is not None and _place(page) == _place(here)
    except ValueError:
        return False
    return same and (any_name or _is_fixed(page.hostname or ""))


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _is_fixed(host: str) -> bool:
    """Return whether nobody can make a host stand for another machine."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
