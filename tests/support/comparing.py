"""Pairs of small logs to compare, and a foreign server's account of a real run."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from tests.support.logs import LogBuilder
from voicelab.metrics.comparison import Comparison, compare_runs
from voicelab.record.log_reader import read_log

Line = dict[str, Any]

_ID = re.compile(r'"((?:item|resp|event|conv|sess|call)_[0-9a-f]+)"')


def compared(a: LogBuilder, b: LogBuilder) -> Comparison:
    """Return the comparison of two built logs."""
    return compare_runs(a.log(), b.log())


def with_other_ids(text: str, seed: int = 1) -> str:
    """Return a log's text with every id drawn anew, as another server would."""
    chance = random.Random(seed)
    names: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        old = match[1]
        new = f"{old.partition('_')[0]}_other{chance.getrandbits(64):016x}"
        return f'"{names.setdefault(old, new)}"'

    return _ID.sub(renamed, text)


def changed(raw: bytes, change: Callable[[list[Line]], list[Line]]) -> bytes:
    """Return a log with its lines changed, ordered by time and numbered again."""
    lines = change([json.loads(line) for line in raw.splitlines()])
    lines.sort(key=lambda line: line["t_ns"])
    for seq, line in enumerate(lines):
        line["seq"] = seq
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def log_of(raw: bytes) -> Any:
    """Return a log, read."""
    return read_log(raw)
