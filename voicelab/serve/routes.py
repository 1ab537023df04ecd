"""The REST calls beside the WebSocket, in the shapes of OpenAI's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.protocol.ids import IdSource
from voicelab.protocol.refusals import NOT_JSON, explain
from voicelab.protocol.wire_errors import WireError
from voicelab.serve.access import Keys, Origins, credential
from voicelab.serve.admission import Gate, opens_session, path_of
from voicelab.serve.client_secrets import (
    DEFAULT_TTL_S,
    MAX_TTL_S,
    MIN_TTL_S,
    ClientSecrets,
)
from voicelab.serve.logs import log_defect
from voicelab.serve.plain_http import (
    HttpRequest,
    HttpResponse,
    error_response,
    json_response,
)
from voicelab.serve.telemetry import CONTENT_TYPE, Telemetry
from voicelab.session.config import DEFAULT_MODEL, SessionConfig

_OWNER = "voicelab"
_NOT_SERVED = (
    "/v1/realtime/calls",
    "/v1/realtime/sessions",
    "/v1/realtime/transcription_sessions",
    "/v1/realtime/translations",
    "/v1/live/",
)
_CORS_MAX_AGE_S = 600

Route = Callable[[HttpRequest], HttpResponse]


class ExpiresAfter(Struct, frozen=True, forbid_unknown_fields=True):
    """When a client secret is to expire."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Meta(ge=MIN_TTL_S, le=MAX_TTL_S)] = DEFAULT_TTL_S


class SecretRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /v1/realtime/client_secrets`."""

    expires_after: ExpiresAfter = ExpiresAfter()
    session: dict[str, Any] | UnsetType = UNSET


class Routes:
    """Answers the plain requests of one server.

    Args:
        keys: who may ask for a client secret.
        gate: which models there are.
        origins: which web pages may ask.
        client_secrets: what gives them out.
        telemetry: what is measured.
        models: the models that are served; none of them: any.
        health: returns what `/healthz` says.
    """

    def __init__(
        self,
        *,
        keys: Keys,
        gate: Gate,
        origins: Origins,
        client_secrets: ClientSecrets,
        telemetry: Telemetry,
        models: Sequence[str],
        health: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._keys = keys
        self._gate = gate
        self._origins = origins
        self._client_secrets = client_secrets
        self._telemetry = telemetry
        self._models = tuple(models) or (DEFAULT_MODEL,)
        self._health = health
        self._made = 0
        self._routes: dict[str, tuple[str, Route]] = {
            "/healthz": ("GET", self._answer_health),
            "/metrics": ("GET", self._answer_metrics),
            "/v1/models": ("GET", self._answer_models),
            "/v1/realtime/client_secrets": ("POST", self._create_secret),
        }

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request."""
        if not self._origins.allow(request):
            return error_response(403, "Web pages of this origin are not let in.")
        if request.method == "OPTIONS":
            return self._with_cors(request, HttpResponse(204))
        try:
            response = self._routed(request)
        except WireError as error:
            response = _refused(error)
        except Exception as error:  # noqa: BLE001 -- a defect; sessions go on
            log_defect("request failed", error, method=request.method)
            response = error_response(500, "The server failed to answer.")
        return self._with_cors(request, response)

    def _routed(self, request: HttpRequest) -> HttpResponse:
        path = path_of(request.target)
        if opens_session(path):
            return error_response(
                426,
                "Sessions are held over a WebSocket; connect with one.",
                headers={"Upgrade": "websocket"},
            )
        known = self._routes.get(path)
        if known is None:
            return self._unknown(request, path)
        method, route = known
        asked = "GET" if request.method == "HEAD" else request.method
        if asked != method:
            return _wrong_method(request, path, method)
        if path.startswith("/v1/"):
            self._keys.check_lasting(credential(request))
        return route(request)

    def _unknown(self, request: HttpRequest, path: str) -> HttpResponse:
        if path.startswith("/v1/models/"):
            return self._answer_model(path.removeprefix("/v1/models/"))
        if path.startswith(_NOT_SERVED):
            return error_response(
                501,
                f"{path} is not served here: sessions are held over a WebSocket at "
                "/v1/realtime, and client secrets come from "
                "/v1/realtime/client_secrets.",
                code="not_implemented",
            )
        return error_response(404, f"Invalid URL ({request.method} {path[:200]})")

    # -- the server itself ----------------------------------------------------

    def _answer_health(self, _request: HttpRequest) -> HttpResponse:
        return json_response(200, self._health())

    def _answer_metrics(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, self._telemetry.exposition(), CONTENT_TYPE)

    # -- models ---------------------------------------------------------------

    def _answer_models(self, _request: HttpRequest) -> HttpResponse:
        listed = [_model(name) for name in self._models]
        return json_response(200, {"object": "list", "data": listed})

    def _answer_model(self, name: str) -> HttpResponse:
        if name not in self._models:
            message = f"The model '{name[:200]}' does not exist"
            return error_response(404, message, code="model_not_found", param="model")
        return json_response(200, _model(name))

    # -- client secrets ---------------------------------------------------------

    def _create_secret(self, request: HttpRequest) -> HttpResponse:
        body = request.body.strip() or b"{}"
        try:
            asked = msgspec.json.decode(body, type=SecretRequest)
            session = {} if asked.session is UNSET else asked.session
            model = self._asked_model(session)
            self._made += 1
            identity = IdSource(self._made, "client_secrets").session()
            config = SessionConfig(model or DEFAULT_MODEL, {"id": identity})
            if asked.session is not UNSET:
                config.update(session)
        except NOT_JSON as error:
            raise explain(body, error) from error
        ttl_s = asked.expires_after.seconds
        secret = self._client_secrets.create(ttl_s, model, session)
        told = {
            "value": secret.value,
            "expires_at": secret.expires_at_s,
            "session": config.to_wire() | {"expires_at": 0},
        }
        return json_response(200, told)

    def _asked_model(self, session: Mapping[str, Any]) -> str | None:
        model = session.get("model")
        if not isinstance(model, str) or not model:
            return None
        self._gate.check_model(model)
        return model

    # -- browsers ---------------------------------------------------------------

    def _with_cors(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Let the page that asks read the answer; its origin is one of those let in."""
        origins = request.get_all("Origin")
        if not origins:
            return response
        headers = {
            "Access-Control-Allow-Origin": origins[0],
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Max-Age": str(_CORS_MAX_AGE_S),
            "Vary": "Origin",
        }
        asked = request.get_all("Access-Control-Request-Headers")
        if asked:
            headers["Access-Control-Allow-Headers"] = ", ".join(asked)
        return replace(response, headers={**response.headers, **headers})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": _OWNER}


def _refused(error: WireError) -> HttpResponse:
    status = 401 if error.code == "invalid_api_key" else 400
    return error_response(status, error.message, code=error.code, param=error.param)


def _wrong_method(request: HttpRequest, path: str, method: str) -> HttpResponse:
    return error_response(
        405,
        f"Not allowed to {request.method} on {path}; use {method}.",
        code="method_not_supported",
        headers={"Allow": method},
    )
