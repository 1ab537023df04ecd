"""Transcripts of the caller, beside the agent and in their own time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from voicelab.protocol import server_events as ev
from voicelab.protocol.transcription import TranscriptionDuration, TranscriptionError
from voicelab.session.conversation import Conversation
from voicelab.session.outbox import Outbox
from voicelab.session.reply import (
    CallerAudio,
    FailurePiece,
    TextPiece,
    Transcriber,
    TranscriptPiece,
    TranscriptStream,
)
from voicelab.units import MS_PER_S, NS_PER_MS

DEFAULT_DELAY_MS = 400
"""From commit to transcript, where no transcriber says otherwise."""

UNHEARD = FailurePiece(
    "transcriber_unavailable", "No transcript is known for this audio."
)
"""The transcript of what nobody could make out."""


class AfterDelay:
    """A transcriber that knows the words a fixed time after each commit.

    Args:
        hear: tells the words of the audio, None if they cannot be told; asked
            when the transcript is due, not before.
        delay_ms: from commit to transcript.
    """

    def __init__(
        self,
        hear: Callable[[CallerAudio], str | None],
        delay_ms: int = DEFAULT_DELAY_MS,
    ) -> None:
        self._hear = hear
        self._delay_ns = delay_ms * NS_PER_MS

    def transcribe(self, audio: CallerAudio, now_ns: int) -> TranscriptStream:
        """Begin a transcript that is due when the delay is over."""
        return _Delayed(self._hear, audio, now_ns + self._delay_ns)


class _Delayed:
    """A transcript that comes all at once."""

    def __init__(
        self,
        hear: Callable[[CallerAudio], str | None],
        audio: CallerAudio,
        due_ns: int,
    ) -> None:
        self._hear = hear
        self._audio = audio
        self._due_ns = due_ns
        self.finished = False

    def next_due_ns(self) -> int | None:
        return None if self.finished else self._due_ns

    def take(self, now_ns: int) -> Sequence[TranscriptPiece]:
        if self.finished or now_ns < self._due_ns:
            return ()
        self.finished = True
        words = self._hear(self._audio)
        if words is None:
            return (UNHEARD,)
        return (TextPiece(words),) if words else ()

    def cancel(self) -> None:
        self.finished = True


@dataclass(slots=True)
class _Running:
    """A transcript that is being made; `text` is what has been reported of it."""

    audio: CallerAudio
    stream: TranscriptStream
    text: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def over(self) -> bool:
        return self.failed or self.stream.finished


class Transcriptions:
    """Reports the caller's words, some time after each commit.

    Args:
        transcriber: hears the words; None if nobody does, in which case each
            transcription is reported as failed, as the protocol provides for.
        conversation: its items receive their words.
        outbox: where the reports go.
    """

    def __init__(
        self,
        transcriber: Transcriber | None,
        conversation: Conversation,
        outbox: Outbox,
    ) -> None:
        self._transcriber = transcriber or AfterDelay(_nothing)
        self._conversation = conversation
        self._outbox = outbox
        self._running: list[_Running] = []

    def request(self, audio: CallerAudio, now_ns: int) -> None:
        """Begin to transcribe what was committed."""
        stream = self._transcriber.transcribe(audio, now_ns)
        self._running.append(_Running(audio, stream))

    def next_due_ns(self) -> int | None:
        """Return when there is more to report, None if that is not known."""
        if not self._running:
            return None
        due = [running.stream.next_due_ns() for running in self._running]
        return min((at for at in due if at is not None), default=None)

    def advance(self, now_ns: int) -> None:
        """Report what is known by now."""
        if not self._running:
            return
        for running in self._running:
            self._report(running, now_ns)
        self._running = [running for running in self._running if not running.over]

    def abandon(self) -> None:
        """Stop listening; nobody is there to be told."""
        for running in self._running:
            running.stream.cancel()
        self._running = []

    def _report(self, running: _Running, now_ns: int) -> None:
        for piece in running.stream.take(now_ns):
            if isinstance(piece, FailurePiece):
                self._fail(running, piece)
                return
            self._add(running, piece)
        if running.stream.finished:
            self._complete(running)

    def _add(self, running: _Running, piece: TextPiece) -> None:
        running.text.append(piece.text)
        self._outbox.emit(
            ev.ConversationItemInputAudioTranscriptionDelta,
            item_id=running.audio.item_id,
            content_index=0,
            delta=piece.text,
        )

    def _complete(self, running: _Running) -> None:
        audio, transcript = running.audio, "".join(running.text)
        self._conversation.transcribe(audio.item_id, transcript)
        seconds = audio.duration_ms / MS_PER_S
        self._outbox.emit(
            ev.ConversationItemInputAudioTranscriptionCompleted,
            item_id=audio.item_id,
            content_index=0,
            transcript=transcript,
            usage=TranscriptionDuration(seconds=seconds),
        )

    def _fail(self, running: _Running, failure: FailurePiece) -> None:
        running.failed = True
        running.stream.cancel()
        self._outbox.emit(
            ev.ConversationItemInputAudioTranscriptionFailed,
            item_id=running.audio.item_id,
            content_index=0,
            error=TranscriptionError(
                type="transcription_error",
                code=failure.code,
                message=failure.message,
            ),
        )


def _nothing(_audio: CallerAudio) -> None:
    """Hear nothing."""
