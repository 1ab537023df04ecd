"""What the caller really did: the truth that a run knows by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    A conversation that broke off ends the turn that was under way: what was begun of
    it counts.

    Raises:
        RunFormatError: a turn before the last one has no end.
    """
    ends = {event.data["turn"]: event.t_ns for event in log.of("user", "turn.end")}
    starts = log.of("user", "turn.start")
    endless = [event for event in starts if event.data["turn"] not in ends]
    if endless and endless[0] is not starts[-1]:
        raise RunFormatError(
            f"the caller's turn {endless[0].data['turn']} begins and never ends",
            file="events.jsonl",
            fix="run the scenario again: the log is damaged",
        )
    turns = [_turn(event, ends.get(event.data["turn"], log.end_ns)) for event in starts]
    return [*turns[:-1], _begun(turns[-1])] if endless else turns


def _begun(turn: CallerTurn) -> CallerTurn:
    """Return what was begun of a turn before its end."""
    words = tuple(
        replace(word, end_ns=min(word.end_ns, turn.end_ns))
        for word in turn.words
        if word.start_ns < turn.end_ns
    )
    text = " ".join(word.text for word in words) if turn.words else turn.text
    return replace(turn, words=words, text=text)


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
