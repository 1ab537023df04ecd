"""What the caller really did: the truth that a run knows by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voicelab.errors import RunFormatError
from voicelab.record.log_reader import Event, Log
from voicelab.units import ms_to_ns


@dataclass(frozen=True, slots=True)
class HeldWord:
    """A word and when it was spoken.

    Attributes:
        text: the word.
        start_ns: its onset on the run's clock.
        end_ns: its offset.
    """

    text: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """One turn of the caller, or one backchannel.

    Attributes:
        index: its number in the recording, from 0.
        kind: `turn` or `backchannel`.
        text: what was said, if the labels tell.
        words: the words, if the labels tell.
        start_ns: speech onset.
        end_ns: speech offset.
    """

    index: int
    kind: str
    text: str
    words: tuple[HeldWord, ...]
    start_ns: int
    end_ns: int

    @property
    def is_turn(self) -> bool:
        """Whether it bids for the floor."""
        return self.kind == "turn"

    def speech_from(self, t_ns: int) -> int:
        """Return when speech of this turn is first heard at or after `t_ns`."""
        for word in self.words:
            if word.end_ns > t_ns:
                return max(word.start_ns, t_ns)
        return max(self.start_ns, t_ns)


def caller_turns(log: Log) -> list[CallerTurn]:
    """Return the caller's turns in the order in which they began.

    Raises:
        RunFormatError: a turn has no end.
    """
    ends = {event.data["turn"]: event.t_ns for event in log.of("user", "turn.end")}
    starts = log.of("user", "turn.start")
    endless = [event for event in starts if event.data["turn"] not in ends]
    if endless:
        raise RunFormatError(
            f"the caller's turn {endless[0].data['turn']} begins and never ends",
            file="events.jsonl",
            fix="run the scenario again: the log was cut short",
        )
    return [_turn(event, ends[event.data["turn"]]) for event in starts]


def _turn(event: Event, end_ns: int) -> CallerTurn:
    data = event.data
    return CallerTurn(
        index=data["turn"],
        kind=data.get("kind", "turn"),
        text=data.get("text", ""),
        words=_words(data.get("words", ()), event.t_ns),
        start_ns=event.t_ns,
        end_ns=end_ns,
    )


def _words(words: Sequence[Sequence[Any]], onset_ns: int) -> tuple[HeldWord, ...]:
    return tuple(
        HeldWord(text, onset_ns + ms_to_ns(start_ms), onset_ns + ms_to_ns(end_ms))
        for text, start_ms, end_ms in words
    )
