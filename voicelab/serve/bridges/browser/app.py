"""The browser bridge as a web application: a page, and the WebSocket that it opens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from fastapi import FastAPI, WebSocket
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import Response

from voicelab.serve.bridges.browser.leg import BrowserLeg
from voicelab.serve.bridges.origins import comes_from_here
from voicelab.serve.bridges.settings import BridgeSettings
from voicelab.serve.bridges.web import bridge_application, hold_call, peer_of
from voicelab.serve.logs import log

PAGE: Final = Path(__file__).parent / "page"

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'; object-src 'none'"
    ),
    "Permissions-Policy": "microphone=(self), speaker-selection=(self), camera=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""The page loads nothing from elsewhere, runs nothing inline and is framed by nobody;
browsers that cannot tell a WebSocket from `'self'` are too old for the page."""


def browser_app(settings: BridgeSettings) -> FastAPI:
    """Return the application: `/` the page, `/voice` the WebSocket, `/healthz`."""
    places = {"page_url": "http:/", "voice_url": "ws:/voice"}
    app = bridge_application("voicelab browser bridge", settings, places)

    @app.middleware("http")
    async def harden(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await answer(request)
        response.headers.update(SECURITY_HEADERS)
        return response

    @app.websocket("/voice")
    async def voice(websocket: WebSocket) -> None:
        needs_token = settings.token is not None
        if not comes_from_here(websocket, settings.origins, token_needed=needs_token):
            log(logging.WARNING, "refused", peer=peer_of(websocket), reason="origin")
            await websocket.close()  # before it is accepted: HTTP status 403
            return
        await hold_call(websocket, BrowserLeg(settings.token))

    app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    return app
