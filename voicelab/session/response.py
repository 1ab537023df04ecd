"""The life of one response, from `response.created` to `response.done`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, TypeVar

from msgspec import UNSET

from voicelab.protocol import server_events as ev
from voicelab.protocol.items import ItemStatus
from voicelab.protocol.response_object import (
    EndStatus,
    Response,
    StatusDetails,
    StatusError,
)
from voicelab.session.config import format_object
from voicelab.session.conversation import Conversation
from voicelab.session.outbox import Outbox
from voicelab.session.output import (
    FunctionCall,
    OutputItem,
    SpokenMessage,
    WrittenMessage,
    call_item,
    message_item,
)
from voicelab.session.reply import (
    CallPiece,
    FailurePiece,
    Piece,
    ReplyStream,
    SpeechPiece,
    StagePiece,
    TextPiece,
)
from voicelab.session.terms import ResponseTerms
from voicelab.session.usage import Tokens, usage_of
from voicelab.units import NS_PER_S

M = TypeVar("M", SpokenMessage, WrittenMessage)

TOKEN_LIMIT_PER_MINUTE = 40_000
"""What `rate_limits.updated` reports as the limit; nothing enforces it."""

MAX_REPLY_CHARACTERS = 150_000
"""A response ends before it writes more, as if it had reached `max_output_tokens`:
its last event repeats all of it, at up to 6 bytes a character. The API's own maximum
is 4096 tokens."""


class ResponseRun:
    """A response that is being generated.

    Args:
        terms: what was asked for.
        stream: the responder's pieces.
        conversation: where items go; None for an out-of-band response.
    """

    def __init__(
        self,
        terms: ResponseTerms,
        stream: ReplyStream,
        *,
        outbox: Outbox,
        conversation: Conversation | None,
    ) -> None:
        self.terms = terms
        self.done = False
        self.first_audio_ns: int | None = None
        self._stream = stream
        self._outbox = outbox
        self._conversation = conversation
        self._outputs: list[OutputItem] = []
        self._open: SpokenMessage | WrittenMessage | None = None
        self._characters = 0

    @property
    def id(self) -> str:
        """The response's id."""
        return self.terms.request.response_id

    def begin(self) -> None:
        """Announce the response."""
        self._outbox.emit(ev.ResponseCreated, response=self._wire("in_progress"))

    def next_due_ns(self) -> int | None:
        """Return when there is more to send, None if that is not known."""
        return None if self.done else self._stream.next_due_ns()

    def pump(self, now_ns: int) -> None:
        """Send what is due; finish when the reply is complete."""
        for piece in self._stream.take(now_ns):
            self._give(piece, now_ns)
            if self.done:
                return
        if self._stream.finished:
            self.finish("completed")

    def cancel(self, reason: str) -> None:
        """Break off: `turn_detected` or `client_cancelled`."""
        self.finish("cancelled", reason)

    def abandon(self) -> None:
        """Stop generating; nobody is there to be told."""
        self.done = True
        self._stream.cancel()
        if isinstance(self._open, SpokenMessage):
            self._open.note_what_it_says()

    def finish(
        self,
        status: EndStatus,
        reason: str | None = None,
        error: StatusError | None = None,
    ) -> None:
        """Close what is open and announce the end."""
        if self.done:
            return
        self.done = True
        if status != "completed":
            self._stream.cancel()
        self._close_open("completed" if status == "completed" else "incomplete")
        response = self._wire(status, reason, error)
        ids = self._outbox.ids
        self._outbox.send(ev.ResponseDone(event_id=ids.event(), response=response))
        self._outbox.send(self._rate_limits())

    def audio_ends_ns(self) -> int | None:
        """Return when its audio would end if played from the first delta on."""
        if self.first_audio_ns is None:
            return None
        played_ns = 0
        for output in self._outputs:
            if isinstance(output, SpokenMessage):
                timeline = output.timeline
                played_ns += timeline.samples * NS_PER_S // timeline.format.rate_hz
        return self.first_audio_ns + played_ns

    @property
    def has_audio(self) -> bool:
        """Whether any audio was sent."""
        return self.first_audio_ns is not None

    # -- pieces -------------------------------------------------------------

    def _give(self, piece: Piece, now_ns: int) -> None:
        self._characters += _characters(piece)
        if self._characters > MAX_REPLY_CHARACTERS:
            self.finish("incomplete", "max_output_tokens")
        elif isinstance(piece, SpeechPiece):
            if self.first_audio_ns is None and len(piece.samples):
                self.first_audio_ns = now_ns
            self._message(SpokenMessage).add(piece)
        elif isinstance(piece, TextPiece):
            self._message(WrittenMessage).add(piece)
        elif isinstance(piece, CallPiece):
            self._call(piece)
        elif isinstance(piece, StagePiece):
            told = asdict(piece)
            if piece.problem is None:
                del told["problem"]
            self._outbox.note("response.stage", response_id=self.id, **told)
            return
        else:
            self._fail(piece)
            return
        limit = self.terms.max_output_tokens
        if limit != "inf" and self._generated().total >= limit:
            self.finish("incomplete", "max_output_tokens")

    def _message(self, kind: type[M]) -> M:
        """Return the open message of this kind, opening one if need be."""
        if isinstance(self._open, kind):
            return self._open
        self._close_open("completed")
        spoken = self.terms.request.format if kind is SpokenMessage else None
        item = message_item(self._outbox.ids.item(), spoken)
        message = kind(item, **self._place())
        self._outputs.append(message)
        self._open = message
        message.open()
        return message

    def _call(self, piece: CallPiece) -> None:
        self._close_open("completed")
        ids = self._outbox.ids
        call_id = ids.call()
        call = FunctionCall(call_item(ids.item(), call_id, piece.name), **self._place())
        self._outputs.append(call)
        call.open()
        call.write(piece, call_id)
        call.close("completed")

    def _fail(self, piece: FailurePiece) -> None:
        error = StatusError(type="server_error", code=piece.code, message=piece.message)
        self.finish("failed", error=error)

    def _close_open(self, status: ItemStatus) -> None:
        if self._open is not None:
            self._open.close(status)
            self._open = None

    def _place(self) -> dict[str, Any]:
        return {
            "response_id": self.id,
            "output_index": len(self._outputs),
            "outbox": self._outbox,
            "conversation": self._conversation,
        }

    # -- the wire's view ----------------------------------------------------

    def _generated(self) -> Tokens:
        return sum((output.tokens() for output in self._outputs), Tokens())

    def _wire(
        self,
        status: Literal["in_progress"] | EndStatus,
        reason: str | None = None,
        error: StatusError | None = None,
    ) -> Response:
        request = self.terms.request
        running = status == "in_progress"
        details: Any = UNSET
        if status != "in_progress" and status != "completed":  # noqa: PLR1714  # narrows
            details = StatusDetails(
                type=status, reason=reason or UNSET, error=error or UNSET
            )
        usage: Any = UNSET
        if not running:
            outputs = [output.tokens() for output in self._outputs]
            usage = usage_of(self.terms.input_tokens, outputs)
        output_audio = {
            "format": format_object(request.format),
            "voice": self.terms.voice,
        }
        return Response(
            id=self.id,
            status=status,
            status_details=details,
            output=[] if running else [output.item.wire for output in self._outputs],
            conversation_id=self._conversation.id if self._conversation else None,
            output_modalities=["text" if request.modality == "text" else "audio"],
            max_output_tokens=self.terms.max_output_tokens,
            audio={"output": output_audio},
            usage=usage,
            metadata=self.terms.metadata or UNSET,
        )

    def _rate_limits(self) -> ev.RateLimitsUpdated:
        used = self._generated().total
        limit = ev.RateLimit(
            name="tokens",
            limit=TOKEN_LIMIT_PER_MINUTE,
            remaining=max(TOKEN_LIMIT_PER_MINUTE - used, 0),
            reset_seconds=round(used * 60 / TOKEN_LIMIT_PER_MINUTE, 3),
        )
        return ev.RateLimitsUpdated(
            event_id=self._outbox.ids.event(), rate_limits=[limit]
        )


def _characters(piece: Piece) -> int:
    """Return how much text a piece adds to what a response repeats at its end."""
    if isinstance(piece, CallPiece):
        return len(piece.name) + len(piece.arguments)
    if isinstance(piece, FailurePiece | StagePiece):
        return 0
    return len(piece.text)
