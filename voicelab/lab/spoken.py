"""What the caller has said so far, and where in the stream: the lab's own truth."""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.lab.turns import CallerTurn
from voicelab.session.reply import ReplyRequest


class SpokenTurns:
    """The turns spoken so far, with their onset in the caller's stream."""

    def __init__(self) -> None:
        self._turns: list[tuple[float, CallerTurn]] = []

    def add(self, turn: CallerTurn, onset_ms: float) -> None:
        """Take note of a turn; onsets only grow."""
        self._turns.append((onset_ms, turn))

    def transcribe(self, start_ms: int, end_ms: int) -> str | None:
        """Return the words said in [start, end), by their midpoints.

        None if the recording came without words.
        """
        if not any(turn.words for _, turn in self._turns):
            return None
        said = [
            word.text
            for onset_ms, turn in self._turns
            for word in turn.words
            if start_ms <= onset_ms + (word.start_ms + word.end_ms) / 2 < end_ms
        ]
        return " ".join(said)

    def turn_at(self, ms: int) -> int | None:
        """Return the index of the last turn that began before `ms`."""
        begun = [turn.index for onset_ms, turn in self._turns if onset_ms < ms]
        return begun[-1] if begun else None


class RecordedOrder:
    """Picks the reply that followed, in the recording, what the caller said last.

    An agent that cuts in halfway and is then asked again gives the same reply
    again, as it would: it goes by the caller's turn, not by a count of responses.

    Args:
        spoken: what the caller has said.
        reply_after: the reply to each caller turn, None where none followed.
    """

    def __init__(self, spoken: SpokenTurns, reply_after: Sequence[int | None]) -> None:
        self._spoken = spoken
        self._reply_after = reply_after

    def __call__(self, request: ReplyRequest) -> int | None:
        """Return the index of the reply; None to say nothing."""
        if request.input_end_ms is None:
            return 0
        turn = self._spoken.turn_at(request.input_end_ms)
        return None if turn is None else self._reply_after[turn]
