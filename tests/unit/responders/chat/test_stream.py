"""What a chat endpoint streams, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import pytest

from tests.support.cascades import written_request
from tests.support.chat_server import Answer, chat_server, told
from voicelab.errors import EndpointError
from voicelab.responders.cascade import Said, Turn
from voicelab.responders.chat import ChatEndpoint, stream
from voicelab.responders.chat.client import EndpointChat
from voicelab.responders.chat.stream import lines_of


@pytest.mark.parametrize(
    "texts",
    [
        ["data: 1\r\n\r\ndata: 2\rdata: 3\n"],
        ["da", "ta: 1\r", "\n\r", "\nda", "ta: 2", "\r", "data: 3", "\n"],
        list("data: 1\r\n\r\ndata: 2\rdata: 3"),
    ],
)
def test_lines_end_in_whatever_pieces_they_come(texts: list[str]) -> None:
    whole = [line for line in lines_of(texts) if line]
    assert whole == ["data: 1", "data: 2", "data: 3"]


def test_a_line_is_there_as_soon_as_it_is_whole() -> None:
    def pieces() -> Iterator[str]:
        yield "data: 1\nda"
        raise AssertionError("nobody waited for more")

    assert next(lines_of(pieces())) == "data: 1"


@pytest.mark.parametrize("piece", [": still here\n", "data: and so on, and "])
def test_what_does_not_end_is_left(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_STREAM_CHARACTERS", 1000)
    with pytest.raises(EndpointError, match="does not end"):
        list(lines_of(repeat(piece)))


def test_signs_that_end_lines_elsewhere_stand_in_an_answer() -> None:
    """As JSON may hold them, and as many a server writes them."""
    pytest.importorskip("httpx", reason="a chat endpoint is asked with httpx")
    signs = "one\u2028two\u0085three"
    lines = [line.replace("HERE", signs) for line in told("HERE").lines]
    with chat_server(Answer(lines)) as server:
        chat = EndpointChat(ChatEndpoint(url=server.url, model="m"))
        pieces = list(chat.answer(Turn(written_request("Go on."))))
    assert pieces == [Said(signs)]
