"""Has a turn heard when its speaker pauses, so that its words are there at its end."""

from __future__ import annotations

from voicelab.session.input_buffer import InputAudioBuffer
from voicelab.session.reply import CallerAudio, EarlyHearing
from voicelab.session.semantic_listening import TurnUnderWay
from voicelab.session.turn_detection import Pause


class Foresight:
    """Has each pause's turn so far heard, if anybody will want its words.

    Args:
        early: hears; None if nobody does.
        turn: the turn under way.
    """

    def __init__(self, early: EarlyHearing | None, turn: TurnUnderWay) -> None:
        self._early = early
        self._turn = turn
        self._is_open = False  # whether what was foreseen may still be dropped

    def look(self, pause: Pause, buffer: InputAudioBuffer, now_ns: int) -> None:
        """Have the turn heard up to a pause."""
        if self._early is None or not self._turn.wants_words:
            return
        start_ms, at_ms = pause.audio_start_ms, pause.at_ms
        audio = CallerAudio(
            self._turn.item_id or "",
            buffer.format,
            buffer.peek(start_ms, at_ms),
            start_ms,
            at_ms - start_ms,
            pause.silent_from_ms,
        )
        self._early.foresee(audio, now_ns)
        self._is_open = True

    def keep(self) -> None:
        """The turn is over: what follows is another's."""
        self._is_open = False

    def drop(self) -> None:
        """What follows the pause is no silence, or is no turn's business any more."""
        if self._is_open and self._early is not None:
            self._early.forget()
        self._is_open = False
