"""Turn decisions: a pure, cheap rule over voice-activity scores.

Scores are dear and a property of the audio; decisions are cheap and what people
tune. The rule is the one of `server_vad` in the Realtime API, read off a capture
of the real endpoint and reproduced to the millisecond by the tests:

* a turn starts with the first frame whose score reaches `threshold`; its
  `audio_start_ms` is that frame's start less `prefix_padding_ms`, never before
  the end of the previous turn;
* once started, the speaker counts as silent from the first frame whose score is
  below the *release* threshold, 0.15 less than `threshold` (the hysteresis of
  Silero's own `VADIterator`), until a frame reaches `threshold` again;
* the turn ends with the frame at whose end that silence has lasted
  `silence_duration_ms`, timed from the end of its first frame (as in
  `VADIterator`, too); `audio_end_ms` is the end of that frame.

`semantic_vad` starts turns by the same rule, with the defaults. Its turns end by it,
too, after the longest wait of their eagerness, unless somebody judged the pause and
made the wait shorter: the detector says when a pause is long enough to be judged, and
takes what is answered. How pauses are judged is `voicelab.session.semantic`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FRAME_MS = 32
"""One score covers 32 ms: 512 samples at 16 kHz, Silero's only frame."""

RELEASE_MARGIN = 0.15
"""How far below `threshold` a score must fall to count as silence."""

RELEASE_FLOOR = 0.01
"""The release threshold never falls below this (as in Silero's iterator)."""

Eagerness: TypeAlias = Literal["low", "medium", "high", "auto"]

SEMANTIC_WAIT_MS: dict[str, int] = {
    "low": 8000,
    "medium": 4000,
    "high": 2000,
    "auto": 4000,
}
"""The longest wait of `semantic_vad` by eagerness (OpenAI's VAD guide).

Without an end-of-turn model every pause looks equally unfinished, so
`semantic_vad` waits as long as its eagerness allows.
"""

PAUSE_MS = 192
"""The silence that is a pause, and after which it is judged, once: six frames.

Smart Turn is made to be asked some 200 ms after speech has stopped (its authors'
advice); judged earlier, the fall of a voice would not be heard to its end.
"""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """The settings of one detector; the names are the API's own.

    Attributes:
        threshold: score, from 0 to 1, at which a frame counts as speech.
        prefix_padding_ms: audio kept from before the first speech frame.
        silence_duration_ms: silence after which the turn is over; the longest, if
            pauses are judged.
        eagerness: of `semantic_vad`, whose pauses are judged; None for `server_vad`.
    """

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    eagerness: Eagerness | None = None

    @property
    def release_threshold(self) -> float:
        """The score below which a frame counts as silence within a turn."""
        return max(self.threshold - RELEASE_MARGIN, RELEASE_FLOOR)


def semantic_settings(eagerness: Eagerness) -> TurnSettings:
    """Return the settings of `semantic_vad`: the defaults, and the longest wait."""
    return TurnSettings(
        silence_duration_ms=SEMANTIC_WAIT_MS[eagerness], eagerness=eagerness
    )


@dataclass(frozen=True, slots=True)
class TurnStart:
    """The caller began to speak.

    Attributes:
        audio_start_ms: where the turn's audio begins, prefix padding included.
        onset_ms: the start of the first speech frame.
    """

    audio_start_ms: int
    onset_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """The caller's turn was judged to be over.

    Attributes:
        audio_end_ms: the end of the frame that completed the silence.
        last_voiced_ms: the end of the last frame that counted as speech.
    """

    audio_end_ms: int
    last_voiced_ms: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence within a turn that may be its end.

    Attributes:
        audio_start_ms: where the turn's audio begins.
        silent_from_ms: where the silence began.
        at_ms: the end of the frame that made it long enough.
    """

    audio_start_ms: int
    silent_from_ms: int
    at_ms: int


class TurnDetector:
    """Turns one score after another into turn starts and ends.

    Positions are milliseconds of all audio so far; a score covers one frame.
    """

    def __init__(self, settings: TurnSettings) -> None:
        self.settings = settings
        self._position_ms = 0
        self._silent_from_ms: int | None = None
        self._speaking = False
        self._floor_ms = 0
        self._audio_start_ms = 0
        self._wait_ms: int | None = None  # what was answered for this pause
        self._pause_taken = False

    @property
    def speaking(self) -> bool:
        """Whether a turn has started and not yet ended."""
        return self._speaking

    @property
    def position_ms(self) -> int:
        """How much audio has been judged."""
        return self._position_ms

    @property
    def silent(self) -> bool:
        """Whether a turn has started and its speaker is silent."""
        return self._silent_from_ms is not None

    def reconfigure(self, settings: TurnSettings) -> None:
        """Judge by other settings from now on; a running turn goes on."""
        self.settings = settings
        self._forget_answer()

    def interrupt(self) -> None:
        """Forget a running turn: its audio was committed or cleared by hand."""
        self._speaking = False
        self._silent_from_ms = None
        self._floor_ms = self._position_ms
        self._forget_answer()

    def resume_at(self, position_ms: int) -> None:
        """Forget a running turn; the next frame starts at `position_ms`."""
        self._position_ms = position_ms
        self.interrupt()

    def skip(self) -> None:
        """Count a frame that nobody judges (turn detection is off)."""
        self._position_ms += FRAME_MS

    def feed(self, score: float) -> TurnStart | TurnEnd | None:
        """Judge the next frame; return the turn's start or end if it is one."""
        onset_ms = self._position_ms
        self._position_ms = onset_ms + FRAME_MS
        settings = self.settings
        if score >= settings.threshold:
            self._silent_from_ms = None
            self._forget_answer()
            return None if self._speaking else self._start(onset_ms)
        if not self._speaking:
            return None
        if self._silent_from_ms is None:
            if score >= settings.release_threshold:
                return None
            self._silent_from_ms = onset_ms
        return self._end_if_over()

    def take_pause(self) -> Pause | None:
        """Return the pause if it has just become one, once; None if not."""
        silent_from_ms = self._silent_from_ms
        if silent_from_ms is None:
            return None
        if self._pause_taken or self._lasted_ms(silent_from_ms) < PAUSE_MS:
            return None
        self._pause_taken = True
        return Pause(self._audio_start_ms, silent_from_ms, self._position_ms)

    def answer(self, wait_ms: int) -> TurnEnd | None:
        """Take what was judged of the pause; return the turn's end if it is over.

        Args:
            wait_ms: the silence after which this turn is over. The documented
                maximum stays the maximum.
        """
        self._wait_ms = min(wait_ms, self.settings.silence_duration_ms)
        return self._end_if_over()

    def _end_if_over(self) -> TurnEnd | None:
        silent_from_ms = self._silent_from_ms
        if silent_from_ms is None:
            return None
        wait_ms = self._wait_ms
        if wait_ms is None:
            wait_ms = self.settings.silence_duration_ms
        if self._lasted_ms(silent_from_ms) < wait_ms:
            return None
        end = TurnEnd(self._position_ms, silent_from_ms)
        self.interrupt()
        return end

    def _lasted_ms(self, silent_from_ms: int) -> int:
        """Return how long a silence has lasted, timed from its first frame's end."""
        return self._position_ms - FRAME_MS - silent_from_ms

    def _forget_answer(self) -> None:
        self._wait_ms = None
        self._pause_taken = False

    def _start(self, onset_ms: int) -> TurnStart:
        self._speaking = True
        start_ms = onset_ms - self.settings.prefix_padding_ms
        self._audio_start_ms = max(start_ms, self._floor_ms)
        return TurnStart(self._audio_start_ms, onset_ms)
