"""Where each utterance lies in the conversation, and which ones are cut short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .script import Line, Speaker
from .utterance import Utterance, Word, faded, ms_to_samples

MIN_HEARD_MS = 80.0  # less of a word is a click, not a word
STOP_FADE_MS = 20.0


class TimelineError(ValueError):
    """A turn's relation to the turn before it cannot be met."""


@dataclass(frozen=True)
class Placed:
    """An utterance in its place.

    Attributes:
        line: the script's turn.
        start_samples: where the first word starts, in the conversation.
        heard: what is spoken in the recording.
        meant: what would have been spoken, had nobody barged in.
        tags: what the turn shows, found while placing it.
    """

    line: Line
    start_samples: int
    heard: Utterance
    meant: Utterance
    tags: tuple[str, ...] = ()

    @property
    def end_samples(self) -> int:
        """Where the last word ends, in the conversation."""
        return self.start_samples + self.heard.speech_samples

    @property
    def cut_short(self) -> bool:
        """Whether a barge-in stopped this turn."""
        return self.heard is not self.meant

    @property
    def speaker(self) -> Speaker:
        """Who speaks."""
        return self.line.speaker

    @property
    def kind(self) -> Literal["turn", "backchannel"]:
        """Whether the turn bids for the floor."""
        return "turn" if self.line.backchannel_ms is None else "backchannel"

    @property
    def origin_samples(self) -> int:
        """Where the utterance's sample 0 lies; it has a margin before its onset."""
        return self.start_samples - self.heard.onset_samples


def place(
    lines: Sequence[Line], utterances: Sequence[Utterance], lead_in_ms: float
) -> list[Placed]:
    """Return the utterances in their places, in order of their script.

    Raises:
        TimelineError: a barge-in or backchannel misses the turn it is meant for, or
            somebody would speak twice at once.
    """
    placed: list[Placed] = []
    floor: int | None = None  # index of the turn that holds the floor
    for line, utterance in zip(lines, utterances, strict=True):
        before = None if floor is None else placed[floor]
        start = _start(line, before, ms_to_samples(lead_in_ms))
        tags: tuple[str, ...] = ()
        if before is not None and floor is not None and start < before.end_samples:
            tags = ("overlap",) if line.gap_ms is not None else ()
            if line.barge_in_ms is not None:
                tags = ("barge_in",)
                stop = start + ms_to_samples(line.stops_after_ms)
                placed[floor] = _stopped(before, stop)
        now = Placed(line, start, utterance, utterance, tags)
        _check_alone(now, placed)
        if now.kind == "turn":
            floor = len(placed)
        placed.append(now)
    return placed


def _start(line: Line, before: Placed | None, lead_in_samples: int) -> int:
    if line.gap_ms is not None:
        floor_end = lead_in_samples if before is None else before.end_samples
        return floor_end + ms_to_samples(line.gap_ms)
    offset_ms = line.barge_in_ms if line.backchannel_ms is None else line.backchannel_ms
    if before is None or before.speaker == line.speaker or offset_ms is None:
        raise TimelineError(f"nobody else speaks before {line.text!r}")
    start = before.start_samples + ms_to_samples(offset_ms)
    if start >= before.end_samples:
        raise TimelineError(f"{before.line.text!r} has ended before {line.text!r}")
    return start


def _stopped(turn: Placed, stop_samples: int) -> Placed:
    if stop_samples >= turn.end_samples:
        raise TimelineError(f"{turn.line.text!r} ends before it is stopped")
    heard = _cut(turn.meant, stop_samples - turn.origin_samples)
    return replace(turn, heard=heard, tags=(*turn.tags, "cut_short"))


def _cut(said: Utterance, stop: int) -> Utterance:
    """Return the utterance stopped at sample `stop`, perhaps inside a word."""
    heard = [
        Word(word.text, word.start_samples, min(word.end_samples, stop))
        for word in said.words
        if stop - word.start_samples >= ms_to_samples(MIN_HEARD_MS)
    ]
    if not heard:
        raise TimelineError("a turn is stopped before its first word")
    samples = faded(said.samples[: heard[-1].end_samples], STOP_FADE_MS)
    pauses = tuple(p for p in said.pauses if p[1] <= heard[-1].start_samples)
    return Utterance(samples, tuple(heard), pauses)


def _check_alone(now: Placed, placed: Sequence[Placed]) -> None:
    for other in placed:
        if other.speaker == now.speaker and other.end_samples > now.start_samples:
            raise TimelineError(f"{now.speaker} speaks twice at {now.line.text!r}")
