"""The bridge to 46elks as a web application: the WebSocket that a call opens."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket

from voicelab.clock import timebase
from voicelab.serve.bridges.elks.leg import ElksLeg
from voicelab.serve.bridges.elks.settings import ElksSettings
from voicelab.serve.bridges.telephone import hold_telephone_call, knows_token
from voicelab.serve.bridges.web import bridge_application


def elks_app(settings: ElksSettings) -> FastAPI:
    """Return the application: `/elks` the WebSocket, `/healthz`.

    Where a token is set, calls come to `/elks/TOKEN` or `/elks?token=TOKEN`.
    """
    app = bridge_application(
        "voicelab 46elks bridge", settings, {"call_url": "ws:/elks"}
    )

    async def call(websocket: WebSocket) -> None:
        leg = ElksLeg(timebase().now_ns, settings.format)
        await hold_telephone_call(websocket, leg, trusted=knows_token(websocket))

    app.add_api_websocket_route("/elks", call)
    app.add_api_websocket_route("/elks/{token:path}", call)
    return app
