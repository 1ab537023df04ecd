"""Measures how fast a chat endpoint answers.

Each request has one turn of a bundled caller in it, and nothing of what came before.
They go out one after the other, and none is made again: a wait between two tries is no
time of the endpoint's. The first one also opens the connection, which a conversation
finds open; it does not count.

* The first token is there when the first piece of the answer is.
* The tokens after it come between the first piece and the last, at a rate that a
  cascade profile turns back into the same time for the same answer. An answer that
  comes in one piece tells no rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from msgspec import structs

from voicelab.audio.formats import AudioFormat
from voicelab.calibration.sample import Sample
from voicelab.clock import Stopwatch
from voicelab.errors import EndpointError
from voicelab.protocol.items import InputText, MessageItem
from voicelab.responders.cascade import Said, Turn
from voicelab.responders.cascade.chats import word_by_word
from voicelab.responders.chat.client import EndpointChat
from voicelab.responders.chat.options import ChatEndpoint
from voicelab.session.reply import ReplyRequest
from voicelab.session.usage import text_tokens
from voicelab.units import MS_PER_S

DEFAULT_REQUESTS = 21
"""Twenty that count: of fewer nothing is known about the slowest in twenty."""

FEWEST_REQUESTS = 3
MOST_REQUESTS = 200
"""Requests cost money."""

ONE_PIECE_MS = 1.0
"""An answer that comes within this is there at once."""


@dataclass(frozen=True)
class ChatTimes:
    """What a chat endpoint took.

    Attributes:
        first_token_ms: from each request to the first token of its answer.
        tokens_per_s: how fast the tokens after the first came; of answers that came
            in more than one piece.
        failures: why requests brought no answer, one each.
    """

    first_token_ms: Sample
    tokens_per_s: Sample
    failures: tuple[str, ...] = ()


def measure_chat(
    endpoint: ChatEndpoint, texts: Sequence[str], requests: int = DEFAULT_REQUESTS
) -> ChatTimes:
    """Ask an endpoint, and return how long its answers took.

    Args:
        endpoint: which.
        texts: what callers say, in turn; if there are more requests, again and again.
        requests: how many are made, the first, which does not count, among them.

    Raises:
        MissingPartError: the package that asks it is not installed.
        InputError: there is no key.
        EndpointError: the first request brings no answer, or more than half of the
            others.
    """
    chat = EndpointChat(structs.replace(endpoint, retries=0))
    chat.check_key()
    asked = islice(cycle(texts), requests)
    _answered(chat, next(asked))
    answers, failures = [], []
    for text in asked:
        try:
            answers.append(_answered(chat, text))
        except EndpointError as error:
            failures.append(str(error))
            if len(failures) > requests // 2:  # it costs money, and tells nothing
                raise
    return ChatTimes(
        Sample([answer.first_ms for answer in answers]),
        Sample([rate for answer in answers for rate in answer.rates()]),
        tuple(failures),
    )


def asking(text: str) -> Turn:
    """Return what a chat is asked that is told a text, and nothing else."""
    message = MessageItem(id="item", role="user", content=[InputText(text)])
    request = ReplyRequest(
        response_id="resp",
        ordinal=0,
        instructions="",
        modality="audio",
        format=AudioFormat.PCM,
        items=(message,),
    )
    return Turn(request)


@dataclass(frozen=True)
class _Answer:
    """An answer, and when its first and its last piece were there."""

    text: str
    first_ms: float
    last_ms: float

    def rates(self) -> Iterator[float]:
        """Yield the rate of the tokens after the first, if it can be told.

        Tokens are counted as a run counts them that writes the answer word by word.
        """
        tokens = sum(text_tokens(said.text).text for said in word_by_word(self.text))
        took_ms = self.last_ms - self.first_ms
        if tokens > 1 and took_ms > ONE_PIECE_MS:
            yield (tokens - 1) * MS_PER_S / took_ms


def _answered(chat: EndpointChat, text: str) -> _Answer:
    """Return the answer to a text.

    Raises:
        EndpointError: there is none, or it breaks off.
    """
    stopwatch = Stopwatch()
    texts, instants = [], []
    for piece in chat.answer(asking(text)):
        if isinstance(piece, Said):
            instants.append(stopwatch.elapsed_s() * MS_PER_S)
            texts.append(piece.text)
    return _Answer("".join(texts), instants[0], instants[-1])
