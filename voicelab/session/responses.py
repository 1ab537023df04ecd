"""The responses of one session: at most one in the conversation, others beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from voicelab.protocol import client_events as ce
from voicelab.protocol import wire_errors
from voicelab.session.config import SessionConfig
from voicelab.session.conversation import Conversation
from voicelab.session.outbox import Outbox
from voicelab.session.reply import Piece, ReplyRequest, ReplyStream, Responder
from voicelab.session.response import ResponseRun
from voicelab.session.terms import resolve

MAX_BESIDE = 4
"""So many out-of-band responses may run at once, each with input of its own."""


class Responses:
    """Starts, feeds and ends responses."""

    def __init__(
        self,
        responder: Responder,
        config: SessionConfig,
        conversation: Conversation,
        outbox: Outbox,
    ) -> None:
        self.has_spoken = False
        self.quiet_since_ns: int | None = None
        self.input_end_ms: int | None = None
        self._responder = responder
        self._config = config
        self._conversation = conversation
        self._outbox = outbox
        self._active: ResponseRun | None = None
        self._beside: list[ResponseRun] = []
        self._begun = 0

    @property
    def in_progress(self) -> bool:
        """Whether any response is running."""
        return self._active is not None or bool(self._beside)

    def next_due_ns(self) -> int | None:
        """Return when a running response has more to send."""
        active = self._active
        if not self._beside:
            return None if active is None else active.next_due_ns()
        due = [run.next_due_ns() for run in self._running()]
        return min((at for at in due if at is not None), default=None)

    def pump(self, now_ns: int) -> None:
        """Send what is due."""
        if self._active is None and not self._beside:
            return
        for run in self._running():
            run.pump(now_ns)
        self._retire(now_ns)

    def start_for_turn(self, item_id: str, now_ns: int) -> None:
        """Answer a caller's turn, unless an answer is still being given.

        The API lets that response "fail to be created"; an error event nobody
        asked for would end the receive loop of some clients, so none is sent.
        """
        if self._active is not None:
            self._outbox.note(
                "response.skipped", item_id, active_response_id=self._active.id
            )
            return
        run = self._begin(ce.ResponseCreateParams(), now_ns)
        self._outbox.note("response.trigger", item_id, response_id=run.id)

    def start(self, params: ce.ResponseCreateParams, now_ns: int) -> None:
        """Answer a client's request.

        Raises:
            WireError: the conversation's response is still running, too many are
                beside it, or an item that is referred to does not exist.
            msgspec.ValidationError: a parameter is not valid.
        """
        if params.conversation != "none" and self._active is not None:
            raise wire_errors.active_response(self._active.id)
        if params.conversation == "none" and len(self._beside) >= MAX_BESIDE:
            raise wire_errors.too_many_responses(MAX_BESIDE)
        self._begin(params, now_ns)

    def interrupt(self, reason: str, now_ns: int) -> None:
        """The caller speaks: break off the conversation's response, if any."""
        if self._active is not None:
            self._active.cancel(reason)
            self._retire(now_ns)

    def cancel(self, response_id: str | None, now_ns: int) -> None:
        """Break off a response, by default the conversation's own.

        Raises:
            WireError: there is nothing to cancel.
        """
        if response_id is None:
            wanted = self._active
        else:
            running = {run.id: run for run in self._running()}
            wanted = running.get(response_id)
        if wanted is None:
            raise wire_errors.cancel_not_active()
        wanted.cancel("client_cancelled")
        self._retire(now_ns)

    def abandon(self) -> None:
        """Stop everything without a word: the client is gone."""
        for run in self._running():
            run.abandon()
        self._active, self._beside = None, []

    def _running(self) -> list[ResponseRun]:
        active = [] if self._active is None else [self._active]
        return active + self._beside

    def _begin(self, params: ce.ResponseCreateParams, now_ns: int) -> ResponseRun:
        out_of_band = params.conversation == "none"
        terms = resolve(
            params,
            self._config,
            self._conversation,
            response_id=self._outbox.ids.response(),
            ordinal=self._begun,
            input_end_ms=self.input_end_ms,
        )
        run = ResponseRun(
            terms,
            _NotBegun(self._responder, terms.request, now_ns),
            outbox=self._outbox,
            conversation=None if out_of_band else self._conversation,
        )
        if out_of_band:
            self._beside.append(run)
        else:
            self._active = run
            self._begun += 1
            self.quiet_since_ns = None
        run.begin()
        return run

    def _retire(self, now_ns: int) -> None:
        """Let go of what is done."""
        active = self._active
        if active is not None:
            self.has_spoken = self.has_spoken or active.has_audio
            if active.done:
                self._active = None
                self.quiet_since_ns = max(active.audio_ends_ns() or now_ns, now_ns)
        self._beside = [run for run in self._beside if not run.done]


class _NotBegun:
    """A reply that is begun when its first pieces are asked for.

    That is at the same instant, but after the response has been announced: on a real
    port the announcement must not wait for what choosing a reply takes.
    """

    def __init__(
        self, responder: Responder, request: ReplyRequest, now_ns: int
    ) -> None:
        self._begin = partial(responder.respond, request, now_ns)
        self._stream: ReplyStream | None = None
        self._asked_ns = now_ns

    @property
    def finished(self) -> bool:
        """Whether every piece has been taken."""
        return self._stream is not None and self._stream.finished

    def next_due_ns(self) -> int | None:
        """Return when the next piece is due; at once if the reply is not begun."""
        if self._stream is None:
            return self._asked_ns
        return self._stream.next_due_ns()

    def take(self, now_ns: int) -> Sequence[Piece]:
        """Return the pieces that are due."""
        if self._stream is None:
            self._stream = self._begin()
        return self._stream.take(now_ns)

    def cancel(self) -> None:
        """Stop generating."""
        if self._stream is not None:
            self._stream.cancel()
