"""Reads what a chat endpoint streams: server-sent events, then the answer in them."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any

from voicelab.errors import EndpointError
from voicelab.responders.cascade.parts import ChatPiece, Said
from voicelab.session.reply import CallPiece

MAX_CHARACTERS = 50_000
"""An answer is cut off after so many: nobody listens to more than an hour."""

MAX_STREAM_CHARACTERS = 5_000_000
"""So much is read for one answer: an endpoint that does not end is left."""

_END = "[DONE]"
_LINE_END = re.compile(r"\r\n|\n|\r")


def lines_of(texts: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a stream of events, as they become whole.

    They end as the HTML standard says of such a stream: with a line feed, a carriage
    return, or both. What else Unicode takes for the end of a line may stand in a text.

    Args:
        texts: the stream, in any pieces.

    Raises:
        EndpointError: there is more than anybody reads.
    """
    begun: list[str] = []
    characters = 0
    for text in texts:
        characters += len(text)
        if characters > MAX_STREAM_CHARACTERS:
            raise EndpointError("the chat endpoint's answer does not end")
        *ends, rest = _LINE_END.split(text)
        for end in ends:
            yield "".join((*begun, end))
            begun = []
        begun.append(rest)
    yield "".join(begun)


def read_answer(lines: Iterable[str], offered: Container[str]) -> Iterator[ChatPiece]:
    """Yield an answer as it comes: texts, then the calls.

    Args:
        lines: the lines of the stream.
        offered: the names of the functions that may be called.

    Raises:
        EndpointError: it is not what a chat endpoint streams, it ends before the
            answer does, or there is nothing in it.
    """
    calls: dict[int, _Call] = {}
    characters = 0
    for choice in _choices(lines):
        delta = choice.get("delta") or {}
        text = delta.get("content")
        if isinstance(text, str) and text:
            characters += len(text)
            yield Said(_sendable(text))
        for part in delta.get("tool_calls") or ():
            calls.setdefault(part.get("index", 0), _Call()).add(part)
        if characters > MAX_CHARACTERS:
            return
    for call in calls.values():
        yield call.piece(offered)
    if not calls and not characters:
        raise EndpointError("the chat endpoint's answer is empty")


class _Call:
    """A function call that comes in parts."""

    def __init__(self) -> None:
        self._name = ""
        self._arguments = ""

    def add(self, part: Any) -> None:
        function = part.get("function") or {}
        self._name += _sendable(function.get("name") or "")
        self._arguments += _sendable(function.get("arguments") or "")

    def piece(self, offered: Container[str]) -> CallPiece:
        if self._name not in offered:
            raise EndpointError(
                f"the chat endpoint called {self._name[:100]!r}, which nobody offered"
            )
        arguments = self._arguments or "{}"
        try:
            is_object = isinstance(json.loads(arguments), dict)
        except ValueError:
            is_object = False
        if not is_object:
            raise EndpointError(
                f"the chat endpoint's arguments of {self._name} are no JSON object"
            )
        return CallPiece(self._name, arguments)


def _choices(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the first choice of each event; stop where the stream says it ends."""
    is_ended = False
    for line in lines:
        if not line.startswith("data:"):
            _check_line(line)
            continue
        data = line.removeprefix("data:").strip()
        if data == _END:
            return
        choice = _choice(data)
        if choice is not None:
            is_ended = is_ended or choice.get("finish_reason") is not None
            yield choice
    if not is_ended:
        raise EndpointError("the chat endpoint broke off in the middle of its answer")


def _check_line(line: str) -> None:
    """Refuse what is no part of a stream of events."""
    if line and not line.startswith((":", "event:", "id:", "retry:")):
        raise EndpointError("the chat endpoint sent something that is no event stream")


def _choice(data: str) -> dict[str, Any] | None:
    try:
        event = json.loads(data)
        if "error" in event:
            raise EndpointError("the chat endpoint reported an error in its answer")
        choices = event["choices"]
        choice = choices[0] if choices else None
        if choice is None or _is_choice(choice):
            return choice
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise EndpointError("the chat endpoint sent an event that is none of a chat's")


def _is_choice(choice: Any) -> bool:
    delta = choice.get("delta") or {}
    parts = delta.get("tool_calls") or ()
    return isinstance(delta, dict) and all(map(_is_part, parts))


def _is_part(part: Any) -> bool:
    function = part.get("function") or {}
    return isinstance(part.get("index", 0), int) and all(
        isinstance(function.get(key) or "", str) for key in ("name", "arguments")
    )


def _sendable(text: str) -> str:
    """Return a text without halves of characters: JSON can hold them, UTF-8 cannot."""
    return text.encode("utf-8", "ignore").decode()
