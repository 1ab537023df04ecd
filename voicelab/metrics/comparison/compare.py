"""Compares two runs of one scenario.

What makes two runs runs of one scenario is the caller: who speaks, from which
recording and labels, at whose will, over which codec. All else may differ (the
clock, the agent, the network, the session, the client, the seed) and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from voicelab.errors import InputError
from voicelab.metrics.comparison.alignment import align
from voicelab.metrics.comparison.moments import take_apart
from voicelab.metrics.comparison.order import order_differences, unmatched
from voicelab.metrics.comparison.result import Comparison, Setting
from voicelab.metrics.comparison.values import value_differences
from voicelab.record.log_reader import Log

_CALLER = ("caller.", "channel.codec")
_OF_THE_RUN = ("clock", "partial")
"""What a manifest says beside the scenario that makes two runs differ."""


class Recorded(Protocol):
    """A run: what it was made of, and its event log."""

    @property
    def manifest(self) -> dict[str, Any]:
        """What manifest.json holds."""
        ...

    @property
    def log(self) -> Log:
        """The event log."""
        ...


def compare_runs(a: Recorded | Log, b: Recorded | Log) -> Comparison:
    """Compare two runs of a scenario event by event, as the client saw them.

    The server's own lane joins in if both runs have it.

    Args:
        a: the first run, from which differences are counted; a bare log is taken
            to be of the same scenario.
        b: the second.

    Raises:
        InputError: the runs are of different callers; says what differs.
        RunFormatError: a log is broken.
    """
    setup: list[Setting] = []
    if not isinstance(a, Log) and not isinstance(b, Log):
        setup = list(_settings(a.manifest, b.manifest))
        _refuse_other_callers(setup, a.manifest, b.manifest)
    log_a, log_b = (run if isinstance(run, Log) else run.log for run in (a, b))
    server = log_a.has_server and log_b.has_server
    parts_a, parts_b = (take_apart(log, server=server) for log in (log_a, log_b))
    alignment = align(parts_a, parts_b)
    return Comparison(
        pairs=alignment.pairs,
        frames_ns=alignment.frames_ns,
        out_of_order=order_differences(alignment),
        missing=unmatched(alignment),
        differing=value_differences(parts_a, parts_b, alignment),
        setup=setup,
        has_server=server,
    )


def _settings(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield what the manifests say differently about the set-up."""
    flat_a, flat_b = (
        {key: run[key] for key in _OF_THE_RUN if key in run}
        | dict(_flat(_scenario(run), ""))
        for run in (a, b)
    )
    for path in dict.fromkeys([*flat_a, *flat_b]):
        if flat_a.get(path) != flat_b.get(path):
            yield Setting(path=path, a=_json(flat_a, path), b=_json(flat_b, path))


def _scenario(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's scenario; a recorded call has none."""
    return run.get("scenario") or {}


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for key, inner in value.items():
        yield from _flat(inner, f"{path}.{key}" if path else str(key))


def _json(flat: Mapping[str, Any], path: str) -> str | None:
    return msgspec.json.encode(flat[path]).decode() if path in flat else None


def _refuse_other_callers(
    setup: list[Setting], a: Mapping[str, Any], b: Mapping[str, Any]
) -> None:
    for setting in setup:
        if setting.path.startswith(_CALLER):
            raise _other(
                f"{setting.path} is {setting.a or 'nothing'} in one and "
                f"{setting.b or 'nothing'} in the other"
            )
    for kind in ("audio", "labels"):
        name = _scenario(a).get("caller", {}).get(kind)
        hashes = [run.get("inputs", {}).get(name) for run in (a, b)]
        if name is not None and hashes[0] != hashes[1]:
            raise _other(f"{name} is not the same file in both")


def _other(what: str) -> InputError:
    return InputError(
        f"these are runs of different callers: {what}",
        fix="compare two runs of one scenario",
    )
