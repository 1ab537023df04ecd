"""A chat endpoint on a real port: one that answers, and ones that do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import ValidationError, convert

from tests.support.cascades import (
    drain,
    of_kind,
    spoken_request,
    stages,
    written_request,
)
from tests.support.chat_server import Answer, chat_server, event, told
from voicelab.errors import EndpointError, InputError
from voicelab.responders.cascade import CascadeResponder, Said, Turn
from voicelab.responders.chat import ChatEndpoint
from voicelab.responders.chat.client import EndpointChat, RememberedChat
from voicelab.session.reply import CallPiece, SpeechPiece
from voicelab.speech.cache import ArrayCache

pytest.importorskip("httpx", reason="a chat endpoint is asked with httpx")

TOOL = {
    "type": "function",
    "name": "ring",
    "description": "Rings.",
    "parameters": {"type": "object"},
}
TURN = Turn(written_request("Are you there?", tools=(TOOL,)))


def chat(url: str, **options: Any) -> EndpointChat:
    return EndpointChat(ChatEndpoint(url=url, model="m", **options))


def said(pieces: Any) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Said))


def test_an_answer_comes_as_it_is_written() -> None:
    with chat_server(told("Yes, ", "I ", "am.")) as server:
        pieces = list(chat(server.url).answer(TURN))
    assert pieces == [Said("Yes, "), Said("I "), Said("am.")]
    (request,) = server.requests
    assert request["model"] == "m"
    assert request["stream"] is True
    assert request["messages"][1] == {"role": "user", "content": "Are you there?"}
    assert request["tools"] == [
        {"type": "function", "function": {k: TOOL[k] for k in TOOL if k != "type"}}
    ]


def test_a_call_is_put_together() -> None:
    def part(**function: str) -> str:
        return event(tool_calls=[{"index": 0, "function": function}])

    lines = [
        ": a comment",
        event(role="assistant", content=None),
        event(content="One moment."),
        part(name="ring", arguments=""),
        part(arguments='{"how": '),
        part(arguments='"long"}'),
        "data: [DONE]",
    ]
    with chat_server(Answer(lines)) as server:
        pieces = list(chat(server.url).answer(TURN))
    assert pieces == [Said("One moment."), CallPiece("ring", '{"how": "long"}')]


# -- keys -----------------------------------------------------------------------


def test_the_key_is_sent_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-secret")
    with chat_server(told("Yes."), Answer(status=401)) as server:
        asked = chat(server.url, api_key_env="SOME_KEY")
        assert said(asked.answer(TURN)) == "Yes."
        with pytest.raises(EndpointError, match="answered 401") as caught:
            list(asked.answer(TURN))
    assert server.headers[0]["Authorization"] == "Bearer sk-secret"
    assert "secret" not in f"{caught.value!r} {vars(asked)} {asked.identity}"


def test_a_key_that_is_not_there_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    asked = chat("http://127.0.0.1:9/v1", api_key_env="SOME_KEY")
    with pytest.raises(InputError, match="SOME_KEY holds no key"):
        asked.check_key()
    with pytest.raises(InputError, match="SOME_KEY holds no key"):
        list(asked.answer(TURN))


# -- trouble ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_request_that_brought_nothing_is_made_again(status: int) -> None:
    busy = Answer(status=status, headers={"Retry-After": "0.01"})
    with chat_server(busy, busy, told("Yes.")) as server:
        assert said(chat(server.url).answer(TURN)) == "Yes."
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("answer", "asked", "says"),
    [
        (Answer(status=500), 2, "answered 500"),
        (Answer(status=400), 1, "answered 400"),
        (Answer(["<html>no</html>"]), 1, "no event stream"),
        (Answer(["data: no"]), 1, "an event that is none of a chat's"),
        (Answer(["data: [1]"]), 1, "an event that is none of a chat's"),
        (Answer(['data: {"choices": [7]}']), 1, "an event that is none of a chat's"),
        (Answer(['data: {"choices": 7}']), 1, "an event that is none of a chat's"),
        (Answer(['data: {"error": {}}']), 1, "reported an error"),
        (Answer(["data: " + "[" * 100_000]), 1, "an event that is none of a chat's"),
        (
            Answer([event(tool_calls=[{"index": [0]}])]),
            1,
            "an event that is none of a chat's",
        ),
        (
            Answer([event(tool_calls=[{"function": {"name": 7}}])]),
            1,
            "an event that is none of a chat's",
        ),
        (Answer(["no"], headers={"Content-Encoding": "gzip"}), 1, "decompressed"),
        (Answer(["data: [DONE]"]), 1, "is empty"),
        (Answer([]), 1, "broke off"),
    ],
)
def test_no_answer_is_told_in_one_sentence(
    answer: Answer, asked: int, says: str
) -> None:
    with (
        chat_server(answer) as server,
        pytest.raises(EndpointError, match=says) as caught,
    ):
        list(chat(server.url, retries=1).answer(TURN))
    assert len(server.requests) == asked
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [("sing", "{}", "'sing', which nobody offered"), ("ring", "[1", "no JSON object")],
)
def test_a_call_that_makes_no_sense_is_refused(
    name: str, arguments: str, says: str
) -> None:
    call = {"index": 0, "function": {"name": name, "arguments": arguments}}
    lines = [event(tool_calls=[call]), "data: [DONE]"]
    with chat_server(Answer(lines)) as server, pytest.raises(EndpointError, match=says):
        list(chat(server.url).answer(TURN))


def test_half_a_character_is_left_out() -> None:
    call = {"function": {"name": "ring", "arguments": '{"bell": "\ud800x"}'}}
    lines = [event(content="Hi \ud83d."), event(tool_calls=[call]), "data: [DONE]"]
    with chat_server(Answer(lines)) as server:
        pieces = list(chat(server.url).answer(TURN))
    assert pieces == [Said("Hi ."), CallPiece("ring", '{"bell": "x"}')]


@pytest.mark.parametrize("url", ["http://..", "http://[:::]/v1"])
def test_a_url_that_leads_nowhere_is_told(url: str) -> None:
    with pytest.raises(EndpointError, match=r"leads nowhere|cannot be reached"):
        list(chat(url, retries=0).answer(TURN))


@pytest.mark.parametrize(
    "url",
    [
        "h",
        "http://",
        "http:///v1",
        "http://a?b=1",
        "http://a#b",
        "http://[::1",
        "http://a:b@c",
    ],
)
def test_a_base_url_is_a_host_and_a_path(url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        convert({"url": url, "model": "m"}, ChatEndpoint)


@pytest.mark.parametrize("url", ["http://[::1]:8080/v1", "https://a.example/v1/"])
def test_a_base_url_with_or_without_a_port_will_do(url: str) -> None:
    assert convert({"url": url, "model": "m"}, ChatEndpoint).url == url


@pytest.mark.parametrize("key", ["sk-\u00e9", "sk-1\nX-Evil: 1"])
def test_a_key_that_cannot_be_sent_is_told_but_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", key)
    with pytest.raises(InputError, match="holds signs that no key has") as caught:
        chat("http://127.0.0.1:9/v1", api_key_env="SOME_KEY").check_key()
    assert "sk-" not in str(caught.value)


def test_silence_does_not_last() -> None:
    slow = Answer(told("Yes.").lines, waits_s=5)
    with (
        chat_server(slow) as server,
        pytest.raises(EndpointError, match=r"said nothing for 0\.1 s"),
    ):
        list(chat(server.url, timeout_s=0.1, retries=0).answer(TURN))


def test_comments_are_no_answer() -> None:
    """What keeps a connection open does not keep a caller waiting."""
    alive = Answer([": processing"] * 1000, waits_s=0.02)
    with (
        chat_server(alive) as server,
        pytest.raises(EndpointError, match=r"said nothing for 0\.1 s"),
    ):
        list(chat(server.url, timeout_s=0.1, retries=1).answer(TURN))
    assert len(server.requests) == 2


def test_comments_before_the_answer_do_no_harm() -> None:
    answer = Answer([": processing", ": processing", *told("Yes.").lines])
    with chat_server(answer) as server:
        assert said(chat(server.url, timeout_s=0.5).answer(TURN)) == "Yes."


def test_nobody_at_the_port() -> None:
    with chat_server(told("Yes.")) as server:
        url = server.url
    with pytest.raises(EndpointError, match="cannot be reached"):
        list(chat(url, retries=0).answer(TURN))


@pytest.mark.parametrize("is_counted", [True, False])
def test_what_came_before_the_end_counts(is_counted: bool) -> None:
    """The stream ends early, with and without a word of it in the headers."""
    lines = [event(content="Your flight leaves at nine.")]
    answer = Answer(lines, breaks_off=is_counted)
    pieces: list[Any] = []
    with chat_server(answer) as server, pytest.raises(EndpointError):
        pieces.extend(chat(server.url).answer(TURN))
    assert said(pieces) == "Your flight leaves at nine."
    assert len(server.requests) == 1


def test_the_caller_hears_what_there_is_and_an_excuse() -> None:
    lines = [event(content="Your flight leaves at nine. And")]
    with chat_server(Answer(lines)) as server:
        made = stages(chat(server.url))
        taken = drain(CascadeResponder(made).respond(spoken_request(), 0))
    heard = "".join(piece.text for piece in of_kind(taken, SpeechPiece))
    assert heard == "Your flight leaves at nine. And Sorry."


# -- the same again -----------------------------------------------------------------


def test_a_virtual_run_asks_once(tmp_path: Path) -> None:
    ring = {"index": 0, "function": {"name": "ring", "arguments": "{}"}}
    lines = [event(content="Ye"), event(content="s,  sir. "), event(tool_calls=[ring])]
    with chat_server(Answer([*lines, "data: [DONE]"]), told("No.")) as server:
        kept = RememberedChat(chat(server.url), ArrayCache(tmp_path))
        first = list(kept.answer(TURN))
        assert list(kept.answer(TURN)) == first
        assert len(server.requests) == 1
        other = Turn(written_request("And now?"))
        assert said(kept.answer(other)) == "No."
    assert said(first) == "Yes,  sir. "
    assert first[-1] == CallPiece("ring", "{}")


def test_what_broke_off_is_not_kept(tmp_path: Path) -> None:
    with chat_server(Answer([event(content="Ye")]), told("Yes.")) as server:
        kept = RememberedChat(chat(server.url), ArrayCache(tmp_path))
        with pytest.raises(EndpointError):
            list(kept.answer(TURN))
        assert said(kept.answer(TURN)) == "Yes."
    assert json.dumps(server.requests[0]) == json.dumps(server.requests[1])
