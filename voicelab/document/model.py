"""Plain data with the place it came from: what files and settings become first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicelab.errors import InputError

_PLAIN_KEY = re.compile(r"[\w-]+")

FieldPath = tuple[str | int, ...]
"""Where a value stands: keys of mappings and indices of lists, outermost first."""


def dotted(path: FieldPath) -> str:
    """Return a path as it is written in messages: `agent.replies[0].text`.

    A key that would not read well like that is quoted: `expect['a b']`.
    """
    return "".join(map(_step, path)).removeprefix(".")


def _step(step: str | int) -> str:
    plain = isinstance(step, str) and _PLAIN_KEY.fullmatch(step)
    return f".{step}" if plain else f"[{step!r}]"


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data with the place it came from.

    Attributes:
        data: mappings, lists, text, finite numbers, booleans and None.
        error: the error that speaks of such a document.
        file: the file, if it came from one.
        lines: the line, counted from 1, of every value by its path; 0 for one that
            was put in afterwards.
    """

    data: Any
    error: type[InputError]
    file: Path | None = None
    lines: Mapping[FieldPath, int] = field(default_factory=dict)

    def line(self, path: FieldPath) -> int | None:
        """Return the line of a value, or of the nearest thing that holds it."""
        for length in range(len(path), -1, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return line or None
        return None

    def fault(
        self, path: FieldPath, problem: str, fix: str | None = None
    ) -> InputError:
        """Return the error that says what is wrong at `path`, ready to raise."""
        return self.error(
            problem,
            file=self.file,
            line=self.line(path),
            path=dotted(path) or None,
            fix=fix,
        )
