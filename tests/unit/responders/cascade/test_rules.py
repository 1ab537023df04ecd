"""Answers by rule, and the files that rules stand in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cascades import spoken_request, written_request
from voicelab.errors import ScenarioError
from voicelab.protocol.items import FunctionCallOutputItem, InputText, MessageItem
from voicelab.responders.cascade import Said, Turn
from voicelab.responders.cascade.rules import RuleChat, Rules, find_rules, load_rules
from voicelab.session.reply import CallPiece, ReplyRequest

FILE = """\
voicelab_rules: 1
name: shop
opening: Good day.
rules:
  - pattern: '\\bopen\\b'
    say: From nine to six.
  - pattern: 'weather in (?P<city>\\w+)'
    say: "{city}, let me look."
    function_call: {name: get_weather, arguments: {city: "{city}", days: [1, "{city}"]}}
  - pattern: weather
    say: Where?
lines: [I see., Go on.]
unheard: Pardon?
after_function: "I have it: {output}."
"""
TOOL = {"type": "function", "name": "get_weather"}


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (tmp_path / "shop.yaml").write_text(FILE)
    return load_rules("shop.yaml", base=tmp_path)


def answer(rules: Rules, request: ReplyRequest) -> tuple[str, list[CallPiece]]:
    pieces = list(RuleChat(rules).answer(Turn(request)))
    text = "".join(piece.text for piece in pieces if isinstance(piece, Said))
    return text, [piece for piece in pieces if isinstance(piece, CallPiece)]


def test_the_first_rule_that_fits_answers(rules: Rules) -> None:
    said, _ = answer(rules, written_request("When do you OPEN, whatever the weather?"))
    assert said == "From nine to six."


def test_a_rule_that_calls_needs_the_function_offered(rules: Rules) -> None:
    asked = "What is the weather in Oslo?"
    assert answer(rules, written_request(asked)) == ("Where?", [])
    none = written_request(asked, tools=(TOOL,), tool_choice="none")
    assert answer(rules, none) == ("Where?", [])
    said, (call,) = answer(rules, written_request(asked, tools=(TOOL,)))
    assert said == "Oslo, let me look."
    assert call.name == "get_weather"
    assert json.loads(call.arguments) == {"city": "Oslo", "days": [1, "Oslo"]}


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ('{"weather": "sunny", "degrees": 20}', "I have it: sunny, 20."),
        ('["a", "b"]', "I have it: a, b."),
        ("null", "I have it: done."),
        ("12", "I have it: 12."),
        ("no JSON", "I have it: no JSON."),
    ],
)
def test_what_a_function_returned_is_said(rules: Rules, output: str, said: str) -> None:
    item = FunctionCallOutputItem(call_id="call_1", output=output)
    assert answer(rules, spoken_request(items=(item,))) == (said, [])


def test_lines_come_in_turn_by_the_conversation_alone(rules: Rules) -> None:
    message = MessageItem(role="user", content=[InputText("Hm.")])
    for count, line in enumerate(["I see.", "Go on.", "I see."], 1):
        request = spoken_request(items=(message,) * count)
        assert answer(rules, request) == (line, [])


def test_who_said_nothing_is_greeted_and_who_was_not_heard_is_asked(
    rules: Rules,
) -> None:
    assert answer(rules, spoken_request(items=())) == ("Good day.", [])
    assert answer(rules, spoken_request()) == ("Pardon?", [])


def test_the_bundled_rules_answer() -> None:
    said, _ = answer(load_rules("front-desk"), written_request("Is Friday free?"))
    assert said.startswith("On Friday I have ten in the morning")


@pytest.mark.parametrize(
    ("wrong", "right", "path", "says"),
    [
        ("'\\bopen\\b'", "'(open'", "rules[0].pattern", "no regular expression"),
        ("'\\bopen\\b'", "'a{9999999999}'", "rules[0].pattern", "too large"),
        ("'\\bopen\\b'", "(" * 9999, "rules[0].pattern", "recursion depth"),
        ("say: Where?", "say: ''", "rules[2]", "does nothing"),
        ("say: Where?", "say: '{where}?'", "rules[2].say", "no group named 'where'"),
        ("[I see., Go on.]", "[]", "lines", ""),
        ("unheard:", "unherd:", "unherd", "did you mean unheard"),
    ],
)
def test_wrong_rules_are_told_where(
    tmp_path: Path, wrong: str, right: str, path: str, says: str
) -> None:
    (tmp_path / "shop.yaml").write_text(FILE.replace(wrong, right))
    with pytest.raises(ScenarioError) as caught:
        load_rules("shop.yaml", base=tmp_path)
    assert caught.value.path == path
    assert says in str(caught.value)
    assert caught.value.line is not None


def test_rules_that_are_not_there() -> None:
    with pytest.raises(ScenarioError, match="did you mean front-desk"):
        find_rules("frontdesk")
    with pytest.raises(ScenarioError, match="there is no such file"):
        find_rules("nowhere/shop.yaml")
