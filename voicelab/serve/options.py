"""What a server is told when it starts."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from voicelab.errors import InputError
from voicelab.protocol.dialect import Dialect, GaDialect
from voicelab.transport.websocket import MAX_PENDING_BYTES

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
DEFAULT_MAX_SESSIONS = 100
DEFAULT_DRAIN_S = 10.0
PING_INTERVAL_S = 20.0
"""How often the real endpoint was seen to ping."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where a server listens, whom it lets in and what it puts up with.

    Attributes:
        host: the address, or the name of it, to listen on.
        port: the TCP port; 0 takes a free one.
        api_keys: the keys that let a client in; none of them: everybody may.
        models: the models that a client may ask for; none of them: any.
        origins: further origins from which browsers may come, or `*`.
        dialect: what the clients speak.
        tls: how to encrypt; None does not.
        max_sessions: how many sessions may run at once.
        idle_timeout_s: how long a client may send nothing; None is for ever.
        open_timeout_s: how long a client may take to say what it wants.
        ping_interval_s: how often clients are pinged, and how long an answer may take.
        close_timeout_s: how long a client may take to agree to a close.
        drain_s: how long running sessions may go on when the server is to stop.
        max_pending_bytes: how much may wait for a client that does not read.

    Raises:
        InputError: the server would be open to the network without a key, or a key,
            a model or an origin can be none.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    models: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    dialect: Dialect = field(default_factory=GaDialect)
    tls: ssl.SSLContext | None = None
    max_sessions: int = DEFAULT_MAX_SESSIONS
    idle_timeout_s: float | None = None
    open_timeout_s: float = 10.0
    ping_interval_s: float = PING_INTERVAL_S
    close_timeout_s: float = 5.0
    drain_s: float = DEFAULT_DRAIN_S
    max_pending_bytes: int = MAX_PENDING_BYTES

    def __post_init__(self) -> None:
        if not all(map(str.strip, self.models)):
            raise InputError("the name of a model is empty", fix="leave --model out")
        for origin in self.origins:
            check_origin(origin)
        if any(not key.strip() for key in self.api_keys):
            raise InputError("an API key is empty", fix="give one that is not")
        if not self.api_keys and not is_loopback(self.host):
            raise InputError(
                f"listening on {self.host or 'every address'!r} without a key would "
                "let anybody in",
                fix="give --api-key, or listen on 127.0.0.1",
            )


def check_origin(origin: str) -> None:
    """Refuse what no browser sends (RFC 6454, 6.2), as it would let nobody in.

    Raises:
        InputError: it is no origin.
    """
    if origin in {"*", "null"}:
        return
    try:
        parts = urlsplit(origin.rstrip("/"))
        right = bool(parts.scheme and parts.hostname) and not (
            parts.path or parts.query or parts.fragment
        )
    except ValueError:
        right = False
    if not right:
        raise InputError(
            f"{origin!r} is not the origin of a web page",
            fix="write it like https://app.example:8443, without a path, or * for all",
        )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on `host`.

    Raises:
        InputError: the host's name is not known.
    """
    if not host:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InputError(
            f"there is no address named {host!r} ({error.strerror or error})",
            fix="give the address of one of this machine's interfaces",
        ) from error
    return all(ip_address(str(entry[4][0])).is_loopback for entry in found)
