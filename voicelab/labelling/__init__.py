"""Labels for recordings that have none: turns by voice activity, words by ear."""

from __future__ import annotations

from voicelab.labelling.labels import (
    NO_RECOGNISER,
    LabelledTurn,
    Labelling,
    label_file_of,
)
from voicelab.labelling.recording import DEFAULT_RECOGNISER, label
from voicelab.labelling.saving import check_free, save_labels

__all__ = [
    "DEFAULT_RECOGNISER",
    "NO_RECOGNISER",
    "LabelledTurn",
    "Labelling",
    "check_free",
    "label",
    "label_file_of",
    "save_labels",
]
