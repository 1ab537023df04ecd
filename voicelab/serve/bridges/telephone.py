"""What the applications of both telephone bridges have in common.

A telephone provider cannot send a header of its own, so the secret that it shares with
the bridge is part of the URL that the bridge's owner gives it. Without one, a page of
another origin must not pass for it: a browser would open the connection for any page.
"""

from __future__ import annotations

import hmac
import logging

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from voicelab.serve.bridges.leg import Leg
from voicelab.serve.bridges.origins import comes_from_here
from voicelab.serve.bridges.settings import BridgeSettings
from voicelab.serve.bridges.switchboard import Switchboard
from voicelab.serve.bridges.web import hold_call, peer_of
from voicelab.serve.logs import log


def knows_token(connection: HTTPConnection) -> bool:
    """Return whether a request has the bridge's token, in its path or its query.

    The comparison takes a time that does not tell how near a token is.
    """
    settings: BridgeSettings = connection.app.state.settings
    if settings.token is None:
        return True
    given = connection.path_params.get("token", connection.query_params.get("token"))
    return hmac.compare_digest(str(given or "").encode(), settings.token.encode())


async def hold_telephone_call(websocket: WebSocket, leg: Leg, *, trusted: bool) -> None:
    """Hold a call, or refuse it before it is accepted: then the caller hears so.

    Args:
        websocket: the connection, not accepted.
        leg: what it speaks.
        trusted: whether it comes from where it should.
    """
    reason = _objection(websocket, trusted=trusted)
    if reason is None:
        await hold_call(websocket, leg)
        return
    peer = peer_of(websocket)
    log(logging.WARNING, "refused", leg=leg.name, peer=peer, reason=reason)
    await websocket.close()  # before it is accepted: HTTP status 403


def _objection(websocket: WebSocket, *, trusted: bool) -> str | None:
    """Return why a call is not accepted, for the log; None if it is."""
    settings: BridgeSettings = websocket.app.state.settings
    switchboard: Switchboard = websocket.app.state.switchboard
    if not trusted:
        return "credentials"
    if settings.token is None and not comes_from_here(
        websocket, settings.origins, token_needed=False
    ):
        return "origin"
    full = switchboard.refusal()
    return None if full is None else full.reason


def target_of(connection: HTTPConnection) -> str:
    """Return the path and the query of a request as they came."""
    path: bytes = connection.scope.get("raw_path") or connection.url.path.encode()
    query: bytes = connection.scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")
