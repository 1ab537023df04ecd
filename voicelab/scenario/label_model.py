"""Labels: who spoke when in a recorded conversation, word by word.

Times are milliseconds from the start of the recording and may be fractional. A
turn starts with the onset of its first word and ends with the offset of its last.
Turns of one speaker are sorted and do not overlap; those of different speakers may.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Instant = Annotated[float, Meta(ge=0)]

SpeakerName: TypeAlias = Literal["caller", "agent", "unknown"]
TurnKind: TypeAlias = Literal["turn", "backchannel"]


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """A spoken word.

    Attributes:
        text: the word as it is written, with its punctuation.
        start_ms: its onset.
        end_ms: its offset.
    """

    text: str
    start_ms: Instant
    end_ms: Instant


class Pause(Struct, frozen=True, forbid_unknown_fields=True):
    """A silence inside a turn.

    Attributes:
        start_ms: the offset of the word before it.
        end_ms: the onset of the word after it.
        kind: why it is there, such as `thinking`.
    """

    start_ms: Instant
    end_ms: Instant
    kind: str = ""


class WholeReply(Struct, frozen=True, forbid_unknown_fields=True):
    """All that an interrupted agent meant to say, as a recording of its own.

    Attributes:
        audio: the mono recording.
        text: what it says.
        words: the words with their times in that recording.
    """

    audio: Path
    text: str
    words: tuple[Word, ...] = ()


class LabelTurn(Struct, frozen=True, forbid_unknown_fields=True):
    """One party's holding of the floor, or a backchannel.

    Attributes:
        speaker: `caller`, `agent`, or `unknown` where nobody has said.
        start_ms: speech onset.
        end_ms: speech offset.
        kind: `turn`, or `backchannel` for a token that bids for no floor.
        text: what was said.
        words: the words with their times in the recording.
        pauses: the silences that are no end of turn.
        tags: what the turn shows, such as `barge_in` or `digits`.
        reply: on an agent turn that was cut short, the whole of it.
    """

    speaker: SpeakerName
    start_ms: Instant
    end_ms: Instant
    kind: TurnKind = "turn"
    text: str = ""
    words: tuple[Word, ...] = ()
    pauses: tuple[Pause, ...] = ()
    tags: tuple[str, ...] = ()
    reply: WholeReply | None = None


class Speaker(Struct, frozen=True):
    """Where a speaker is heard; a file may say more about them.

    Attributes:
        channel: the channel of the recording, from 0.
        voice: the voice or the reader.
        sex: as far as it is known.
    """

    channel: Annotated[int, Meta(ge=0)]
    voice: str = ""
    sex: str = ""


class Speakers(Struct, frozen=True, forbid_unknown_fields=True):
    """The two parties.

    Attributes:
        caller: who calls, as far as the file says.
        agent: who answers, as far as the file says.
    """

    caller: Speaker | None = None
    agent: Speaker | None = None


class Labels(Struct, frozen=True, kw_only=True):
    """The labels of one recording.

    Attributes:
        turns: the turns of both parties, in the order of the file.
        speakers: the parties with their channels.
        audio: the recording that is labelled, if the file says so.
        description: what the recording shows.
    """

    turns: tuple[LabelTurn, ...]
    speakers: Speakers = Speakers()
    audio: Path | None = None
    description: str = ""

    def caller_turns(self) -> tuple[LabelTurn, ...]:
        """Return the caller's turns, backchannels included, in time order."""
        return tuple(turn for turn in self.turns if turn.speaker == "caller")

    def agent_turns(self) -> tuple[LabelTurn, ...]:
        """Return the agent's turns, backchannels included, in time order."""
        return tuple(turn for turn in self.turns if turn.speaker == "agent")

    def unknown_turns(self) -> tuple[LabelTurn, ...]:
        """Return the turns of which nobody has said whose they are, in time order."""
        return tuple(turn for turn in self.turns if turn.speaker == "unknown")


class LabelFile(Labels, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A label file as it is written.

    Attributes:
        voicelab_labels: the version of the format.
    """

    voicelab_labels: Literal[1]
