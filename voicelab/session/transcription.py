"""Transcripts of the caller, beside the agent and in their own time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voicelab.protocol import server_events as ev
from voicelab.protocol.transcription import TranscriptionDuration, TranscriptionError
from voicelab.session.conversation import Conversation
from voicelab.session.outbox import Outbox
from voicelab.session.reply import Transcriber
from voicelab.units import MS_PER_S


@dataclass(frozen=True, slots=True)
class _Pending:
    due_ns: int
    item_id: str
    start_ms: int
    end_ms: int


class Transcriptions:
    """Reports the caller's words some time after each commit.

    Args:
        transcriber: hears the words; None if nobody does, in which case each
            transcription is reported as failed, as the protocol provides for.
        conversation: its items receive their words.
        delay_ns: from commit to transcript.
    """

    def __init__(
        self,
        transcriber: Transcriber | None,
        conversation: Conversation,
        outbox: Outbox,
        *,
        delay_ns: int,
    ) -> None:
        self._transcriber = transcriber
        self._conversation = conversation
        self._outbox = outbox
        self._delay_ns = delay_ns
        self._pending: deque[_Pending] = deque()

    def request(self, item_id: str, start_ms: int, end_ms: int, now_ns: int) -> None:
        """Begin to transcribe the input audio in [start_ms, end_ms)."""
        due_ns = now_ns + self._delay_ns
        self._pending.append(_Pending(due_ns, item_id, start_ms, end_ms))

    def next_due_ns(self) -> int | None:
        """Return when the next transcript is ready."""
        return self._pending[0].due_ns if self._pending else None

    def advance(self, now_ns: int) -> None:
        """Report what is ready."""
        while self._pending and self._pending[0].due_ns <= now_ns:
            self._report(self._pending.popleft())

    def _report(self, job: _Pending) -> None:
        transcript = None
        if self._transcriber is not None:
            transcript = self._transcriber.transcribe(job.start_ms, job.end_ms)
        ids = self._outbox.ids
        if transcript is None:
            self._outbox.send(
                ev.ConversationItemInputAudioTranscriptionFailed(
                    event_id=ids.event(),
                    item_id=job.item_id,
                    content_index=0,
                    error=TranscriptionError(
                        type="transcription_error",
                        code="transcriber_unavailable",
                        message="No transcript is known for this audio.",
                    ),
                )
            )
            return
        self._conversation.transcribe(job.item_id, transcript)
        if transcript:
            self._outbox.send(
                ev.ConversationItemInputAudioTranscriptionDelta(
                    event_id=ids.event(),
                    item_id=job.item_id,
                    content_index=0,
                    delta=transcript,
                )
            )
        seconds = (job.end_ms - job.start_ms) / MS_PER_S
        self._outbox.send(
            ev.ConversationItemInputAudioTranscriptionCompleted(
                event_id=ids.event(),
                item_id=job.item_id,
                content_index=0,
                transcript=transcript,
                usage=TranscriptionDuration(seconds=seconds),
            )
        )
