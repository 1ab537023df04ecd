"""A Realtime conversation as the messages of a chat request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voicelab.protocol.items import FunctionCallItem, FunctionCallOutputItem, Item
from voicelab.responders.cascade.parts import Turn

INAUDIBLE = "(inaudible)"
"""Stands for a turn of the caller in which no word was understood."""

INTERRUPTED = "(interrupted)"
"""Stands for an answer of which the caller heard a part that is not known."""

Message = dict[str, Any]


def messages_of(turn: Turn, instructions: str = "") -> list[Message]:
    """Return the conversation so far, oldest first, after the instructions.

    Args:
        turn: the conversation.
        instructions: come before its own.
    """
    told = [text for text in (instructions, turn.request.instructions) if text]
    messages: list[Message] = []
    if told:
        messages.append({"role": "system", "content": "\n\n".join(told)})
    for item in turn.request.items:
        _add(messages, item, turn)
    return messages


def tools_of(turn: Turn) -> dict[str, Any]:
    """Return the functions that may be called, as fields of a chat request."""
    functions = [
        {
            key: tool[key]
            for key in ("name", "description", "parameters")
            if tool.get(key) is not None
        }
        for tool in turn.request.tools
        if tool.get("type") == "function"
    ]
    if not functions:
        return {}
    choice = turn.request.tool_choice
    if isinstance(choice, Mapping):
        choice = {"type": "function", "function": {"name": choice.get("name")}}
    tools = [{"type": "function", "function": function} for function in functions]
    return {"tools": tools, "tool_choice": choice}


def _add(messages: list[Message], item: Item, turn: Turn) -> None:
    if isinstance(item, FunctionCallItem):
        _add_call(messages, item)
    elif isinstance(item, FunctionCallOutputItem):
        messages.append(
            {"role": "tool", "tool_call_id": item.call_id, "content": item.output}
        )
    else:
        unknown = INTERRUPTED if item.role == "assistant" else INAUDIBLE
        said = turn.text_of(item) or unknown
        messages.append({"role": item.role, "content": said})


def _add_call(messages: list[Message], item: FunctionCallItem) -> None:
    """Add a call; calls in a row are one message, as their outputs come after all."""
    call = {
        "id": item.call_id,
        "type": "function",
        "function": {"name": item.name, "arguments": item.arguments or "{}"},
    }
    newest = messages[-1] if messages else {}
    if "tool_calls" in newest:
        newest["tool_calls"].append(call)
    else:
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
