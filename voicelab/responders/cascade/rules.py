r"""Answers by rule: what is said decides what is answered, always in the same way.

Rules are a YAML file of their own:

```yaml
voicelab_rules: 1
name: front-desk
opening: Good day, how can I help?       # to a caller who has said nothing yet
rules:
  - pattern: '\b(open|close|hours)\b'      # a regular expression, case ignored
    say: We are open from nine to six.
  - pattern: 'weather in (?P<city>\w+)'
    function_call: {name: get_weather, arguments: {city: "{city}"}}
lines:                                   # otherwise, in turn
  - Could you say that in other words?
after_function: I have it, {output}.
```

The first rule whose pattern is found in the caller's words answers. `{name}` stands for
what a named group of the pattern found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from voicelab.document import (
    Document,
    find_document,
    fit,
    read_document,
)
from voicelab.errors import ScenarioError
from voicelab.paths import data_dir
from voicelab.protocol.items import FunctionCallOutputItem, MessageItem
from voicelab.responders.cascade.chats import word_by_word
from voicelab.responders.cascade.parts import ChatPiece, Turn
from voicelab.session.reply import CallPiece

DEFAULT_RULES = "front-desk"
"""The rules for which none are named."""

_HOLE = re.compile(r"\{(\w*)\}")


class RuleCall(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A function that a rule calls, if the client offers it.

    Attributes:
        name: the function's name.
        arguments: its arguments; texts among them may hold `{name}`.
        output: what the lab's client returns for it.
    """

    name: Annotated[str, Meta(min_length=1)]
    arguments: dict[str, Any] = field(default_factory=dict)
    output: Any = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is answered if a pattern is found in the caller's words.

    Attributes:
        pattern: a regular expression; case is ignored.
        say: the answer; may hold `{name}`.
        function_call: what is called after it.
    """

    pattern: Annotated[str, Meta(min_length=1)]
    say: str = ""
    function_call: RuleCall | None = None


class Rules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an agent says, by rule.

    Attributes:
        voicelab_rules: the version of the file's format.
        name: what the rules are called.
        lines: what is said where no rule answers, in turn.
        opening: what is said to a caller who has said nothing; empty for nothing.
        rules: the first one that fits answers.
        unheard: what is said to a caller of whom no word was understood.
        after_function: what is said when a function has returned; `{output}` stands
            for what.
    """

    voicelab_rules: Literal[1]
    name: Annotated[str, Meta(min_length=1)]
    lines: Annotated[tuple[Annotated[str, Meta(min_length=1)], ...], Meta(min_length=1)]
    opening: str = ""
    rules: tuple[Rule, ...] = ()
    unheard: str = ""
    after_function: str = ""


def find_rules(name_or_path: str, *, base: Path | None = None) -> Path:
    """Return the file of rules, by a bundled name or a path.

    Raises:
        ScenarioError: there is none.
        InputError: the bundled data is missing.
    """
    return find_document(
        name_or_path,
        data_dir() / "rules",
        base=base,
        none="there are no rules",
        error=ScenarioError,
    )


def load_rules(name_or_path: str, *, base: Path | None = None) -> Rules:
    """Read rules by name or path; see `find_rules`.

    Raises:
        ScenarioError: they cannot be read, or are none; the error names file, line
            and key.
        InputError: the bundled data is missing.
    """
    document = read_document(find_rules(name_or_path, base=base), ScenarioError)
    rules = fit(document, Rules)
    for place, rule in enumerate(rules.rules):
        _check(document, place, rule)
    return rules


def _check(document: Document, place: int, rule: Rule) -> None:
    try:
        pattern = re.compile(rule.pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise document.fault(
            ("rules", place, "pattern"),
            f"this is no regular expression ({error})",
            "see the syntax of Python's re",
        ) from None
    if not rule.say and rule.function_call is None:
        raise document.fault(
            ("rules", place), "this rule does nothing", "give say or function_call"
        )
    for name in _HOLE.findall(rule.say):
        if name not in pattern.groupindex:
            raise document.fault(
                ("rules", place, "say"),
                f"the pattern has no group named {name!r}",
                f"write (?P<{name or 'name'}>...) in it",
            )


class RuleChat:
    """Answers by rule. It keeps nothing: equal conversations get equal answers.

    Args:
        rules: which.
    """

    is_stand_in = False

    def __init__(self, rules: Rules) -> None:
        self.name = f"rules {rules.name}"
        self.identity = self.name
        self._rules = rules
        self._patterns = [
            (re.compile(rule.pattern, re.IGNORECASE), rule) for rule in rules.rules
        ]

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return the answer."""
        newest = turn.request.items[-1] if turn.request.items else None
        if isinstance(newest, FunctionCallOutputItem):
            said = {"output": _as_said(newest.output)}
            yield from word_by_word(_filled(self._rules.after_function, said))
            return
        words = turn.newest_said()
        if words is None:
            yield from word_by_word(self._rules.opening)
            return
        yield from self._reply_to(words, turn)

    def _reply_to(self, words: str, turn: Turn) -> Iterator[ChatPiece]:
        rules = self._rules
        if not words.strip() and rules.unheard:
            yield from word_by_word(rules.unheard)
            return
        for pattern, rule in self._patterns:
            found = pattern.search(words)
            call = rule.function_call
            if found is None or (call is not None and not _offers(turn, call.name)):
                continue
            groups = {name: text or "" for name, text in found.groupdict().items()}
            yield from word_by_word(_filled(rule.say, groups))
            if call is not None:
                arguments = json.dumps(_filled_all(call.arguments, groups))
                yield CallPiece(call.name, arguments)
            return
        yield from word_by_word(rules.lines[_turns_before(turn) % len(rules.lines)])


def _offers(turn: Turn, name: str) -> bool:
    """Tell whether the client lets a function be called."""
    request = turn.request
    if request.tool_choice == "none":
        return False
    return any(tool.get("name") == name for tool in request.tools)


def _turns_before(turn: Turn) -> int:
    """Return how many messages of the caller came before the newest."""
    messages = (
        item
        for item in turn.request.items
        if isinstance(item, MessageItem) and item.role == "user"
    )
    return sum(1 for _ in messages) - 1


def _filled(text: str, groups: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: groups.get(hole[1], hole[0]), text)


def _filled_all(value: Any, groups: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled(value, groups)
    if isinstance(value, dict):
        return {key: _filled_all(each, groups) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled_all(each, groups) for each in value]
    return value


def _as_said(output: str) -> str:
    """Return a function's output as it can be said: the values in it, no braces."""
    try:
        value = json.loads(output)
    except ValueError:
        return output
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "done" if value is None else str(value)
