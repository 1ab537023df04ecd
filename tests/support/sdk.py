"""Holds events against the models of the published `openai` package, strictly.

The models allow extra fields and say nothing about nulls, so both are checked
here: a field that no model declares, and a null where the real endpoint never
sends one, fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from openai.types.realtime import (
    RealtimeClientEvent,
    RealtimeServerEvent,
    RealtimeSessionCreateRequest,
    realtime_session_create_response,
)
from pydantic import BaseModel, Field, TypeAdapter

MAY_BE_NULL = re.compile(
    r"""previous_item_id
    | response\.conversation_id
    | error\.(code|param|event_id)
    | session\..*
    | .*item\.content\[\d+\]\.transcript
    """,
    re.VERBOSE,
)

# The server's session has an identity; the SDK declares these fields on the
# object that the REST call returns, not on the one inside the events.
_SESSION_EXTRAS = set(
    realtime_session_create_response.RealtimeSessionCreateResponse.model_fields
)


def adapter_of(union: Any) -> TypeAdapter[Any]:
    """Return what validates the members of one of the SDK's unions of events."""
    members: Any = get_args(union)[0]
    tagged: Any = Annotated[members, Field(discriminator="type")]
    return TypeAdapter(tagged)


_SERVER = adapter_of(RealtimeServerEvent)
_CLIENT = adapter_of(RealtimeClientEvent)


def assert_valid_server_event(raw: bytes) -> None:
    """Fail unless `raw` is an event that the strictest client would accept."""
    _assert_declared(_SERVER.validate_json(raw, strict=True))
    nulls = [p for p in _null_paths(json.loads(raw)) if not MAY_BE_NULL.fullmatch(p)]
    assert not nulls, f"null at {', '.join(nulls)} in {raw.decode()}"


def assert_valid_client_event(raw: bytes) -> None:
    """Fail unless `raw` is an event that the SDK could have sent."""
    _assert_declared(_CLIENT.validate_json(raw, strict=True))


def _assert_declared(event: Any) -> None:
    undeclared = list(_undeclared(event, event.type))
    assert not undeclared, f"no SDK model declares {', '.join(undeclared)}"


def _undeclared(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        extras = set(value.model_extra or {})
        if isinstance(value, RealtimeSessionCreateRequest):
            extras -= _SESSION_EXTRAS
        yield from (f"{path}.{name}" for name in sorted(extras))
        for name in value.model_fields_set & set(type(value).model_fields):
            yield from _undeclared(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _undeclared(member, f"{path}[{index}]")


def _null_paths(value: Any, path: str = "") -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _null_paths(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _null_paths(child, f"{path}[{index}]")
