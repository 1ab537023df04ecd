"""What the web applications of all bridges have in common."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from voicelab.record.folder import package_versions
from voicelab.serve.bridges.call import BridgeCall
from voicelab.serve.bridges.ending import DEFECT, Ending
from voicelab.serve.bridges.leg import Leg
from voicelab.serve.bridges.leg_socket import fitting
from voicelab.serve.bridges.settings import BridgeSettings
from voicelab.serve.bridges.switchboard import Switchboard
from voicelab.serve.logs import log, log_defect


def bridge_application(
    title: str, settings: BridgeSettings, places: Mapping[str, str]
) -> FastAPI:
    """Return an application that answers `/healthz`, and nothing else yet.

    Its `state` holds `switchboard`, all calls; `settings`, what it was told; and
    `places`.

    Args:
        title: what it is.
        settings: what it is told.
        places: where what is, for the announcement: a name such as `voice_url`, and
            scheme and path such as `ws:/voice`.
    """
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.places = dict(places)
    app.state.switchboard = switchboard = Switchboard(settings.max_calls)
    version = package_versions()["voicelab-realtime"]

    @app.get("/healthz")
    async def health() -> Mapping[str, Any]:
        return {
            "status": "draining" if switchboard.draining else "ok",
            "version": version,
            "calls": switchboard.calls,
            "max_calls": settings.max_calls,
        }

    @app.exception_handler(Exception)
    async def fail(request: Request, error: Exception) -> PlainTextResponse:
        log_defect("request failed", error, peer=peer_of(request))
        return PlainTextResponse("Internal Server Error\n", status_code=500)

    return app


async def hold_call(websocket: WebSocket, leg: Leg) -> None:
    """Accept a connection and hold its call to the end, if there is room for one.

    A defect ends this connection, and no other.
    """
    try:
        await websocket.accept()
        await _admit(websocket, leg)
    except Exception as error:  # noqa: BLE001 -- the others go on
        log_defect("connection failed", error, leg=leg.name, peer=peer_of(websocket))
        with suppress(Exception):  # it may be closed
            await websocket.close(DEFECT.code, DEFECT.reason)


async def _admit(websocket: WebSocket, leg: Leg) -> None:
    switchboard: Switchboard = websocket.app.state.switchboard
    settings: BridgeSettings = websocket.app.state.settings
    full = switchboard.refusal()
    if full is not None:
        log(logging.WARNING, "refused", leg=leg.name, reason=full.reason)
        await turn_away(websocket, leg, full)
        return
    call = BridgeCall(
        leg,
        websocket,
        settings.calls,
        number=switchboard.next_number(),
        peer=peer_of(websocket),
    )
    await switchboard.hold(call)


async def turn_away(websocket: WebSocket, leg: Leg, ending: Ending) -> None:
    """Say why an accepted connection gets no call, and close it."""
    leg.fail(ending.sentence or ending.reason)
    leg.hang_up(ending.reason)
    with suppress(Exception):  # it may be gone
        for text in leg.outgoing():
            await websocket.send_text(text)
        await websocket.close(ending.code, fitting(ending.reason))


def peer_of(connection: HTTPConnection) -> str | None:
    """Return where a connection comes from."""
    client = connection.client
    if client is None:
        return None
    host = f"[{client.host}]" if ":" in client.host else client.host
    return f"{host}:{client.port}"
