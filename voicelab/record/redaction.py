"""Keeps the credentials of tool servers out of records, which are made to be shared.

A session names tool servers with what lets it in there (`authorization` and `headers`
of a tool of type `mcp`, Realtime API reference, `session.tools`). Nothing in a record
depends on what they are.
"""

from __future__ import annotations

from typing import Any

REDACTED = "***"
"""What stands in a record for a credential."""


def redact_tools(holder: Any) -> None:
    """Replace the credentials in an object's `tools`, in place.

    Args:
        holder: a session, or a response that is asked for, as plain JSON; anything
            else is left alone.
    """
    tools = holder.get("tools") if isinstance(holder, dict) else None
    if not isinstance(tools, list | tuple):
        return
    for tool in tools:
        if not isinstance(tool, dict):
            continue
        if tool.get("authorization"):
            tool["authorization"] = REDACTED
        headers = tool.get("headers")
        if isinstance(headers, dict):
            tool["headers"] = dict.fromkeys(headers, REDACTED)
