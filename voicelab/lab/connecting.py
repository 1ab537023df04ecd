"""Connects to the server of a live run, and says in one sentence why it cannot."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from voicelab.errors import EndpointError, InputError
from voicelab.lab.endpoint import Endpoint, shown_url

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_QUESTIONS = {
    401: "; is the key right?",
    403: "; is the key right?",
    404: "; are the path and the model right?",
}
"""What to ask oneself at an HTTP status."""


@dataclass(frozen=True, repr=False)
class Peer:
    """Where a WebSocket is opened.

    Attributes:
        url: ws or wss.
        headers: what the request says besides.
        ca_file: certificates to trust instead of the system's, PEM.
        timeout_s: how long connecting may take.
        questions: what to ask oneself at an HTTP status.
    """

    url: str
    headers: Mapping[str, str]
    ca_file: Path | None
    timeout_s: float
    questions: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.url).scheme == "wss"


async def connect_to(endpoint: Endpoint) -> ClientConnection:
    """Connect to a Realtime server, once.

    Raises:
        InputError: the file of certificates cannot be used.
        EndpointError: the server cannot be reached, or lets nobody in.
    """
    return await open_socket(
        Peer(
            endpoint.target,
            _headers(endpoint),
            endpoint.ca_file,
            endpoint.connect_timeout_s,
            _QUESTIONS,
        )
    )


async def open_socket(peer: Peer) -> ClientConnection:
    """Open a WebSocket, once.

    Raises:
        InputError: the file of certificates cannot be used.
        EndpointError: the peer cannot be reached, or lets nobody in.
    """
    try:
        return await connect(
            peer.url,
            additional_headers=dict(peer.headers),
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            open_timeout=peer.timeout_s,
            **_security(peer),
        )
    except (OSError, EOFError, WebSocketException) as error:
        raise EndpointError(
            f"cannot connect to {shown_url(peer.url)}: {_why(error, peer)}"
        ) from error


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers of a request; one that is given stands for the key's own."""
    headers = dict(endpoint.headers)
    given = {name.lower() for name in headers}
    if endpoint.api_key is not None and "authorization" not in given:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    return headers


def _security(peer: Peer) -> dict[str, Any]:
    if not peer.is_secure or peer.ca_file is None:
        return {}
    return {"ssl": trust_of(peer.ca_file)}


def trust_of(ca_file: Path) -> ssl.SSLContext:
    """Return what trusts the certificates of a file, PEM, and no others.

    Raises:
        InputError: it holds none that can be read.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one, too
        raise InputError(
            f"holds no certificates that can be read ({_said(error)})",
            file=ca_file,
            fix="give a PEM file",
        ) from error


def _why(error: Exception, peer: Peer) -> str:
    """Return what went wrong and what to look at; subclasses come first."""
    # many a server is asked for TLS, or not, by mistake
    scheme = "; is it ws, not wss?" if peer.is_secure else "; is it wss, not ws?"
    match error:
        case InvalidStatus():
            status = error.response.status_code
            return (
                f"it answers with HTTP status {status}{peer.questions.get(status, '')}"
            )
        case TimeoutError():
            return f"it does not answer within {peer.timeout_s:g} s"
        case ssl.SSLCertVerificationError():
            reason = error.verify_message
            return f"its certificate is not trusted ({reason}); --tls-ca names others"
        case ssl.SSLError():
            return f"it does not speak TLS ({_said(error)}){scheme}"
        case ConnectionRefusedError():
            return "nobody listens there; is the server running?"
        case ConnectionError() | EOFError():
            return f"it hangs up before a session is opened{scheme}"
        case OSError():
            return _said(error)
        case _:
            return f"it does not speak WebSocket ({error}){scheme}"


def _said(error: OSError) -> str:
    """Return what went wrong, without OpenSSL's source lines."""
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    if reason:
        return reason.replace("_", " ").lower()
    return error.strerror or str(error) or type(error).__name__
