"""How fast a chat endpoint answers: what is asked, what counts, what it becomes."""

from __future__ import annotations

import pytest

pytest.importorskip("httpx", reason="needs the extra speech")

from tests.support.chat_server import Answer, chat_server, told
from tests.support.stopwatch import show
from voicelab.calibration import chat_stage
from voicelab.calibration.chat_stage import ChatTimes, measure_chat
from voicelab.errors import EndpointError, InputError
from voicelab.responders.cascade.chats import word_by_word
from voicelab.responders.cascade.profile import CascadeTiming
from voicelab.responders.chat.options import ChatEndpoint

TEXTS = ("Yes.", "No.", "Perhaps.")
THREE_PIECES = told("One ", "two ", "three.")
BUSY = Answer(status=503)


def measured(
    monkeypatch: pytest.MonkeyPatch,
    shown: tuple[float, ...],
    *answers: Answer,
    requests: int,
) -> ChatTimes:
    show(monkeypatch, chat_stage, *shown)
    with chat_server(*answers) as server:
        endpoint = ChatEndpoint(url=server.url, model="m")
        found = measure_chat(endpoint, TEXTS, requests)
        assert len(server.requests) == requests
    return found


def test_first_token_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, (0.2, 0.3, 0.5), THREE_PIECES, requests=3)
    assert found.first_token_ms.values == pytest.approx([200, 200])
    # 1 + 1 + 2 tokens, of which 3 come in the 300 ms after the first
    assert found.tokens_per_s.values == pytest.approx([10, 10])
    assert found.failures == ()


def test_a_run_takes_as_long_for_the_same_answer() -> None:
    timing = CascadeTiming(200_000_000, 10.0, 0, 1.0)
    words = word_by_word("One two three.")
    took = [timing.written_ns(place, said.text) for place, said in enumerate(words)]
    assert sum(took) == 500_000_000


def test_an_answer_in_one_piece_tells_no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, (0.2,), told("One two three."), requests=3)
    assert len(found.first_token_ms) == 2
    assert len(found.tokens_per_s) == 0


def test_pieces_that_come_at_once_tell_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = (0.2, 0.2, 0.2009)
    found = measured(monkeypatch, shown, THREE_PIECES, requests=3)
    assert len(found.tokens_per_s) == 0


def test_each_request_says_another_turn() -> None:
    with chat_server(THREE_PIECES) as server:
        measure_chat(ChatEndpoint(url=server.url, model="m", instructions=""), TEXTS, 4)
        asked = [request["messages"] for request in server.requests]
    assert asked == [[{"role": "user", "content": text}] for text in (*TEXTS, TEXTS[0])]


def test_a_request_without_an_answer_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = (THREE_PIECES, BUSY, THREE_PIECES)
    found = measured(monkeypatch, (0.2, 0.3, 0.5), *answers, requests=5)
    assert found.failures == ("the chat endpoint answered 503",)
    assert len(found.first_token_ms) == len(found.tokens_per_s) == 3


@pytest.mark.parametrize(
    ("answers", "made"),
    [((BUSY,), 1), ((THREE_PIECES, BUSY), 4), ((Answer(status=401),), 1)],
)
def test_an_endpoint_that_seldom_answers_is_left(
    answers: tuple[Answer, ...], made: int
) -> None:
    with chat_server(*answers) as server:
        endpoint = ChatEndpoint(url=server.url, model="m", retries=9)
        with pytest.raises(EndpointError, match=r"answered (503|401)"):
            measure_chat(endpoint, TEXTS, 5)
        assert len(server.requests) == made


def test_without_a_key_nothing_is_asked() -> None:
    with chat_server(THREE_PIECES) as server:
        endpoint = ChatEndpoint(url=server.url, model="m", api_key_env="NO_SUCH_KEY_")
        with pytest.raises(InputError, match="NO_SUCH_KEY_ holds no key"):
            measure_chat(endpoint, TEXTS, 3)
        assert server.requests == []
