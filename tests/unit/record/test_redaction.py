"""No credential of a tool server comes into a record."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.unit.record.test_recorder import Desk
from voicelab.protocol import client_events as ce
from voicelab.record.redaction import REDACTED, redact_tools

MCP = {
    "type": "mcp",
    "server_label": "diary",
    "server_url": "https://tools.example",
    "authorization": "let-me-in",
    "headers": {"x-key": "open-sesame"},
}
FUNCTION = {"type": "function", "name": "book", "parameters": {"type": "object"}}


def test_only_credentials_are_replaced() -> None:
    session = {"tools": [deepcopy(MCP), deepcopy(FUNCTION)], "voice": "marin"}
    redact_tools(session)
    hidden = {"authorization": REDACTED, "headers": {"x-key": REDACTED}}
    assert session == {"tools": [MCP | hidden, FUNCTION], "voice": "marin"}


@pytest.mark.parametrize(
    "holder",
    [
        None,
        "session",
        {},
        {"tools": None},
        {"tools": ["mcp"]},
        {"tools": [{"type": "mcp", "authorization": None, "headers": None}]},
    ],
    ids=str,
)
def test_where_there_is_none_nothing_changes(holder: Any) -> None:
    before = deepcopy(holder)
    redact_tools(holder)
    assert holder == before


def test_the_log_holds_none_and_the_event_is_sent_as_it_is() -> None:
    desk = Desk()
    update = ce.SessionUpdate(session={"type": "realtime", "tools": [deepcopy(MCP)]})
    desk.at(1).client_sent(update)
    desk.recorder.finish()
    desk.recorder.discard()
    (line,) = desk.sink.getvalue().splitlines()
    assert b"let-me-in" not in line
    assert b"open-sesame" not in line
    tool = json.loads(line)["data"]["session"]["tools"][0]
    assert tool["server_url"] == MCP["server_url"]
    assert update.session["tools"] == [MCP]
