"""The server's ears: appended audio in, turn starts and ends out."""

from __future__ import annotations

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VadFrontEnd
from voicelab.protocol.wire_errors import input_buffer_full
from voicelab.session.foresight import Foresight
from voicelab.session.input_buffer import InputAudioBuffer
from voicelab.session.outbox import Outbox
from voicelab.session.reply import EarlyHearing
from voicelab.session.semantic import EndOfTurn
from voicelab.session.semantic_listening import PauseJudge, TurnUnderWay
from voicelab.session.turn_detection import (
    FRAME_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
)
from voicelab.speech.cached_scorer import lazily
from voicelab.speech.vad import VadScorer

SCORES_PER_NOTE = 32
"""Scores are recorded in bundles of about one second."""

SCORE_DECIMALS = 4

IDLE_KEPT_MS = 30_000
"""Between turns no more uncommitted audio is kept: an idle line costs no memory."""


class Listener:
    """Buffers the caller's audio and, if asked to, detects turns in it.

    Args:
        scorer: gives each 32 ms frame its voice-activity score.
        audio_format: the format of what will be appended.
        settings: the detector's; None while turns are the client's business.
        outbox: where notes go.
        turn: the turn under way, as the session knows it.
        end_of_turn: judges pauses under `semantic_vad`; None if there is no model.
        early: hears turns at their pauses; None if nobody does.
    """

    def __init__(
        self,
        scorer: VadScorer,
        audio_format: AudioFormat,
        settings: TurnSettings | None,
        outbox: Outbox,
        *,
        turn: TurnUnderWay,
        end_of_turn: EndOfTurn | None = None,
        early: EarlyHearing | None = None,
    ) -> None:
        self.buffer = InputAudioBuffer(audio_format)
        self._scorer = scorer
        self._score = lazily(scorer)
        self._outbox = outbox
        self._front_end = VadFrontEnd(audio_format.rate_hz)
        self._detector = TurnDetector(settings or TurnSettings())
        self._pauses = PauseJudge(end_of_turn, self._detector, turn, outbox)
        self._foresight = Foresight(early, turn)
        self._settings = settings
        self._scores: list[float] = []
        self._first_scored = 0

    @property
    def speaking(self) -> bool:
        """Whether the caller is in the middle of a turn."""
        return self._settings is not None and self._detector.speaking

    @property
    def is_judging(self) -> bool:
        """Whether it is being judged if the turn is over."""
        return self._pauses.is_waiting

    def due_ns(self) -> int | None:
        """Return when that judgement counts, None if none is awaited or unknown."""
        return self._pauses.due_ns()

    def configure(
        self, audio_format: AudioFormat, settings: TurnSettings | None
    ) -> None:
        """Take over changed settings; a running turn goes on if it can."""
        if audio_format != self.buffer.format:
            self.buffer.change_format(audio_format)
            self._front_end = VadFrontEnd(audio_format.rate_hz)
            self._scorer.reset()
            self._detector.resume_at(self.buffer.position_ms)
            self._pauses.forget_audio()
            self._foresight.drop()
        if settings == self._settings:
            return
        self._pauses.drop()
        if settings is None or settings.eagerness is None:
            self._pauses.forget_audio()
        if settings is None or self._settings is None:
            self._detector.interrupt()
            self._foresight.drop()
        if settings is not None:
            self._detector.reconfigure(settings)
        self._settings = settings

    def append(
        self, data: bytes, now_ns: int, *, keep_all: bool = False
    ) -> list[TurnStart | TurnEnd]:
        """Take wire audio; return the turns that started or ended in it.

        Of a turn longer than the buffer the newest audio is kept: it goes on, and
        whoever talks for so long has not asked for an error.

        Args:
            data: the audio.
            now_ns: when it arrived.
            keep_all: whether earlier audio is still wanted, for a turn that has
                ended and was not taken yet.

        Raises:
            ValueError: the bytes do not make whole samples.
            WireError: turns are manual, and the buffer is full; the audio is not
                taken.
        """
        samples = self.buffer.format.decode(data)
        if not self.buffer.has_room_for(data):
            self._make_room(data)
        self.buffer.append(data)
        changes: list[TurnStart | TurnEnd] = []
        front_end = self._front_end
        for window in front_end.windows(samples):
            if self._settings is None:
                self._skip()
                continue
            score = self._score(window, front_end.frame)
            self._record(score)
            change = self._judge(window, score, now_ns)
            if change is not None:
                changes.append(self._within_buffer(change))
        idle = self._settings is not None and not self._detector.speaking
        if idle and not changes and not keep_all:
            self.buffer.forget_all_but(IDLE_KEPT_MS)
        return changes

    def advance(self, now_ns: int) -> TurnEnd | None:
        """Return the turn's end if a judgement that counts by now says so."""
        end = self._pauses.advance(now_ns)
        if end is not None:
            self._foresight.keep()
        return end

    def _judge(
        self, window: Samples, score: float, now_ns: int
    ) -> TurnStart | TurnEnd | None:
        """Let the next frame start or end a turn, or its pause be judged."""
        pauses, detector = self._pauses, self._detector
        is_judged = detector.settings.eagerness is not None
        if is_judged:
            pauses.hear(window)
        change = detector.feed(score)
        if change is not None:
            pauses.drop()
            self._foresight.keep()
            return change
        pause = detector.take_pause()
        if score >= detector.settings.release_threshold:
            self._foresight.drop()
        elif pause is not None:
            self._foresight.look(pause, self.buffer, now_ns)
        if not is_judged:
            return None
        end = pauses.follow(pause, self.buffer.format.rate_hz, now_ns)
        if end is not None:
            self._foresight.keep()
        return end

    def _make_room(self, data: bytes) -> None:
        buffer = self.buffer
        if self._settings is None:
            raise input_buffer_full(buffer.limit_ms)
        keep_ms = buffer.limit_ms - buffer.format.duration_ms(len(data)) - 1
        buffer.forget_before(buffer.position_ms - keep_ms)

    def interrupt(self) -> None:
        """Forget a running turn: the client committed or cleared the buffer."""
        self._detector.interrupt()
        self._pauses.drop()
        self._foresight.drop()

    def _within_buffer(self, change: TurnStart | TurnEnd) -> TurnStart | TurnEnd:
        """Start a turn no earlier than the audio that is left to commit.

        The detector counts whole frames, a manual commit ends anywhere.
        """
        first_ms = self.buffer.start_ms
        if isinstance(change, TurnStart) and change.audio_start_ms < first_ms:
            return TurnStart(first_ms, change.onset_ms)
        return change

    def _skip(self) -> None:
        """Count a frame without a score."""
        self._detector.skip()
        self.flush_scores()
        self._first_scored += 1

    def flush_scores(self) -> None:
        """Record the scores that do not fill a bundle yet."""
        if self._scores:
            self._outbox.note(
                "vad.scores",
                first_frame=self._first_scored,
                frame_ms=FRAME_MS,
                scores=self._scores,
            )
            self._first_scored += len(self._scores)
            self._scores = []

    def _record(self, score: float) -> None:
        self._scores.append(round(score, SCORE_DECIMALS))
        if len(self._scores) >= SCORES_PER_NOTE:
            self.flush_scores()
