"""What the assistant says to anybody, and when it calls a function."""

from __future__ import annotations

import json
from itertools import islice, pairwise
from typing import Any

import pytest

from voicelab.audio.formats import AudioFormat
from voicelab.protocol.items import (
    FunctionCallOutputItem,
    InputAudio,
    InputText,
    Item,
    MessageItem,
)
from voicelab.responders.assistant import Assistant, demanded_call, shuffled
from voicelab.responders.profile import Constant, LatencyProfile
from voicelab.responders.script import ScriptedReply
from voicelab.responders.scripted import Speaker
from voicelab.session.reply import CallPiece, Piece, ReplyRequest, TextPiece

PROFILE = LatencyProfile(
    voicelab_profile=1,
    name="made",
    source="made for a test",
    modelled=True,
    time_to_first_audio_ms=Constant(0),
    speed=Constant(100),
    chunk_ms=(50,),
)
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "name": "get_weather", "parameters": {"required": ["city"]}},
    {"type": "function", "name": "hang_up"},
    {"type": "mcp", "server_label": "docs"},
]
LINES = [ScriptedReply(f"line{index}") for index in range(5)]
FAR_NS = 10**12
ORDER_OF_SEED_0 = [1, 2, 0, 4, 3, 0, 4, 1, 2, 3]


def said(text: str) -> MessageItem:
    return MessageItem(id="u", role="user", content=[InputText(text)])


def heard(transcript: str | None) -> MessageItem:
    return MessageItem(id="u", role="user", content=[InputAudio(transcript=transcript)])


def request(*items: Item, **changes: Any) -> ReplyRequest:
    fields: dict[str, Any] = {
        "response_id": "resp_1",
        "ordinal": 0,
        "instructions": "",
        "modality": "text",
        "format": AudioFormat.PCM,
        "items": items,
    }
    return ReplyRequest(**fields | changes)


def offered(*items: Item, choice: Any) -> ReplyRequest:
    return request(*items, tools=tuple(TOOLS), tool_choice=choice)


def assistant(seed: int = 1, **changes: Any) -> Assistant:
    openings = [ScriptedReply("welcome")]
    return Assistant(openings, LINES, Speaker(PROFILE.sampler(0)), seed=seed, **changes)


def answer(agent: Assistant, asked: ReplyRequest) -> list[Piece]:
    return list(agent.respond(asked, 0).take(FAR_NS))


def text(agent: Assistant, asked: ReplyRequest) -> str:
    (piece,) = answer(agent, asked)
    assert isinstance(piece, TextPiece)
    return piece.text


# -- lines --------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 3, 7])
@pytest.mark.parametrize("seed", range(20))
def test_all_lines_come_round_and_none_twice_in_a_row(number: int, seed: int) -> None:
    order = list(islice(shuffled(number, seed), 10 * number))
    assert all(a != b for a, b in pairwise(order))
    for bag in range(10):
        assert sorted(order[bag * number : (bag + 1) * number]) == list(range(number))


def test_the_order_is_the_seeds_own() -> None:
    orders = {tuple(islice(shuffled(8, seed), 8)) for seed in range(30)}
    assert len(orders) == 30
    assert list(islice(shuffled(8, 3), 24)) == list(islice(shuffled(8, 3), 24))
    # written down once: it must not change with a version of Python or a library
    assert list(islice(shuffled(5, 0), 10)) == ORDER_OF_SEED_0


def test_sessions_of_one_seed_say_the_same() -> None:
    first, second, other = assistant(4), assistant(4), assistant(5)
    asked = [request(said("hello"), ordinal=n) for n in range(10)]
    lines = [text(first, one) for one in asked]
    assert lines == [text(second, one) for one in asked]
    assert lines != [text(other, one) for one in asked]


def test_a_caller_who_has_said_nothing_is_welcomed() -> None:
    agent = assistant()
    assert text(agent, request()) == "welcome"
    assert text(agent, request(said("hi"))).startswith("line")


def test_a_caller_who_is_known_gets_their_own_reply() -> None:
    known = {"resp_1": ScriptedReply("as-ever")}
    agent = assistant(recall=lambda asked: known.get(asked.response_id))
    assert text(agent, request(said("hi"))) == "as-ever"
    assert text(agent, request(said("hi"), response_id="x")).startswith("line")


# -- calls --------------------------------------------------------------------


def called(asked: ReplyRequest, ordinal: int = 0) -> str | None:
    call = demanded_call(asked, ordinal)
    return None if call is None else call.name


@pytest.mark.parametrize(
    ("choice", "words", "name"),
    [
        ("auto", "hello", None),
        ("auto", "Please get weather for Rome.", "get_weather"),
        ("auto", "use HANG_UP now", "hang_up"),
        ("auto", "forget weathering", None),
        ("none", "get_weather", None),
        ("required", "hello", "get_weather"),
        ("required", "hang up", "hang_up"),
        ({"type": "function", "name": "hang_up"}, "get_weather", "hang_up"),
        ({"type": "function", "name": "unknown"}, "get_weather", None),
        ({"type": "mcp", "server_label": "docs"}, "get_weather", None),
    ],
)
def test_a_call_is_made_when_it_is_demanded(
    choice: Any, words: str, name: str | None
) -> None:
    assert called(offered(said(words), choice=choice)) == name
    assert called(offered(heard(words), choice=choice)) == name


def test_required_calls_go_round() -> None:
    asked = offered(heard(None), choice="required")
    assert [called(asked, n) for n in range(3)] == [
        "get_weather",
        "hang_up",
        "get_weather",
    ]


def test_without_functions_nothing_is_called() -> None:
    mcp_only = request(said("docs"), tools=(TOOLS[2],), tool_choice="required")
    assert called(mcp_only) is None
    assert called(request(said("x"), tool_choice="required")) is None


def test_a_call_has_arguments_and_its_output_an_answer() -> None:
    agent = assistant()
    asked = offered(said("hello"), choice="required")
    (call,) = answer(agent, asked)
    assert isinstance(call, CallPiece)
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "city"})
    output = FunctionCallOutputItem(call_id="c", output="{}")
    again = offered(said("hello"), output, choice="required")
    assert text(agent, again).startswith("line")
    (call,) = answer(agent, asked)
    assert isinstance(call, CallPiece)
    assert (call.name, call.arguments) == ("hang_up", "{}")


def test_only_the_newest_message_names_a_function() -> None:
    assert called(offered(said("get weather"), said("thanks"), choice="auto")) is None
