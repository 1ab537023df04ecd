"""An assistant for callers it knows nothing of: it answers, without understanding.

Each request gets a recorded line, in an order that depends on the seed alone. Tools
are called when the client demands it, which is what a client under development needs
to see:

- `tool_choice: "required"` calls a function that the caller's text names, else the
  functions offered in turn;
- a named function is called;
- `"auto"` calls a function only if the caller's newest message names it (`get_weather`
  is named by "get weather", too);
- `"none"` calls none.

A function's output is answered with a line, never with another call.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from voicelab.protocol.items import (
    FunctionCallOutputItem,
    InputAudio,
    InputText,
    MessageItem,
)
from voicelab.responders.assistant_arguments import arguments_for
from voicelab.responders.script import FunctionCall, ScriptedReply
from voicelab.responders.scripted import Speaker, TimedReply
from voicelab.session.reply import ReplyRequest

Recall = Callable[[ReplyRequest], ScriptedReply | None]
"""Returns the reply to a caller who is known after all, None for all others."""


class Assistant:
    """Answers anybody.

    Args:
        openings: what it may say to a caller who has said nothing yet.
        lines: what it may say otherwise; at least two.
        speaker: says it.
        seed: what the order of lines depends on.
        recall: tells the reply to callers who are known.
    """

    def __init__(
        self,
        openings: Sequence[ScriptedReply],
        lines: Sequence[ScriptedReply],
        speaker: Speaker,
        *,
        seed: int,
        recall: Recall = lambda _request: None,
    ) -> None:
        self._openings = openings
        self._lines = lines
        self._speaker = speaker
        self._order = shuffled(len(lines), seed)
        self._opening_order = shuffled(len(openings), seed)
        self._recall = recall
        self._calls = 0

    def respond(self, request: ReplyRequest, now_ns: int) -> TimedReply:
        """Begin a reply to whatever was said."""
        return self._speaker.say(self._reply(request), request, now_ns)

    def _reply(self, request: ReplyRequest) -> ScriptedReply:
        call = demanded_call(request, self._calls)
        if call is not None:
            self._calls += 1
            return ScriptedReply(call=call)
        known = self._recall(request)
        if known is not None:
            return known
        if _newest_message(request) is None:
            return self._openings[next(self._opening_order)]
        return self._lines[next(self._order)]


def shuffled(number: int, seed: int) -> Iterator[int]:
    """Yield 0 to `number` - 1 in an order of their own, again and again differently.

    None comes twice in a row if there are two. Equal seeds give equal orders, with
    every version of every library.
    """
    last = None
    for bag in count():
        order = sorted(range(number), key=lambda index: _rank(seed, bag, index))
        if number > 1 and order[0] == last:
            order = [*order[1:], order[0]]
        yield from order
        last = order[-1]


def _rank(seed: int, bag: int, index: int) -> bytes:
    return hashlib.blake2b(f"{seed}/{bag}/{index}".encode()).digest()


def demanded_call(request: ReplyRequest, ordinal: int) -> FunctionCall | None:
    """Return the function call that a request demands, None if it demands none.

    Args:
        request: what is to be answered.
        ordinal: how many functions have been called before.
    """
    functions = _functions(request)
    newest = request.items[-1] if request.items else None
    if not functions or isinstance(newest, FunctionCallOutputItem):
        return None
    name = _demanded(request, functions, ordinal)
    if name is None:
        return None
    made = arguments_for(functions[name].get("parameters"))
    return FunctionCall(name, json.dumps(made))


def _functions(request: ReplyRequest) -> dict[str, Mapping[str, Any]]:
    return {
        tool["name"]: tool for tool in request.tools if tool.get("type") == "function"
    }


def _demanded(
    request: ReplyRequest, functions: Mapping[str, Any], ordinal: int
) -> str | None:
    choice = request.tool_choice
    if isinstance(choice, Mapping):
        name = choice.get("name")
        return name if name in functions else None
    if choice not in {"auto", "required"}:
        return None
    said = _plain(_newest_text(request))
    named = (name for name in functions if _plain(name) in said)
    by_turns = list(functions)[ordinal % len(functions)]
    return next(named, by_turns if choice == "required" else None)


def _plain(text: str) -> str:
    """Return the words of a text, small, between single blanks."""
    return f" {' '.join(re.findall('[a-z0-9]+', text.lower()))} "


def _newest_message(request: ReplyRequest) -> MessageItem | None:
    """Return what the caller said last, None if nothing."""
    for item in reversed(request.items):
        if isinstance(item, MessageItem) and item.role == "user":
            return item
    return None


def _newest_text(request: ReplyRequest) -> str:
    message = _newest_message(request)
    parts = [] if message is None else message.content
    texts = (
        part.text
        if isinstance(part, InputText)
        else isinstance(part, InputAudio) and part.transcript
        for part in parts
    )
    return " ".join(text for text in texts if text)
