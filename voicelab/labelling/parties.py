"""Who is heard on which channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicelab.errors import LabelError
from voicelab.scenario.label_model import SpeakerName

PARTIES: tuple[SpeakerName, SpeakerName] = ("caller", "agent")
UNKNOWN: SpeakerName = "unknown"

_STEREO = 2


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is heard where, and whether that was said or is assumed.

    Attributes:
        channels: the channel of each speaker; of `unknown`, if both are on one.
        is_assumed: nobody said so.
    """

    channels: dict[SpeakerName, int]
    is_assumed: bool


def parties_of(told: Mapping[str, int], channels: int, file: Path) -> Parties:
    """Return who is heard on which channel of a recording.

    Of two channels the first is the caller's unless told; of one channel nobody
    knows. Who is told of one party on two channels knows of the other.

    Args:
        told: the channels of the parties, as far as they are told.
        channels: how many the recording has.
        file: the recording, for messages.

    Raises:
        LabelError: there is no such party or channel, both parties are told to be
            on the same one, or too little is told.
    """
    _check(told, channels, file)
    if told and channels == _STEREO:
        (known, channel), *_ = told.items()
        other = PARTIES[1 - PARTIES.index(known)]
        both = {known: channel, other: 1 - channel, **told}
        return Parties({party: both[party] for party in PARTIES}, is_assumed=False)
    if told:
        ordered = {party: told[party] for party in PARTIES if party in told}
        return Parties(ordered, is_assumed=False)
    if channels == 1:
        return Parties({UNKNOWN: 0}, is_assumed=True)
    if channels == _STEREO:
        return Parties({"caller": 0, "agent": 1}, is_assumed=True)
    raise LabelError(
        f"has {channels} channels, and nobody said who is on which",
        file=file,
        fix="say --speaker caller=0 --speaker agent=1",
    )


def _check(told: Mapping[str, int], channels: int, file: Path) -> None:
    for party, channel in told.items():
        if party not in PARTIES:
            raise LabelError(
                f"there is no speaker {party!r}", fix=f"say {' or '.join(PARTIES)}"
            )
        if not 0 <= channel < channels:
            raise LabelError(
                f"has no channel {channel} for the {party} ({channels} in all, "
                "counted from 0)",
                file=file,
                fix="name a channel that is there",
            )
    if len(set(told.values())) < len(told):
        raise LabelError(
            "the two speakers cannot be told apart on one channel",
            file=file,
            fix="name one of them, or none: then the speaker of each turn is unknown",
        )
