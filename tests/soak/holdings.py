"""What the server holds whenever nobody is there: it must not grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.support.server_process import ServerProcess

WARM_UP = 3
"""How many rounds fill caches; what is held after them counts."""


@dataclass
class Holdings:
    """Samples of one server's memory and open files, each taken while it is empty.

    Attributes:
        server: its process.
        rss_mb: its memory, MiB.
        open_files: its file descriptors.
    """

    server: ServerProcess
    rss_mb: list[float] = field(default_factory=list)
    open_files: list[int] = field(default_factory=list)

    def sample(self) -> None:
        """Take a sample."""
        self.rss_mb.append(round(self.server.rss_mb, 1))
        self.open_files.append(self.server.open_files)

    def summary(self, unit: float) -> dict[str, Any]:
        """Return the samples and the slope of the memory, MiB a unit.

        Args:
            unit: how many rounds what the slope refers to takes.
        """
        counted = self.rss_mb[WARM_UP:]
        slope = np.polyfit(np.arange(len(counted)), counted, 1)[0]
        return {
            "rss_mb": self.rss_mb,
            "rss_slope_mb": round(float(slope) * unit, 2),
            "rss_growth_mb": round(counted[-1] - counted[0], 1),
            "open_files": self.open_files,
        }

    @property
    def files_are_flat(self) -> bool:
        """Whether no more files are open than in the beginning."""
        return self.open_files[-1] <= self.open_files[0]
