"""What is assumed and what is uncertain in labels made by machine."""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.errors import MissingPartError
from voicelab.labelling.channel import Channel
from voicelab.labelling.parties import UNKNOWN, Parties
from voicelab.labelling.turns import overlap_ms

_SUSPECT_OVERLAP = 0.7
"""Of the shorter party's speech: people in a call do not talk at once that much."""


_MIXED = (
    "one channel does not tell who speaks: the speaker of each turn is unknown; if "
    "only one party is on it, say so with --speaker caller=0"
)
_ASSUMED = (
    "channel 0 is taken for the caller and channel 1 for the agent; if it is the other "
    "way round, say so with --speaker caller=1"
)


def notes_on(
    parties: Parties, channels: Sequence[Channel], missing: MissingPartError | None
) -> tuple[str, ...]:
    """Return what a user should know, one clause each.

    Args:
        parties: who is heard where.
        channels: what was found.
        missing: why nobody listened to the words, if that was not asked for.
    """
    notes = _on_speakers(parties, channels)
    if missing is not None:
        notes.append(f"there are no words: {missing}")
    return (*notes, *_on_turns(channels), *_on_words(channels))


def _on_speakers(parties: Parties, channels: Sequence[Channel]) -> list[str]:
    if UNKNOWN in parties.channels:
        return [_MIXED]
    notes = []
    if parties.is_assumed:
        notes.append(_ASSUMED)
    notes += [
        f"nobody speaks on channel {parties.channels[channel.speaker]}, the "
        f"{channel.speaker}'s"
        for channel in channels
        if not channel.stretches
    ]
    return notes + _on_crosstalk(channels)


def _on_crosstalk(channels: Sequence[Channel]) -> list[str]:
    if any(not channel.stretches for channel in channels) or len(channels) == 1:
        return []
    one, other = (channel.stretches for channel in channels)
    least_ms = min(sum(s.end_ms - s.start_ms for s in each) for each in (one, other))
    share = overlap_ms(one, other) / least_ms
    if share < _SUSPECT_OVERLAP:
        return []
    often = f"for {share:.0%} of the time in which one speaks, the other does, too"
    return [f"{often}: each channel may hold both parties"]


def _on_turns(channels: Sequence[Channel]) -> list[str]:
    kinds = [turn.kind for channel in channels for turn in channel.turns]
    tokens = kinds.count("backchannel")
    if not tokens:
        return []
    taken = (
        "is taken for a backchannel" if tokens == 1 else "are taken for backchannels"
    )
    return [f"{_counted(tokens, 'short turn')} during the other's turn {taken}"]


def _on_words(channels: Sequence[Channel]) -> list[str]:
    spoken = [channel.spoken for channel in channels if channel.spoken is not None]
    silent = sum(not text for each in spoken for text in each.texts)
    astray = sum(each.astray for each in spoken)
    notes = []
    if silent:
        notes.append(
            f"no word was recognised in {_counted(silent, 'turn')}: it may be noise"
        )
    if astray:
        notes.append(f"{_counted(astray, 'word')} outside every turn left out")
    return notes


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
