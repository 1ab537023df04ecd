"""The caller's side of a session: audio becomes turns, turns become items."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from voicelab.protocol import server_events as ev
from voicelab.protocol import wire_errors
from voicelab.protocol.items import InputAudio, MessageItem
from voicelab.session.config import SessionConfig
from voicelab.session.conversation import Conversation, ConversationItem
from voicelab.session.delayed_turns import DelayDraw, DelayedTurns
from voicelab.session.listening import Listener
from voicelab.session.outbox import Outbox
from voicelab.session.reply import EarlyHearing
from voicelab.session.responses import Responses
from voicelab.session.semantic import EndOfTurn
from voicelab.session.transcription import Transcriptions
from voicelab.session.turn_detection import TurnEnd, TurnStart
from voicelab.speech.vad import VadScorer
from voicelab.units import NS_PER_MS

MIN_COMMIT_MS = 100
"""A manual commit of less is refused."""


class CallerTurns:
    """Takes the caller's audio, detects or is told its turns, and commits them.

    Args:
        scorer: voice-activity scores for the audio.
        detection_delay: draws how long after its audio each turn change takes
            effect.
        config: the session's; `configure` must be called when it has changed.
        conversation: where committed turns go.
        responses: are interrupted by turns that start, and answer those that end.
        transcriptions: tell the words of committed turns.
        outbox: where events and notes go.
        end_of_turn: judges pauses under `semantic_vad`; None if there is no model.
        early: hears turns at their pauses; None if nobody does.
    """

    def __init__(
        self,
        scorer: VadScorer,
        detection_delay: DelayDraw,
        *,
        config: SessionConfig,
        conversation: Conversation,
        responses: Responses,
        transcriptions: Transcriptions,
        outbox: Outbox,
        end_of_turn: EndOfTurn | None = None,
        early: EarlyHearing | None = None,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._responses = responses
        self._transcriptions = transcriptions
        self._outbox = outbox
        self._input_format = config.input_format
        self._listener = Listener(
            scorer,
            config.input_format,
            config.turn_settings(),
            outbox,
            turn=self,
            end_of_turn=end_of_turn,
            early=early,
        )
        self._changes = DelayedTurns(detection_delay)
        self._item_id: str | None = None  # of the turn under way
        self._start_ms = 0
        self._owed: list[Callable[[], None]] = []

    @property
    def item_id(self) -> str | None:
        """The id that the turn under way will have as an item; None between turns."""
        return self._item_id

    @property
    def transcribes(self) -> bool:
        """Whether the client wants the caller's words."""
        return self._config.transcribes

    @property
    def wants_words(self) -> bool:
        """Whether the turn's words will be told, or answered."""
        return self._config.transcribes or self._config.creates_response

    @property
    def owes(self) -> bool:
        """Whether a committed turn waits for its transcript or response to begin."""
        return bool(self._owed)

    def configure(self) -> None:
        """Take over what has changed in the session's configuration."""
        audio_format, settings = self._config.input_format, self._config.turn_settings()
        if settings is None or audio_format != self._input_format:
            self._changes.drop()
        self._input_format = audio_format
        self._listener.configure(audio_format, settings)

    # -- audio --------------------------------------------------------------

    def append(self, audio: bytes, now_ns: int) -> bool:
        """Take wire audio; return whether there is anything to wait for after it.

        That is a turn that started or ended in it, or is being judged.

        Raises:
            WireError: the bytes do not make whole samples, or turns are manual and
                the buffer is full.
        """
        try:
            changes = self._listener.append(audio, now_ns, keep_all=bool(self._changes))
        except ValueError as error:
            raise wire_errors.invalid_audio("audio", str(error)) from error
        for change in changes:
            self._changes.put(change, now_ns)
        if changes:
            self.change_turns(now_ns)
        return bool(changes) or self._listener.is_judging

    def commit(self, now_ns: int) -> None:
        """Commit what is in the buffer, as the client asks.

        Raises:
            WireError: it is too little.
        """
        buffer = self._listener.buffer
        if buffer.uncommitted_ms < MIN_COMMIT_MS:
            raise wire_errors.commit_too_small(buffer.uncommitted_ms)
        start_ms, end_ms = buffer.start_ms, buffer.position_ms
        item_id = self._item_id or self._outbox.ids.item()
        self._forget_turns()
        self._commit(item_id, buffer.take_all(), start_ms, end_ms, now_ns)

    def clear(self) -> None:
        """Throw away what is in the buffer, as the client asks."""
        self._listener.buffer.clear()
        self._forget_turns()
        self._outbox.emit(ev.InputAudioBufferCleared)

    def stop(self) -> None:
        """The session is over: record what is pending, begin nothing more."""
        self._changes.drop()
        self._listener.flush_scores()
        self._listener.interrupt()  # nobody shall be heard, or judged, for nobody
        self._owed.clear()

    # -- turns --------------------------------------------------------------

    def change_turns(self, now_ns: int) -> bool:
        """Let the turn changes take effect that are due; return whether any was."""
        end = self._listener.advance(now_ns)
        if end is not None:
            self._changes.put(end, now_ns)
        changed = False
        for change in self._changes.take(now_ns):
            changed = True
            self.settle()
            if isinstance(change, TurnStart):
                self._started(change, now_ns)
            else:
                self._ended(change, now_ns)
        return changed

    def settle(self) -> None:
        """Give a committed turn what it is owed: its transcript and its response.

        What these take to begin is real time on a real port, where the events of
        the turn's end, and other sessions, must not wait for it.
        """
        owed, self._owed = self._owed, []
        for begin in owed:
            begin()

    def next_change_ns(self) -> int | None:
        """Return when a turn may change next, None if nothing is awaited."""
        awaited = (self._changes.next_due_ns(), self._listener.due_ns())
        return min((due_ns for due_ns in awaited if due_ns is not None), default=None)

    def _started(self, turn: TurnStart, now_ns: int) -> None:
        self._item_id = self._outbox.ids.item()
        self._start_ms = turn.audio_start_ms
        self._outbox.note("turn.onset", self._item_id, onset_ms=turn.onset_ms)
        self._outbox.emit(
            ev.InputAudioBufferSpeechStarted,
            item_id=self._item_id,
            audio_start_ms=turn.audio_start_ms,
        )
        if self._config.interrupts_response:
            self._responses.interrupt("turn_detected", now_ns)
        self._responses.quiet_since_ns = None

    def _ended(self, turn: TurnEnd, now_ns: int) -> None:
        item_id = self._item_id or self._outbox.ids.item()
        start_ms, end_ms = self._start_ms, turn.audio_end_ms
        self._outbox.note(
            "turn.endpoint",
            item_id,
            last_voiced_ms=turn.last_voiced_ms,
            audio_end_ms=end_ms,
        )
        self._outbox.emit(
            ev.InputAudioBufferSpeechStopped, item_id=item_id, audio_end_ms=end_ms
        )
        audio = self._listener.buffer.take(start_ms, end_ms)
        silent_from_ms = turn.last_voiced_ms
        self._commit(item_id, audio, start_ms, end_ms, now_ns, silent_from_ms)
        self._item_id = None
        self._responses.quiet_since_ns = None
        if self._config.creates_response:
            start = partial(self._responses.start_for_turn, item_id, now_ns)
            self._owed.append(start)

    def _forget_turns(self) -> None:
        """The client took the buffer: what was heard in it starts and ends nothing."""
        self._listener.interrupt()
        self._changes.drop()
        self._item_id = None

    # -- an idle line -------------------------------------------------------

    def idle_due_ns(self) -> int | None:
        """Return when nobody will have spoken for the idle timeout, None if never."""
        timeout_ms = self._config.idle_timeout_ms
        since_ns = self._responses.quiet_since_ns
        if timeout_ms is None or since_ns is None:
            return None
        if self._listener.speaking or self._changes:
            return None
        return since_ns + timeout_ms * NS_PER_MS

    def time_out(self, now_ns: int) -> None:
        """Nobody spoke for the idle timeout: commit the silence and respond."""
        buffer = self._listener.buffer
        end_ms = buffer.position_ms
        start_ms = max(buffer.start_ms, end_ms - (self._config.idle_timeout_ms or 0))
        item_id = self._outbox.ids.item()
        self._outbox.emit(
            ev.InputAudioBufferTimeoutTriggered,
            item_id=item_id,
            audio_start_ms=start_ms,
            audio_end_ms=end_ms,
        )
        audio = buffer.take(start_ms, end_ms)
        self._commit(item_id, audio, start_ms, end_ms, now_ns)
        self._responses.start_for_turn(item_id, now_ns)

    # -- items --------------------------------------------------------------

    def _commit(
        self,
        item_id: str,
        audio: bytes,
        start_ms: int,
        end_ms: int,
        now_ns: int,
        silent_from_ms: int | None = None,
    ) -> None:
        """Make a stretch of the input stream, in ms of it, an item."""
        item = ConversationItem(
            MessageItem(
                id=item_id,
                status="completed",
                role="user",
                content=[InputAudio(transcript=None)],
            ),
            audio=[audio],
            audio_ms=end_ms - start_ms,
            audio_format=self._listener.buffer.format,
            start_ms=start_ms,
            silent_from_ms=silent_from_ms,
        )
        (heard,) = item.caller_audio()
        self._outbox.emit(
            ev.InputAudioBufferCommitted,
            item_id=item_id,
            previous_item_id=self._conversation.last_id,
        )
        add_item(item, None, self._conversation, self._outbox)
        self._responses.input_end_ms = end_ms
        if self._config.transcribes:
            request = partial(self._transcriptions.request, heard, now_ns)
            self._owed.append(request)


def add_item(
    item: ConversationItem,
    after: str | None,
    conversation: Conversation,
    outbox: Outbox,
) -> None:
    """Add a complete item to a conversation and announce it.

    Args:
        item: the item.
        after: the id of the item that it follows; None for the last.
        conversation: where it goes.
        outbox: where the events go.

    Raises:
        WireError: no such previous item, or the item's id is taken.
    """
    previous_id = conversation.add(item, after)
    conversation.retain_audio(item)
    for kind in (ev.ConversationItemAdded, ev.ConversationItemDone):
        outbox.emit(kind, item=item.wire, previous_item_id=previous_id)
