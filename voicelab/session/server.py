"""The server's side of a Realtime session, without clock, socket or file.

Bytes and instants come in through `receive` and `advance`; events for the client
and notes for the record come out of `take_outbox`; `next_deadline` says when to
call `advance`. The same object serves virtual runs and real sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.protocol import wire_errors
from voicelab.protocol.codec import decode_client
from voicelab.protocol.ids import IdSource
from voicelab.protocol.items import InputAudio, Item, MessageItem
from voicelab.protocol.refusals import explain
from voicelab.protocol.wire_errors import WireError
from voicelab.session.config import DEFAULT_MODEL, SessionConfig
from voicelab.session.conversation import Conversation, ConversationItem, given_item
from voicelab.session.delayed_turns import DelayDraw, DelayedTurns, no_delay
from voicelab.session.listening import Listener
from voicelab.session.outbox import Outbox, OutboxEntry
from voicelab.session.reply import Responder, Transcriber
from voicelab.session.responses import Responses
from voicelab.session.transcription import Transcriptions
from voicelab.session.turn_detection import TurnEnd, TurnStart
from voicelab.speech.vad import VadScorer
from voicelab.units import NS_PER_MS, s_to_ns

MIN_COMMIT_MS = 100
"""A manual commit of less is refused."""

MAX_RETRIEVED_AUDIO_BYTES = 700_000
"""Items with more audio are retrieved without it: base64 of this many bytes is
the largest that stays under the 1 MiB message limit of common clients."""

SESSION_LIFETIME_S = 3600
"""A session's longest duration on the real endpoint; `expires_at` announces it."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What a server session is made of besides its parts.

    Attributes:
        model: the model that the client connected to.
        opened_unix_s: what `expires_at` counts from; a fixed epoch in virtual
            runs, so that no wall-clock value enters their log.
        lifetime_s: when the session expires, counted from its start; None if it
            never does, whatever `expires_at` announces.
        session: what is set from the start, as a valid `session.update` would.
    """

    model: str = DEFAULT_MODEL
    opened_unix_s: int = 0
    lifetime_s: int | None = None
    session: Mapping[str, Any] = field(default_factory=dict)


class ServerSession:
    """One client's session on the server.

    Args:
        scorer: voice-activity scores for the caller's audio.
        responder: speaks for the agent.
        ids: where identifiers come from.
        transcriber: hears the caller's words; None if nobody does.
        detection_delay: draws how long after its audio each turn change takes
            effect.
    """

    def __init__(
        self,
        *,
        scorer: VadScorer,
        responder: Responder,
        ids: IdSource,
        transcriber: Transcriber | None = None,
        detection_delay: DelayDraw = no_delay,
        options: ServerOptions | None = None,
    ) -> None:
        options = options or ServerOptions()
        self._ids = ids
        self._outbox = Outbox(ids)
        self._lifetime_s = options.lifetime_s
        expires_at = options.opened_unix_s + (options.lifetime_s or SESSION_LIFETIME_S)
        self.config = SessionConfig(
            options.model, {"id": ids.session(), "expires_at": expires_at}
        )
        if options.session:
            self.config.update(dict(options.session))
        self.conversation = Conversation(ids.conversation())
        self._listener = Listener(
            scorer,
            self.config.input_format,
            self.config.turn_settings(),
            self._outbox,
        )
        self._responses = Responses(
            responder, self.config, self.conversation, self._outbox
        )
        self._transcriptions = Transcriptions(
            transcriber, self.conversation, self._outbox
        )
        self._turns = DelayedTurns(detection_delay)
        self._turn_item_id: str | None = None
        self._turn_start_ms = 0
        self._now_ns = 0
        self._due_ns: int | None = None
        self._expires_ns: int | None = None
        self._owed: list[Callable[[], None]] = []
        self._over = False

    # -- the host's side ----------------------------------------------------

    def open(self, now_ns: int) -> None:
        """Greet the client."""
        self._now_ns = now_ns
        if self._lifetime_s is not None:
            self._expires_ns = now_ns + s_to_ns(self._lifetime_s)
        self._send(ev.SessionCreated, session=self.config.to_wire())
        self._due_ns = self._next_due_ns()

    def receive(self, message: bytes | str, now_ns: int) -> ce.ClientEvent | None:
        """Act on one text message of the client, received at `now_ns`.

        Returns:
            The event, refused or not; None if the message was not one.
        """
        if self._due_ns is not None and self._due_ns <= now_ns:
            self.advance(now_ns)
        if self._over:
            return None
        self._now_ns = now_ns
        said_before = self._outbox.entries_ever
        try:
            event = decode_client(message)
        except WireError as error:
            self._refuse(error)
            return None
        event_id = None if event.event_id is UNSET else event.event_id
        try:
            self._HANDLERS[type(event)](self, event)
        except WireError as error:
            self._refuse(error.caused_by(event_id))
        except msgspec.ValidationError as error:
            self._refuse(explain(message, error).caused_by(event_id))
        if self._outbox.entries_ever != said_before:
            self._responses.pump(now_ns)
            self._due_ns = self._next_due_ns()
        return event

    def refuse(self, error: WireError, now_ns: int) -> None:
        """Report what the host could not even pass on, such as a binary frame."""
        self._now_ns = now_ns
        self._refuse(error)

    def advance(self, now_ns: int) -> None:
        """Do what has become due by `now_ns`."""
        self._now_ns = now_ns
        if self._over:
            return
        if self._expires_ns is not None and self._expires_ns <= now_ns:
            self._expire()
            return
        self._responses.pump(now_ns)
        if self._turns:
            self._change_turns()
            self._responses.pump(now_ns)
        self._transcriptions.advance(now_ns)
        due_ns = self._idle_due_ns()
        if due_ns is not None and due_ns <= now_ns:
            self._speak_up(self.config.idle_timeout_ms or 0)
        else:
            self._pay()
        self._due_ns = self._next_due_ns()

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed, None while it is not.

        It moves only when something was said or `advance` was called.
        """
        return self._due_ns

    def _next_due_ns(self) -> int | None:
        if self._owed:
            return self._now_ns
        deadlines = (
            self._responses.next_due_ns(),
            self._turns.next_due_ns(),
            self._transcriptions.next_due_ns(),
            self._idle_due_ns(),
            self._expires_ns,
        )
        return min((due for due in deadlines if due is not None), default=None)

    def take_outbox(self) -> list[OutboxEntry]:
        """Return events to send and notes to record, in order, once each.

        After a `HangUp`, which is always the last, the session says no more.
        """
        return self._outbox.drain()

    def close(self, now_ns: int) -> None:
        """The client is gone: stop generating and record what is pending."""
        self._now_ns = now_ns
        self._stop()

    def _expire(self) -> None:
        """The session has lasted as long as it may."""
        error = wire_errors.session_expired(self._lifetime_s or SESSION_LIFETIME_S)
        self._refuse(error)
        self._stop()
        self._outbox.hang_up(wire_errors.CLOSE_SESSION_EXPIRED, error.close_reason)

    def _stop(self) -> None:
        self._responses.abandon()
        self._transcriptions.abandon()
        self._turns.drop()
        self._listener.flush_scores()
        self._owed.clear()
        self._over = True
        self._due_ns = None

    # -- the session object -------------------------------------------------

    def _update(self, event: ce.SessionUpdate) -> None:
        config = self.config
        heard_before = config.input_format
        config.update(event.session, voice_locked=self._responses.has_spoken)
        settings = config.turn_settings()
        if settings is None or config.input_format != heard_before:
            self._turns.drop()
        self._listener.configure(config.input_format, settings)
        self._send(ev.SessionUpdated, session=config.to_wire())

    # -- the caller's audio -------------------------------------------------

    def _append(self, event: ce.InputAudioBufferAppend) -> None:
        try:
            changes = self._listener.append(event.audio, keep_all=bool(self._turns))
        except ValueError as error:
            raise wire_errors.invalid_audio("audio", str(error)) from error
        for change in changes:
            self._turns.put(change, self._now_ns)
        if changes:
            self._change_turns()
            self._due_ns = self._next_due_ns()

    def _change_turns(self) -> None:
        """Let the turn changes take effect that are due."""
        for change in self._turns.take(self._now_ns):
            self._pay()
            if isinstance(change, TurnStart):
                self._turn_started(change)
            else:
                self._turn_ended(change)

    def _turn_started(self, turn: TurnStart) -> None:
        self._turn_item_id = self._ids.item()
        self._turn_start_ms = turn.audio_start_ms
        self._outbox.note("turn.onset", self._turn_item_id, onset_ms=turn.onset_ms)
        self._send(
            ev.InputAudioBufferSpeechStarted,
            item_id=self._turn_item_id,
            audio_start_ms=turn.audio_start_ms,
        )
        if self.config.interrupts_response:
            self._responses.interrupt("turn_detected", self._now_ns)
        self._responses.quiet_since_ns = None

    def _turn_ended(self, turn: TurnEnd) -> None:
        item_id = self._turn_item_id or self._ids.item()
        self._outbox.note(
            "turn.endpoint",
            item_id,
            last_voiced_ms=turn.last_voiced_ms,
            audio_end_ms=turn.audio_end_ms,
        )
        self._send(
            ev.InputAudioBufferSpeechStopped,
            item_id=item_id,
            audio_end_ms=turn.audio_end_ms,
        )
        start_ms = self._turn_start_ms
        audio = self._listener.buffer.take(start_ms, turn.audio_end_ms)
        self._commit_audio(item_id, audio, start_ms, turn.audio_end_ms)
        self._turn_item_id = None
        self._responses.quiet_since_ns = None
        if self.config.creates_response:
            start = partial(self._responses.start_for_turn, item_id, self._now_ns)
            self._owed.append(start)

    def _pay(self) -> None:
        """Do what a committed turn is owed: its transcript and its response.

        What these take to begin is real time on a real port, where the events of
        the turn's end, and other sessions, must not wait for it.
        """
        owed, self._owed = self._owed, []
        for begin in owed:
            begin()

    def _commit(self, event: ce.InputAudioBufferCommit) -> None:
        del event
        buffer = self._listener.buffer
        if buffer.uncommitted_ms < MIN_COMMIT_MS:
            raise wire_errors.commit_too_small(buffer.uncommitted_ms)
        start_ms, end_ms = buffer.start_ms, buffer.position_ms
        item_id = self._turn_item_id or self._ids.item()
        self._turn_item_id = None
        self._forget_turns()
        self._commit_audio(item_id, buffer.take_all(), start_ms, end_ms)

    def _clear(self, event: ce.InputAudioBufferClear) -> None:
        del event
        self._listener.buffer.clear()
        self._forget_turns()
        self._turn_item_id = None
        self._send(ev.InputAudioBufferCleared)

    def _forget_turns(self) -> None:
        """The client took the buffer: what was heard in it starts and ends nothing."""
        self._listener.interrupt()
        self._turns.drop()

    def _commit_audio(
        self, item_id: str, audio: bytes, start_ms: int, end_ms: int
    ) -> None:
        wire = MessageItem(
            id=item_id,
            status="completed",
            role="user",
            content=[InputAudio(transcript=None)],
        )
        item = ConversationItem(
            wire,
            audio=[audio],
            audio_ms=end_ms - start_ms,
            audio_format=self._listener.buffer.format,
            start_ms=start_ms,
        )
        (heard,) = item.caller_audio()
        previous_id = self.conversation.last_id
        self._send(
            ev.InputAudioBufferCommitted, item_id=item_id, previous_item_id=previous_id
        )
        self._add_item(item, None)
        self._responses.input_end_ms = end_ms
        if self.config.transcribes:
            request = partial(self._transcriptions.request, heard, self._now_ns)
            self._owed.append(request)

    # -- an idle line -------------------------------------------------------

    def _idle_due_ns(self) -> int | None:
        timeout_ms = self.config.idle_timeout_ms
        since_ns = self._responses.quiet_since_ns
        if timeout_ms is None or since_ns is None:
            return None
        if self._listener.speaking or self._turns:
            return None
        return since_ns + timeout_ms * NS_PER_MS

    def _speak_up(self, timeout_ms: int) -> None:
        """Nobody spoke for the idle timeout: commit the silence and respond."""
        buffer = self._listener.buffer
        end_ms = buffer.position_ms
        start_ms = max(buffer.start_ms, end_ms - timeout_ms)
        item_id = self._ids.item()
        self._send(
            ev.InputAudioBufferTimeoutTriggered,
            item_id=item_id,
            audio_start_ms=start_ms,
            audio_end_ms=end_ms,
        )
        self._commit_audio(item_id, buffer.take(start_ms, end_ms), start_ms, end_ms)
        self._responses.start_for_turn(item_id, self._now_ns)

    # -- items --------------------------------------------------------------

    def _create_item(self, event: ce.ConversationItemCreate) -> None:
        wire = _as_stored(event.item, self._ids)
        if wire.id == self._turn_item_id:
            raise wire_errors.duplicate_item_id(self._turn_item_id)
        previous = event.previous_item_id
        after = previous if isinstance(previous, str) else None
        self._add_item(given_item(wire, self.config.input_format), after)

    def _add_item(self, item: ConversationItem, after: str | None) -> None:
        previous_id = self.conversation.add(item, after)
        self.conversation.retain_audio(item)
        self._send(
            ev.ConversationItemAdded, item=item.wire, previous_item_id=previous_id
        )
        self._send(
            ev.ConversationItemDone, item=item.wire, previous_item_id=previous_id
        )

    def _retrieve_item(self, event: ce.ConversationItemRetrieve) -> None:
        item = self.conversation.retrieve(event.item_id, MAX_RETRIEVED_AUDIO_BYTES)
        self._send(ev.ConversationItemRetrieved, item=item)

    def _truncate_item(self, event: ce.ConversationItemTruncate) -> None:
        self.conversation.truncate(
            event.item_id, event.content_index, event.audio_end_ms
        )
        self._send(
            ev.ConversationItemTruncated,
            item_id=event.item_id,
            content_index=event.content_index,
            audio_end_ms=event.audio_end_ms,
        )

    def _delete_item(self, event: ce.ConversationItemDelete) -> None:
        self.conversation.delete(event.item_id)
        self._send(ev.ConversationItemDeleted, item_id=event.item_id)

    # -- responses ----------------------------------------------------------

    def _create_response(self, event: ce.ResponseCreate) -> None:
        params = (
            ce.ResponseCreateParams() if event.response is UNSET else event.response
        )
        self._responses.start(params, self._now_ns)

    def _cancel_response(self, event: ce.ResponseCancel) -> None:
        response_id = event.response_id
        self._responses.cancel(
            response_id if isinstance(response_id, str) else None, self._now_ns
        )

    def _clear_output(self, event: ce.OutputAudioBufferClear) -> None:
        del event
        raise wire_errors.unknown_event_type("output_audio_buffer.clear")

    _HANDLERS: ClassVar[dict[type, Callable[[ServerSession, Any], None]]] = {
        ce.InputAudioBufferAppend: _append,
        ce.InputAudioBufferCommit: _commit,
        ce.InputAudioBufferClear: _clear,
        ce.SessionUpdate: _update,
        ce.ConversationItemCreate: _create_item,
        ce.ConversationItemRetrieve: _retrieve_item,
        ce.ConversationItemTruncate: _truncate_item,
        ce.ConversationItemDelete: _delete_item,
        ce.ResponseCreate: _create_response,
        ce.ResponseCancel: _cancel_response,
        ce.OutputAudioBufferClear: _clear_output,
    }

    # -- sending ------------------------------------------------------------

    def _send(self, kind: Callable[..., ev.ServerEvent], **fields: Any) -> None:
        self._outbox.send(kind(event_id=self._ids.event(), **fields))

    def _refuse(self, error: WireError) -> None:
        self._outbox.send(error.to_event(self._ids.event()))


def _as_stored(item: Item, ids: IdSource) -> Item:
    """Return a client's item with what the server adds to it."""
    item_id = item.id if isinstance(item.id, str) else ids.item()
    return msgspec.structs.replace(item, id=item_id, status="completed")
