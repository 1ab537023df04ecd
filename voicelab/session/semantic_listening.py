"""Follows a session's pauses: has them judged, and says when a turn is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol

from voicelab.audio.pcm import Samples
from voicelab.session.outbox import Outbox
from voicelab.session.semantic import (
    HEARD_FRAMES,
    EndOfTurn,
    Judgement,
    heard_frames,
    semantic_wait_ms,
)
from voicelab.session.turn_detection import Pause, TurnDetector, TurnEnd
from voicelab.session.work import Job
from voicelab.speech.end_of_turn import TurnAudio

PROBABILITY_DECIMALS = 4

NO_MODEL = "there is no end-of-turn model"


class TurnUnderWay(Protocol):
    """What those who listen to it want to know of the turn under way."""

    @property
    def item_id(self) -> str | None:
        """The id that it will have as an item, if that is known yet."""

    @property
    def transcribes(self) -> bool:
        """Whether the client wants the caller's words."""

    @property
    def wants_words(self) -> bool:
        """Whether anybody will want them once it is over."""


class PauseJudge:
    """Has each pause judged once, and tells the detector what was answered.

    Without a model, or with one that fails, the record says so once, and turns last
    as long as their eagerness allows.

    Args:
        end_of_turn: judges pauses; None if there is no model.
        detector: whose pauses they are.
        turn: the turn under way.
        outbox: where notes go.
    """

    def __init__(
        self,
        end_of_turn: EndOfTurn | None,
        detector: TurnDetector,
        turn: TurnUnderWay,
        outbox: Outbox,
    ) -> None:
        self._end_of_turn = end_of_turn
        self._fatal = () if end_of_turn is None else end_of_turn.fatal
        self._detector = detector
        self._turn = turn
        self._outbox = outbox
        self._windows: deque[Samples] = deque(maxlen=HEARD_FRAMES)
        self._asked: tuple[Pause, Job[Judgement]] | None = None
        self._has_said_why = False

    def hear(self, window: Samples) -> None:
        """Take the window of the frame that is fed to the detector next."""
        self._windows.append(window)

    def forget_audio(self) -> None:
        """Forget what was heard: what follows does not continue it."""
        self._windows.clear()
        self.drop()

    def drop(self) -> None:
        """Forget what was asked: the pause is over, or is no business any more."""
        if self._asked is not None:
            self._asked[1].cancel()
            self._asked = None

    def due_ns(self) -> int | None:
        """Return when an answer counts, None if none is awaited or it is not known."""
        return None if self._asked is None else self._asked[1].due_ns()

    @property
    def is_waiting(self) -> bool:
        """Whether a pause is being judged."""
        return self._asked is not None

    def follow(self, pause: Pause | None, rate_hz: int, now_ns: int) -> TurnEnd | None:
        """Act on the frame that was fed last; return the turn's end if this is it.

        Args:
            pause: the one that it began; None if none.
            rate_hz: the rate of the caller's audio.
            now_ns: when the frame arrived.
        """
        if not self._detector.silent:
            self.drop()
            return None
        if pause is None:
            return None
        self._ask(pause, rate_hz, now_ns)
        return self.advance(now_ns)

    def advance(self, now_ns: int) -> TurnEnd | None:
        """Take an answer that counts by now; return the turn's end if this is it."""
        if self._asked is None:
            return None
        pause, job = self._asked
        due_ns = job.due_ns()
        if due_ns is None or due_ns > now_ns:
            return None
        self._asked = None
        try:
            judgement = job.result()
        except self._fatal:
            raise
        except Exception as error:  # noqa: BLE001 -- the session goes on
            self._end_of_turn = None
            self._say_why(str(error) or type(error).__name__)
            return None
        return self._answer(pause, judgement)

    def _ask(self, pause: Pause, rate_hz: int, now_ns: int) -> None:
        if self._end_of_turn is None:
            self._say_why(NO_MODEL)
            return
        count = heard_frames(pause.audio_start_ms, pause.at_ms)
        audio = TurnAudio(tuple(_last(self._windows, count)), rate_hz)
        by_text = self._turn.transcribes
        job = self._end_of_turn.judge(pause, audio, now_ns, by_text=by_text)
        self._asked = (pause, job)

    def _answer(self, pause: Pause, judgement: Judgement) -> TurnEnd | None:
        eagerness = self._detector.settings.eagerness
        if eagerness is None:
            return None
        wait_ms = semantic_wait_ms(judgement.counted_probability, eagerness)
        self._outbox.note(
            "turn.semantic",
            self._turn.item_id,
            silent_from_ms=pause.silent_from_ms,
            asked_ms=pause.at_ms,
            probability=round(judgement.probability, PROBABILITY_DECIMALS),
            text=judgement.text,
            text_rule=judgement.text_rule,
            eagerness=eagerness,
            wait_ms=wait_ms,
        )
        return self._detector.answer(wait_ms)

    def _say_why(self, reason: str) -> None:
        if not self._has_said_why:
            self._has_said_why = True
            self._outbox.note("turn.semantic_unavailable", reason=reason)


def _last(windows: deque[Samples], count: int) -> Iterator[Samples]:
    first = max(len(windows) - count, 0)
    return (window for index, window in enumerate(windows) if index >= first)
