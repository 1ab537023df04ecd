"""Asks an OpenAI-compatible chat endpoint, and takes its answer as it is written."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from voicelab.document import variable_in_words
from voicelab.errors import EndpointError, InputError, MissingPartError
from voicelab.responders.cascade.parts import ChatPiece, Said, Turn
from voicelab.responders.chat.messages import messages_of, tools_of
from voicelab.responders.chat.options import ChatEndpoint
from voicelab.responders.chat.patience import SilenceError, ending, saying
from voicelab.responders.chat.stream import lines_of, read_answer
from voicelab.session.reply import CallPiece
from voicelab.speech.cache import ArrayCache, cache_key, default_cache

if TYPE_CHECKING:
    import httpx

FIRST_WAIT_S = 0.25
"""Before the first retry; each further one waits twice as long."""

LONGEST_WAIT_S = 2.0
"""Whatever the endpoint asks for: a caller waits meanwhile."""

_TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_OK = 200


class EndpointChat:
    """Answers with what a chat endpoint writes.

    A request that brings nothing is made again; one that breaks off is not, as a part
    of its answer has been said.

    Args:
        endpoint: which.

    Raises:
        MissingPartError: the package that asks it is not installed.
    """

    is_stand_in = False

    def __init__(self, endpoint: ChatEndpoint) -> None:
        if find_spec("httpx") is None:
            raise MissingPartError(
                "a chat endpoint needs the package httpx",
                fix="pip install 'voicelab-realtime[speech]'",
            )
        self.name = f"chat {endpoint.model}"
        self.identity = f"{endpoint.model} at {endpoint.url}"
        self._endpoint = endpoint

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # noqa: PLC0415 -- slow

        return httpx.Client(timeout=self._endpoint.timeout_s)

    def check_key(self) -> None:
        """Check that the key can be found.

        Raises:
            InputError: the environment variable is not set, or holds no key.
        """
        self._headers()

    def body(self, turn: Turn) -> dict[str, Any]:
        """Return the request that a turn becomes."""
        return {
            "model": self._endpoint.model,
            "messages": messages_of(turn, self._endpoint.instructions),
            **tools_of(turn),
            "stream": True,
        }

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return the answer, as it is written.

        Raises:
            EndpointError: there is none; what came before counts.
            InputError: there is no key, or none that can be sent.
        """
        body = self.body(turn)
        offered = {str(tool.get("name")) for tool in turn.request.tools}
        wait_s = FIRST_WAIT_S
        for is_last in [False] * self._endpoint.retries + [True]:
            has_begun = False
            try:
                for piece in self._ask(body, offered):
                    has_begun = True
                    yield piece
            except _TryAgainError as error:
                if is_last or has_begun:
                    raise EndpointError(str(error)) from None
                threading.Event().wait(min(max(wait_s, error.wait_s), LONGEST_WAIT_S))
                wait_s *= 2
            else:
                return

    def _ask(self, body: dict[str, Any], offered: set[str]) -> Iterator[ChatPiece]:
        """Make one request.

        Raises:
            EndpointError: another one would be no use.
            _TryAgainError: another one may do.
        """
        import httpx  # noqa: PLC0415 -- slow

        url = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        try:
            with self._client.stream(
                "POST", url, json=body, headers=self._headers()
            ) as response:
                _check_status(response)
                lines = lines_of(ending(response.iter_text()))
                in_time = saying(lines, self._endpoint.timeout_s)
                yield from read_answer(in_time, offered)
        except (httpx.TimeoutException, SilenceError):
            seconds = self._endpoint.timeout_s
            raise _TryAgainError(
                f"the chat endpoint said nothing for {seconds:g} s"
            ) from None
        except httpx.TransportError as error:
            kind = type(error).__name__
            raise _TryAgainError(
                f"the chat endpoint cannot be reached, or went away ({kind})"
            ) from None
        except httpx.DecodingError:
            raise EndpointError(
                "the chat endpoint sent something that cannot be decompressed"
            ) from None
        except (httpx.InvalidURL, UnicodeError):
            raise EndpointError("the chat endpoint's URL leads nowhere") from None

    def _headers(self) -> dict[str, str]:
        variable = self._endpoint.api_key_env
        if variable is None:
            return {}
        key = os.environ.get(variable, "").strip()
        if not key:
            raise InputError(
                f"{variable_in_words(variable)} holds no key",
                fix="set it to the chat endpoint's key",
            )
        if not (key.isascii() and key.isprintable()):
            raise InputError(
                f"{variable_in_words(variable)} holds signs that no key has",
                fix="set it to the chat endpoint's key",
            )
        return {"Authorization": f"Bearer {key}"}


class _TryAgainError(Exception):
    """A request that may be made again.

    Attributes:
        wait_s: how long the endpoint asks to wait before.
    """

    def __init__(self, problem: str, wait_s: float = 0.0) -> None:
        super().__init__(problem)
        self.wait_s = wait_s


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in _TRY_AGAIN:
        raise _TryAgainError(f"the chat endpoint answered {status}", _asked_s(response))
    if status != _OK:
        raise EndpointError(f"the chat endpoint answered {status}")


def _asked_s(response: httpx.Response) -> float:
    """Return how long the endpoint asks to wait, in seconds, if it does."""
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:  # it may be a date
        return 0.0


class RememberedChat:
    """Answers as an endpoint once did: virtual runs are the same each time.

    Args:
        chat: asks the endpoint what it has not been asked before.
        cache: where its answers are kept; left out, the default cache.
    """

    is_stand_in = False

    def __init__(self, chat: EndpointChat, cache: ArrayCache | None = None) -> None:
        self.name = chat.name
        self.identity = chat.identity
        self._chat = chat
        self._cache = default_cache() if cache is None else cache

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return the answer, word by word.

        Raises:
            EndpointError: there is none, and it is not known from before.
        """
        request = json.dumps(self._chat.body(turn), sort_keys=True)
        key = cache_key("chat", self.identity, request)
        kept = self._cache.load(key)
        pieces = None if kept is None else _unpacked(kept[0].tobytes())
        if pieces is None:
            pieces = yield from self._ask(turn, key)
        for piece in pieces:
            if isinstance(piece, Said):
                yield from _in_words(piece.text)
            else:
                yield piece

    def _ask(self, turn: Turn, key: str) -> Generator[ChatPiece, None, list[ChatPiece]]:
        """Ask, and keep the answer; of one that breaks off, yield what there is.

        Raises:
            EndpointError: it broke off.
        """
        pieces: list[ChatPiece] = []
        try:
            pieces.extend(self._chat.answer(turn))
        except EndpointError:
            yield from _in_words(_joined(pieces)[0].text)
            raise
        text, calls = _joined(pieces)
        whole: list[ChatPiece] = [text, *calls]
        self._cache.store(key, np.frombuffer(_packed(whole), np.uint8))
        return whole


def _joined(pieces: Sequence[ChatPiece]) -> tuple[Said, list[CallPiece]]:
    """Return an answer with its text in one piece: how it was cut is chance."""
    text = "".join(piece.text for piece in pieces if isinstance(piece, Said))
    return Said(text), [piece for piece in pieces if isinstance(piece, CallPiece)]


def _in_words(text: str) -> Iterator[Said]:
    """Yield a text word by word; together they are the text."""
    start = 0
    for place, letter in enumerate(text):
        if letter.isspace() and place > start and not text[place - 1].isspace():
            yield Said(text[start:place])
            start = place
    if text[start:]:
        yield Said(text[start:])


def _packed(pieces: list[ChatPiece]) -> bytes:
    plain = [
        [piece.text] if isinstance(piece, Said) else [piece.name, piece.arguments]
        for piece in pieces
    ]
    return json.dumps(plain).encode()


def _unpacked(data: bytes) -> list[ChatPiece] | None:
    try:
        plain = json.loads(data)
    except ValueError:
        return None
    return [CallPiece(*part) if len(part) > 1 else Said(part[0]) for part in plain]
