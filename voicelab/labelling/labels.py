"""What labelling a recording gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from voicelab.labelling.saving import save_labels
from voicelab.scenario.label_model import Labels

if TYPE_CHECKING:
    import pandas as pd

NO_RECOGNISER = "none"
"""Names that there shall be no words."""


class LabelledTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn that was found.

    Attributes:
        speaker: `caller`, `agent` or `unknown`.
        kind: `turn`, or `backchannel` for what is taken for one.
        start_ms: speech onset.
        end_ms: speech offset.
        spoken_words: how many words were recognised.
        text: they, in one line.
    """

    speaker: str
    kind: str
    start_ms: float
    end_ms: float
    spoken_words: int
    text: str


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels of a recording, made by machine.

    Attributes:
        labels: the labels.
        notes: what is assumed or uncertain, one clause each.
        recording: the recording.
        duration_ms: how long it is.
        recogniser: whose the words are; `none` if there are none.
        vad: whose the turns are.
    """

    labels: Labels
    notes: tuple[str, ...]
    recording: Path
    duration_ms: float
    recogniser: str
    vad: str

    @property
    def summary(self) -> str:
        """What was found, in one line: `41.2 s, 12 turns (caller 6, agent 6)`."""
        speakers = [turn.speaker for turn in self.labels.turns]
        counts = ", ".join(f"{s} {speakers.count(s)}" for s in dict.fromkeys(speakers))
        turns = "1 turn" if len(speakers) == 1 else f"{len(speakers)} turns"
        found = f"{self.duration_ms / 1e3:.1f} s, {turns} ({counts})"
        if self.recogniser == NO_RECOGNISER:
            return found
        words = sum(row.spoken_words for row in self.rows)
        return f"{found}, {words} words by {self.recogniser}"

    @property
    def rows(self) -> list[LabelledTurn]:
        """The turns in order of time."""
        return [
            LabelledTurn(
                speaker=turn.speaker,
                kind=turn.kind,
                start_ms=turn.start_ms,
                end_ms=turn.end_ms,
                spoken_words=len(turn.text.split()),
                text=turn.text,
            )
            for turn in self.labels.turns
        ]

    @property
    def turns(self) -> pd.DataFrame:
        """The turns in order of time; columns are those of `LabelledTurn`."""
        from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

        return table(self.rows, LabelledTurn)

    def save(self, file: Path | str | None = None, *, force: bool = False) -> Path:
        """Write the label file, whole or not at all.

        Args:
            file: where; left out, beside the recording, as `.json`.
            force: whether a file that is there may be replaced.

        Returns:
            The file.

        Raises:
            InputError: there is a file, or it cannot be written.
        """
        target = label_file_of(self.recording) if file is None else Path(file)
        return save_labels(self.labels, target, force=force)


def label_file_of(recording: Path | str) -> Path:
    """Return where the labels of a recording go unless told: beside it."""
    return Path(recording).with_suffix(".json")
