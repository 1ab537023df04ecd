"""How a pause is judged under `semantic_vad`, and how long its turn then waits.

Once silence has lasted `PAUSE_MS`, a model hears the turn so far and tells how
probably it is over. The more probable, the shorter the silence that ends the turn.
Where the caller's words are known, a turn that ends in a word which cannot end one
counts as improbable, whatever its melody says. Speech that goes on ends the matter:
the next pause is judged afresh.

The API documents what its `semantic_vad` is for, its eagerness, and the longest waits;
how it decides in between is not published. That part here is voicelab's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from voicelab.session.delayed_turns import DelayDraw, no_delay
from voicelab.session.turn_detection import (
    FRAME_MS,
    SEMANTIC_WAIT_MS,
    Eagerness,
    Pause,
)
from voicelab.session.work import INLINE, Fatal, Job, Work
from voicelab.speech.end_of_turn import EndOfTurnModel, TurnAudio, unfinished
from voicelab.speech.end_of_turn.cached import probability_of
from voicelab.speech.end_of_turn.log_mel import HEARD_S
from voicelab.units import MS_PER_S

SHORTEST_WAIT_MS: dict[str, int] = {
    "low": 600,
    "medium": 400,
    "high": 300,
    "auto": 400,
}
"""The wait of a turn that is over for certain, by eagerness.

Chosen on the operating curve of the bundled conversations (60 turns): from 200 to
300 ms cut-ins fall from 10 to 6 at `high`, from 10 to 5 at `auto`; each 100 ms beyond
400 buys two fewer at most.
"""

UNFINISHED_PROBABILITY = 0.05
"""What a turn counts as, at most, whose last word cannot end one."""

HEARD_FRAMES = HEARD_S * MS_PER_S // FRAME_MS
"""The model hears at most this many frames: 8 s."""


def semantic_wait_ms(probability: float, eagerness: Eagerness) -> int:
    """Return the silence that a turn must last to be over.

    It falls with the probability from the documented maximum to the shortest wait,
    by equal factors for equal steps.

    Args:
        probability: that the turn is over, from 0 to 1.
        eagerness: of the session.
    """
    longest, shortest = SEMANTIC_WAIT_MS[eagerness], SHORTEST_WAIT_MS[eagerness]
    wait_ms: float = longest * (shortest / longest) ** probability
    return round(wait_ms)


def heard_frames(audio_start_ms: int, at_ms: int) -> int:
    """Return how many frames, up to `at_ms`, the model hears of a turn."""
    return min(-(-(at_ms - audio_start_ms) // FRAME_MS), HEARD_FRAMES)


class PartialText(Protocol):
    """Tells what the caller has said in a turn that is not over yet."""

    def text(self, start_ms: int, until_ms: int, audio: TurnAudio) -> str | None:
        """Return the words, None if they are not known.

        Args:
            start_ms: where the turn's audio begins in the input stream.
            until_ms: up to where it has been heard.
            audio: the turn so far, its last 8 s at most.
        """
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of a pause.

    Attributes:
        probability: that the turn is over, by its melody.
        text: the words so far; None if they are not known.
        text_rule: the rule by which these words cannot end a turn; None if none does.
    """

    probability: float
    text: str | None = None
    text_rule: str | None = None

    @property
    def counted_probability(self) -> float:
        """The probability, with the words taken into account."""
        if self.text_rule is None:
            return self.probability
        return min(self.probability, UNFINISHED_PROBABILITY)


class EndOfTurn:
    """Judges the pauses of one session.

    Args:
        model: hears whether a turn is over.
        work: where it does so.
        delay: draws the time that a judgement takes, in virtual time.
        partial_text: tells the words so far; None if nobody knows them.
        fatal: what no session may go on after; of anything else that a judgement
            raises, it goes on without.
    """

    def __init__(
        self,
        model: EndOfTurnModel,
        *,
        work: Work = INLINE,
        delay: DelayDraw = no_delay,
        partial_text: PartialText | None = None,
        fatal: Fatal = (),
    ) -> None:
        self.fatal = fatal
        self._model = model
        self._work = work
        self._delay = delay
        self._partial_text = partial_text

    def judge(
        self, pause: Pause, audio: TurnAudio, now_ns: int, *, by_text: bool
    ) -> Job[Judgement]:
        """Begin to judge a pause.

        Args:
            pause: which one.
            audio: what the model hears.
            now_ns: when it is asked.
            by_text: whether the words count, too.
        """
        words = self._partial_text if by_text else None
        task = partial(judge, self._model, words, pause, audio)
        return self._work.begin(task, now_ns, self._delay())


def judge(
    model: EndOfTurnModel,
    partial_text: PartialText | None,
    pause: Pause,
    audio: TurnAudio,
) -> Judgement:
    """Return what is thought of a pause.

    Raises:
        VoicelabError: the model cannot be used, or the words cannot be recognised.
    """
    probability = probability_of(model, audio)
    if partial_text is None:
        return Judgement(probability)
    text = partial_text.text(pause.audio_start_ms, pause.at_ms, audio)
    return Judgement(probability, text, unfinished(text or ""))
