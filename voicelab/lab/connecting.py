"""Connects to the server of a live run, and says in one sentence why it cannot."""

from __future__ import annotations

import ssl
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


async def connect_to(endpoint: Endpoint) -> ClientConnection:
    """Connect, once.

    Raises:
        InputError: the file of certificates cannot be used.
        EndpointError: the server cannot be reached, or lets nobody in.
    """
    try:
        return await connect(
            endpoint.target,
            additional_headers=_headers(endpoint),
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            open_timeout=endpoint.connect_timeout_s,
            **_security(endpoint),
        )
    except (OSError, EOFError, WebSocketException) as error:
        raise EndpointError(
            f"cannot connect to {shown_url(endpoint.target)}: {_why(error, endpoint)}"
        ) from error


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers of a request; one that is given stands for the key's own."""
    headers = dict(endpoint.headers)
    given = {name.lower() for name in headers}
    if endpoint.api_key is not None and "authorization" not in given:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    return headers


def _security(endpoint: Endpoint) -> dict[str, Any]:
    if not _is_secure(endpoint) or endpoint.ca_file is None:
        return {}
    return {"ssl": _trust(endpoint.ca_file)}


def _is_secure(endpoint: Endpoint) -> bool:
    return urlsplit(endpoint.target).scheme == "wss"


def _trust(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one, too
        raise InputError(
            f"holds no certificates that can be read ({_said(error)})",
            file=ca_file,
            fix="give a PEM file",
        ) from error


def _why(error: Exception, endpoint: Endpoint) -> str:
    """Return what went wrong and what to look at; subclasses come first."""
    # many a server is asked for TLS, or not, by mistake
    scheme = "; is it ws, not wss?" if _is_secure(endpoint) else "; is it wss, not ws?"
    match error:
        case InvalidStatus():
            status = error.response.status_code
            return f"it answers with HTTP status {status}{_QUESTIONS.get(status, '')}"
        case TimeoutError():
            return f"it does not answer within {endpoint.connect_timeout_s:g} s"
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
