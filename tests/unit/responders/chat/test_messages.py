"""A Realtime conversation as a chat's messages."""

from __future__ import annotations

from tests.support.cascades import spoken_request
from voicelab.protocol.items import (
    FunctionCallItem,
    FunctionCallOutputItem,
    InputAudio,
    InputText,
    MessageItem,
    OutputAudio,
    OutputText,
)
from voicelab.responders.cascade import Turn
from voicelab.responders.chat.messages import messages_of, tools_of


def call(call_id: str, arguments: str = "{}") -> FunctionCallItem:
    return FunctionCallItem(name="ring", call_id=call_id, arguments=arguments)


def test_every_kind_of_item_has_its_message() -> None:
    items = (
        MessageItem(role="system", content=[InputText("Rain today.")]),
        MessageItem(id="a", role="user", content=[InputAudio(transcript=None)]),
        MessageItem(role="assistant", content=[OutputAudio(transcript="Good day.")]),
        MessageItem(id="b", role="user", content=[InputAudio(transcript="hello")]),
        MessageItem(role="assistant", content=[OutputAudio()]),
        MessageItem(id="c", role="user", content=[InputAudio(transcript=None)]),
        MessageItem(role="assistant", content=[OutputText("One."), OutputText("Two.")]),
    )
    turn = Turn(spoken_request(items=items, instructions="Be kind."), {"a": "are you"})
    assert messages_of(turn, "You speak.") == [
        {"role": "system", "content": "You speak.\n\nBe kind."},
        {"role": "system", "content": "Rain today."},
        {"role": "user", "content": "are you"},
        {"role": "assistant", "content": "Good day."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "(interrupted)"},
        {"role": "user", "content": "(inaudible)"},
        {"role": "assistant", "content": "One. Two."},
    ]


def test_calls_in_a_row_are_one_message() -> None:
    """A chat endpoint refuses a call that is not followed by its output."""
    items = (
        call("1"),
        call("2", '{"how": 3}'),
        FunctionCallOutputItem(call_id="1", output="a"),
        FunctionCallOutputItem(call_id="2", output="b"),
        call("3", ""),
    )
    first, one, two, last = messages_of(Turn(spoken_request(items=items)))
    assert [each["id"] for each in first["tool_calls"]] == ["1", "2"]
    assert first["tool_calls"][1]["function"] == {
        "name": "ring",
        "arguments": '{"how": 3}',
    }
    assert one == {"role": "tool", "tool_call_id": "1", "content": "a"}
    assert two == {"role": "tool", "tool_call_id": "2", "content": "b"}
    assert last["tool_calls"][0]["function"]["arguments"] == "{}"


def test_functions_are_offered_as_the_client_offers_them() -> None:
    tool = {"type": "function", "name": "ring"}
    assert tools_of(Turn(spoken_request())) == {}
    assert tools_of(Turn(spoken_request(tools=({"type": "mcp"},)))) == {}
    for given, sent in (
        ("auto", "auto"),
        ({"type": "function", "name": "ring"}, None),
    ):
        fields = tools_of(Turn(spoken_request(tools=(tool,), tool_choice=given)))
        assert fields["tools"] == [{"type": "function", "function": {"name": "ring"}}]
        named = {"type": "function", "function": {"name": "ring"}}
        assert fields["tool_choice"] == (sent or named)
