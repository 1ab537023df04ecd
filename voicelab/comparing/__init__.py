"""The same conversations through several architectures, side by side."""

from __future__ import annotations

from voicelab.comparing.architectures import (
    ARCHITECTURES,
    Architecture,
    find_architecture,
)
from voicelab.comparing.comparison import (
    CONVERSATIONS,
    ArchitectureComparison,
    compare_architectures,
    compared,
    run_architectures,
)
from voicelab.comparing.rows import ArchitectureRow, architecture_row

__all__ = [
    "ARCHITECTURES",
    "CONVERSATIONS",
    "Architecture",
    "ArchitectureComparison",
    "ArchitectureRow",
    "architecture_row",
    "compare_architectures",
    "compared",
    "find_architecture",
    "run_architectures",
]
