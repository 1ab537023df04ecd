"""The server's side of a Realtime session, without clock, socket or file.

Bytes and instants come in through `receive` and `advance`; events for the client
and notes for the record come out of `take_outbox`; `next_deadline` says when to
call `advance`. The same object serves virtual runs and real sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from voicelab.protocol import client_events as ce
from voicelab.protocol import connection_errors, wire_errors
from voicelab.protocol import server_events as ev
from voicelab.protocol.close_codes import CLOSE_GOING_AWAY
from voicelab.protocol.codec import decode_client
from voicelab.protocol.ids import IdSource
from voicelab.protocol.items import Item
from voicelab.protocol.refusals import explain
from voicelab.protocol.wire_errors import WireError
from voicelab.session.caller_turns import CallerTurns, add_item
from voicelab.session.config import DEFAULT_MODEL, SessionConfig
from voicelab.session.conversation import Conversation, given_item
from voicelab.session.delayed_turns import DelayDraw, no_delay
from voicelab.session.outbox import Outbox, OutboxEntry
from voicelab.session.reply import EarlyHearing, Responder, Transcriber
from voicelab.session.responses import Responses
from voicelab.session.semantic import EndOfTurn
from voicelab.session.transcription import Transcriptions
from voicelab.speech.vad import VadScorer
from voicelab.units import s_to_ns

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
        end_of_turn: judges pauses under `semantic_vad`; None if there is no model:
            its turns then last as long as their eagerness allows.
        early: hears turns at their pauses, before they are committed; None if nobody
            does.
    """

    def __init__(
        self,
        *,
        scorer: VadScorer,
        responder: Responder,
        ids: IdSource,
        transcriber: Transcriber | None = None,
        detection_delay: DelayDraw = no_delay,
        end_of_turn: EndOfTurn | None = None,
        early: EarlyHearing | None = None,
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
        self._responses = Responses(
            responder, self.config, self.conversation, self._outbox
        )
        self._transcriptions = Transcriptions(
            transcriber, self.conversation, self._outbox
        )
        self._caller = CallerTurns(
            scorer,
            detection_delay,
            config=self.config,
            conversation=self.conversation,
            responses=self._responses,
            transcriptions=self._transcriptions,
            outbox=self._outbox,
            end_of_turn=end_of_turn,
            early=early,
        )
        self._now_ns = 0
        self._due_ns: int | None = None
        self._expires_ns: int | None = None
        self._over = False

    # -- the host's side ----------------------------------------------------

    def open(self, now_ns: int) -> None:
        """Greet the client."""
        self._now_ns = now_ns
        if self._lifetime_s is not None:
            self._expires_ns = now_ns + s_to_ns(self._lifetime_s)
        self._outbox.emit(ev.SessionCreated, session=self.config.to_wire())
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
        if self._caller.change_turns(now_ns):
            self._responses.pump(now_ns)
        self._transcriptions.advance(now_ns)
        idle_ns = self._caller.idle_due_ns()
        if idle_ns is not None and idle_ns <= now_ns:
            self._caller.time_out(now_ns)
        else:
            self._caller.settle()
        self._due_ns = self._next_due_ns()

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed, None while it is not.

        It moves only when something was said or `advance` was called.
        """
        return self._due_ns

    def _next_due_ns(self) -> int | None:
        if self._caller.owes:
            return self._now_ns
        deadlines = (
            self._responses.next_due_ns(),
            self._caller.next_change_ns(),
            self._transcriptions.next_due_ns(),
            self._caller.idle_due_ns(),
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
        error = connection_errors.session_expired(
            self._lifetime_s or SESSION_LIFETIME_S
        )
        self._refuse(error)
        self._stop()
        self._outbox.hang_up(CLOSE_GOING_AWAY, error.close_reason)

    def _stop(self) -> None:
        self._responses.abandon()
        self._transcriptions.abandon()
        self._caller.stop()
        self._over = True
        self._due_ns = None

    # -- the session object -------------------------------------------------

    def _update(self, event: ce.SessionUpdate) -> None:
        self.config.update(
            event.session,
            voice_locked=self._responses.has_spoken,
            speed_locked=self._responses.in_progress,
        )
        self._caller.configure()
        self._outbox.emit(ev.SessionUpdated, session=self.config.to_wire())

    # -- the caller's audio -------------------------------------------------

    def _append(self, event: ce.InputAudioBufferAppend) -> None:
        if self._caller.append(event.audio, self._now_ns):
            # a change that takes effect later says nothing, but is to be waited for
            self._due_ns = self._next_due_ns()

    def _commit(self, event: ce.InputAudioBufferCommit) -> None:
        del event
        self._caller.commit(self._now_ns)

    def _clear(self, event: ce.InputAudioBufferClear) -> None:
        del event
        self._caller.clear()

    # -- items --------------------------------------------------------------

    def _create_item(self, event: ce.ConversationItemCreate) -> None:
        wire = _as_stored(event.item, self._ids)
        if wire.id == self._caller.item_id:
            raise wire_errors.duplicate_item_id(str(wire.id))
        previous = event.previous_item_id
        after = previous if isinstance(previous, str) else None
        item = given_item(wire, self.config.input_format)
        add_item(item, after, self.conversation, self._outbox)

    def _retrieve_item(self, event: ce.ConversationItemRetrieve) -> None:
        item = self.conversation.retrieve(event.item_id, MAX_RETRIEVED_AUDIO_BYTES)
        self._outbox.emit(ev.ConversationItemRetrieved, item=item)

    def _truncate_item(self, event: ce.ConversationItemTruncate) -> None:
        self.conversation.truncate(
            event.item_id, event.content_index, event.audio_end_ms
        )
        self._outbox.emit(
            ev.ConversationItemTruncated,
            item_id=event.item_id,
            content_index=event.content_index,
            audio_end_ms=event.audio_end_ms,
        )

    def _delete_item(self, event: ce.ConversationItemDelete) -> None:
        self.conversation.delete(event.item_id)
        self._outbox.emit(ev.ConversationItemDeleted, item_id=event.item_id)

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

    def _refuse(self, error: WireError) -> None:
        self._outbox.send(error.to_event(self._ids.event()))


def _as_stored(item: Item, ids: IdSource) -> Item:
    """Return a client's item with what the server adds to it."""
    item_id = item.id if isinstance(item.id, str) else ids.item()
    return msgspec.structs.replace(item, id=item_id, status="completed")
