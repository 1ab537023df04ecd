"""Keeps secrets out of what is logged, recorded or told to the caller's side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from msgspec import UnsetType
from msgspec.structs import replace

from voicelab.lab.endpoint import Endpoint
from voicelab.protocol.response_object import StatusDetails, StatusError
from voicelab.protocol.server_events import (
    ErrorEvent,
    ResponseDone,
    ServerEvent,
    UnknownServerEvent,
)

HIDDEN = "***"

Details: TypeAlias = StatusDetails | str | UnsetType | None

_KEY = re.compile(r"\b(?:sk|ek|rk)[-_][\w*.\-]+|\bBearer\s+\S+", re.IGNORECASE)
"""What looks like a key: servers repeat a wrong one, partly masked, in their errors."""

_SHORTEST = 4
"""A shorter secret would also be hidden where it is part of a word."""


class Secrets:
    """Knows what must not be told.

    Args:
        known: secrets, as they are.
    """

    def __init__(self, known: Iterable[str | None] = ()) -> None:
        self._known = [each for each in known if each and len(each) >= _SHORTEST]

    @classmethod
    def of(cls, endpoint: Endpoint) -> Secrets:
        """Return what must not be told of a server and how one gets in there."""
        return cls([endpoint.api_key, *endpoint.headers.values()])

    def hide(self, text: str) -> str:
        """Return a text with what must not be told blotted out, on one line."""
        return " ".join(self._blotted(text).split())

    def without(
        self, event: ServerEvent | UnknownServerEvent
    ) -> ServerEvent | UnknownServerEvent:
        """Return an event whose error tells nothing that must not be told.

        Nothing else in an event that is known can: a server repeats what it was sent
        in its errors.
        """
        if isinstance(event, ErrorEvent):
            message = self.hide(event.error.message)
            return replace(event, error=replace(event.error, message=message))
        if isinstance(event, ResponseDone):
            details = self._details(event.response.status_details)
            response = replace(event.response, status_details=details)
            return replace(event, response=response)
        if isinstance(event, UnknownServerEvent):
            return replace(event, raw=self._everywhere(dict(event.raw)))
        return event

    def _details(self, details: Details) -> Details:
        if isinstance(details, str):
            return self.hide(details)
        if not isinstance(details, StatusDetails):
            return details
        error = details.error
        if not isinstance(error, StatusError) or not isinstance(error.message, str):
            return details
        return replace(details, error=replace(error, message=self.hide(error.message)))

    def _everywhere(self, value: Any) -> Any:
        """Return plain JSON with every string in it blotted."""
        if isinstance(value, dict):
            return {key: self._everywhere(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._everywhere(inner) for inner in value]
        return self._blotted(value) if isinstance(value, str) else value

    def _blotted(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return _KEY.sub(HIDDEN, text)
