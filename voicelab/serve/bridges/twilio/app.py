"""The bridge to Twilio as a web application: a webhook, and the stream it asks for."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import parse_qsl, quote

from fastapi import Depends, FastAPI, HTTPException, WebSocket
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from voicelab.serve.bridges.telephone import (
    hold_telephone_call,
    knows_token,
    target_of,
)
from voicelab.serve.bridges.twilio.leg import TwilioLeg
from voicelab.serve.bridges.twilio.settings import TwilioSettings
from voicelab.serve.bridges.twilio.signature import HEADER, Fields, Signatures
from voicelab.serve.bridges.twilio.twiml import CONTENT_TYPE, connect_to_stream
from voicelab.serve.bridges.web import bridge_application, peer_of
from voicelab.serve.logs import log

PLACES = {"webhook_url": "http:/twilio", "media_url": "ws:/twilio/media"}
"""Where what is."""

MAX_FORM_BYTES = 64 * 1024
"""Twilio's webhooks of a call are some hundreds of bytes."""


def twilio_app(settings: TwilioSettings) -> FastAPI:
    """Return the application: `/twilio` the webhook, `/twilio/media` the stream.

    Where a token is set, the webhook is `/twilio/TOKEN` or `/twilio?token=TOKEN`, and
    the stream that it asks for `/twilio/media/TOKEN`: streams have no query.
    """
    app = bridge_application("voicelab Twilio bridge", settings, PLACES)
    signatures = _signatures(settings)

    async def answer(
        request: Request, fields: Annotated[Fields, Depends(_posted)]
    ) -> Response:
        given = request.headers.get(HEADER)
        signed = signatures is None or signatures.vouch_for_request(
            given, target_of(request), fields
        )
        if not (signed and knows_token(request)):
            peer = peer_of(request)
            log(logging.WARNING, "refused", peer=peer, reason="credentials")
            raise HTTPException(403)
        twiml = connect_to_stream(_stream_url(settings, request))
        return Response(twiml, media_type=CONTENT_TYPE)

    async def call(websocket: WebSocket) -> None:
        given = websocket.headers.get(HEADER)
        signed = signatures is None or signatures.vouch_for_stream(
            given, target_of(websocket)
        )
        trusted = signed and knows_token(websocket)
        await hold_telephone_call(websocket, TwilioLeg(), trusted=trusted)

    for path in ("/twilio", "/twilio/{token:path}"):
        app.add_api_route(path, answer, methods=["GET", "POST"])
    for path in ("/twilio/media", "/twilio/media/{token:path}"):
        app.add_api_websocket_route(path, call)
    return app


def _signatures(settings: TwilioSettings) -> Signatures | None:
    if settings.auth_token is None or settings.public_url is None:
        return None
    return Signatures(settings.auth_token, settings.public_url)


async def _posted(request: Request) -> Fields:
    """Return the fields of a form that was posted, in the order in which they came."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    text = body.decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True)


def _stream_url(settings: TwilioSettings, request: HTTPConnection) -> str:
    """Return where the stream is to connect: Twilio takes nothing but `wss`."""
    base = settings.public_url
    if base is None:
        base = f"https://{request.headers.get('host', '')}"
    scheme, _, rest = base.rstrip("/").partition(":")
    secure = "wss" if scheme == "https" else "ws"
    path = "/twilio/media"
    if settings.token is not None:
        path += f"/{quote(settings.token, safe='')}"
    return f"{secure}:{rest}{path}"
