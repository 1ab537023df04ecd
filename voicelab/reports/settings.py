"""In which settings runs differ: what a reader of many runs compares by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voicelab.result import Run

MAX_SETTINGS = 4
"""More columns would hide what was measured; each run's own section has the rest."""

_NOT_SETTINGS = frozenset({"name", "voicelab"})


def differing_settings(
    runs: Sequence[Run],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the settings in which runs of one scenario differ.

    Returns:
        The dotted paths of at most `MAX_SETTINGS` of them, and for each run what they
        are set to, in words; both empty if the runs are of different scenarios.
    """
    if len({run.name for run in runs}) > 1:
        return (), [() for _ in runs]
    flat = [dict(_flat(run.manifest.get("scenario") or {})) for run in runs]
    paths = list(dict.fromkeys(path for each in flat for path in each))
    differing = tuple(
        path for path in paths if len({each.get(path, "") for each in flat}) > 1
    )[:MAX_SETTINGS]
    return differing, [tuple(each.get(path, "") for path in differing) for each in flat]


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        elif path not in _NOT_SETTINGS:
            yield path, str(value)
