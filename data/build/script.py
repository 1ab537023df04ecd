"""The script of a conversation: who says what, and how each turn meets the last.

A script is a YAML file. Its turns are read in order; every turn states its relation
to the floor turn before it in exactly one of these ways:

* `gap_ms`: starts so long after that turn ends; negative = a small overlap;
* `barge_in_ms`: starts so long after that turn *began*, and cuts it short
  `stops_after_ms` later;
* `backchannel_ms`: starts so long after that turn began and lets it go on; no bid
  for the floor.

`<900>` inside a text is a pause of 900 ms at that place.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

Speaker = Literal["caller", "agent"]
PAUSE = re.compile(r"<(\d+)>")


class Voice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The voice of one party: a Kokoro voice, or `human` for recorded clips."""

    voice: str
    sex: Literal["female", "male"]
    speed: Annotated[float, msgspec.Meta(ge=0.5, le=1.5)] = 1.0


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Background noise on the caller's channel, as a ratio to the caller's speech."""

    kind: Literal["cafe"]
    snr_db: Annotated[float, msgspec.Meta(ge=0, le=40)]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One turn of a script, as written.

    Attributes:
        caller: what the caller says; one of the two is given.
        agent: what the agent says.
        gap_ms: relation to the turn before, as are the next two; see the module.
        barge_in_ms: as above.
        stops_after_ms: how long after a barge-in the other party falls silent.
        backchannel_ms: as above.
        clip: the human recording that is heard instead of a synthetic voice.
        apart: also write the whole turn, with its words, as files of its own.
        speed: the speaking rate, if other than the voice's.
        tags: what the turn shows beyond what can be found out.
    """

    caller: str | None = None
    agent: str | None = None
    gap_ms: float | None = None
    barge_in_ms: float | None = None
    stops_after_ms: Annotated[float, msgspec.Meta(ge=100, le=1500)] = 450.0
    backchannel_ms: float | None = None
    clip: str | None = None
    apart: bool = False
    speed: Annotated[float, msgspec.Meta(ge=0.5, le=1.5)] | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.caller is None) == (self.agent is None):
            raise ValueError("a turn has either `caller` or `agent`")
        relations = (self.gap_ms, self.barge_in_ms, self.backchannel_ms)
        if sum(relation is not None for relation in relations) != 1:
            raise ValueError("say one of gap_ms, barge_in_ms, backchannel_ms")

    @property
    def speaker(self) -> Speaker:
        """Who speaks."""
        return "agent" if self.caller is None else "caller"

    @property
    def script_text(self) -> str:
        """The text with its pause marks."""
        return self.agent or self.caller or ""

    @property
    def text(self) -> str:
        """The text without pause marks."""
        return " ".join(PAUSE.sub(" ", self.script_text).split())

    @property
    def words(self) -> list[str]:
        """The words as written, punctuation attached."""
        return self.text.split()

    @property
    def pauses_ms(self) -> dict[int, float]:
        """Pause lengths by the index of the word that they follow."""
        pauses: dict[int, float] = {}
        spoken = 0
        for token in PAUSE.sub(r" <\1> ", self.script_text).split():
            mark = PAUSE.fullmatch(token)
            if mark is None:
                spoken += 1
            else:
                pauses[spoken - 1] = float(mark[1])
        return pauses


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One conversation: two voices, the scene, the turns.

    Attributes:
        description: one sentence on what it shows.
        caller: the caller's voice.
        agent: the agent's voice.
        turns: in order of their script; see the module.
        seed: seed of the background sounds.
        lead_in_ms: quiet before the first turn.
        tail_ms: quiet after the last.
        noise: background noise on the caller's channel, beside the room tone.
        tags: what every turn of it shows.
    """

    description: str
    caller: Voice
    agent: Voice
    turns: tuple[Line, ...]
    seed: int
    lead_in_ms: float = 700.0
    tail_ms: float = 800.0
    noise: Noise | None = None
    tags: tuple[str, ...] = ()


def load_script(path: Path) -> Script:
    """Return the script in a YAML file.

    Raises:
        msgspec.ValidationError: a key is unknown, missing or out of range.
    """
    return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Script)
