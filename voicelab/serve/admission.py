"""Decides whether a client gets a session, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from voicelab.protocol import connection_errors
from voicelab.protocol.dialect import Dialect, GaDialect
from voicelab.serve.access import Headers, Keys, credential, listed

PATHS = frozenset(
    {"/v1/realtime", "/realtime", "/openai/v1/realtime", "/openai/realtime"}
)
"""Where sessions are opened: OpenAI's path, and those that clients make of a URL that
has no `/v1` or is Azure's."""

_BETA_HEADER = "OpenAI-Beta"
_BETA_VALUE = "realtime=v1"
_BETA_SUBPROTOCOL = "openai-beta.realtime-v1"


@dataclass(frozen=True, slots=True)
class Admission:
    """What a client that is let in gets.

    Attributes:
        model: the model of its session.
        session: what is set in it from the start.
    """

    model: str
    session: Mapping[str, Any] = field(default_factory=dict)


def path_of(target: str) -> str:
    """Return the path of a request's target, without a slash at its end."""
    return target.partition("?")[0].rstrip("/") or "/"


def opens_session(target: str) -> bool:
    """Return whether a request's target is where sessions are opened."""
    return path_of(target) in PATHS


class Gate:
    """Looks at the request of a client.

    Args:
        keys: who has one that lets them in.
        models: the models that may be asked for; none of them: any.
        dialect: what is spoken inside.
    """

    def __init__(self, keys: Keys, models: Sequence[str], dialect: Dialect) -> None:
        self._keys = keys
        self._models = frozenset(models)
        self._beta_allowed = dialect.name != GaDialect.name

    def admit(self, target: str, headers: Headers) -> Admission:
        """Return what the client gets.

        Args:
            target: the path with the query.
            headers: of the request.

        Raises:
            WireError: it gets nothing; the error has a close code.
        """
        query = parse_qs(target.partition("?")[2])
        if not self._beta_allowed and _asks_for_beta(headers):
            raise connection_errors.beta_api_shape_disabled()
        secret = self._keys.check(credential(headers))
        _check_intent(query)
        named = query.get("model") or query.get("deployment") or [""]
        model = (secret and secret.model) or named[0]
        if not model:
            raise connection_errors.missing_model()
        self.check_model(model)
        return Admission(model, {} if secret is None else secret.session)

    def check_model(self, model: str) -> None:
        """Check the name of a model.

        Raises:
            WireError: it is not served.
        """
        if self._models and model not in self._models:
            raise connection_errors.invalid_model(model)


def _asks_for_beta(headers: Headers) -> bool:
    return _BETA_VALUE in listed(headers, _BETA_HEADER) or _BETA_SUBPROTOCOL in listed(
        headers, "Sec-WebSocket-Protocol"
    )


def _check_intent(query: Mapping[str, Sequence[str]]) -> None:
    if "call_id" in query:
        raise connection_errors.no_such_call()
    for intent in query.get("intent", ()):
        if intent != "conversation":
            raise connection_errors.unsupported_intent(intent)
