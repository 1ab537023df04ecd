"""What runs measured before, kept in one small file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from voicelab.budgets.measured import RunMeasures, by_name_and_seed
from voicelab.errors import BudgetError
from voicelab.record.folder import SCHEMA_VERSION
from voicelab.record.whole_file import write_whole

FORMAT_VERSION = 1
"""The version of the baseline file."""

_AGAIN = "make it again with voicelab check RUNS --save-baseline FILE"


class _Version(Struct, frozen=True):
    voicelab_baseline: int | None = None
    schema_version: int | None = None


class Baseline(Struct, frozen=True, kw_only=True):
    """What runs measured before.

    Attributes:
        voicelab_baseline: the version of this format.
        schema_version: the version of the run folders that were measured.
        runs: the runs, sorted by name, seed and id.
    """

    voicelab_baseline: int = FORMAT_VERSION
    schema_version: int = SCHEMA_VERSION
    runs: tuple[RunMeasures, ...]


def baseline_of(runs: Iterable[RunMeasures]) -> Baseline:
    """Return the baseline that runs make.

    Raises:
        BudgetError: there is no run.
    """
    listed = sorted(runs, key=by_name_and_seed)
    if not listed:
        raise BudgetError("a baseline is made of runs, and there is none")
    return Baseline(runs=tuple(listed))


def save_baseline(file: Path | str, baseline: Baseline) -> Path:
    """Write a baseline: whole, or not at all.

    Raises:
        BudgetError: it cannot be written.
    """
    target = Path(file)
    text = msgspec.json.format(msgspec.json.encode(baseline), indent=1) + b"\n"
    try:
        write_whole(target, lambda file: file.write_bytes(text))
    except OSError as error:
        raise BudgetError(
            f"the baseline cannot be written ({error.strerror})", file=target
        ) from error
    return target


def load_baseline(file: Path | str) -> Baseline:
    """Read a baseline.

    Raises:
        BudgetError: it cannot be read, is no baseline, holds no run, or is of another
            version.
    """
    path = Path(file)
    try:
        text = path.read_bytes()
        _check_version(msgspec.json.decode(text, type=_Version), path)
        baseline = msgspec.json.decode(text, type=Baseline)
    except OSError as error:
        raise BudgetError(
            f"the baseline cannot be read ({error.strerror})", file=path
        ) from error
    except msgspec.MsgspecError as error:
        raise BudgetError(f"is no baseline ({error})", file=path, fix=_AGAIN) from error
    if not baseline.runs:
        raise BudgetError("this baseline holds no run", file=path, fix=_AGAIN)
    return baseline


def _check_version(told: _Version, file: Path) -> None:
    wanted = {
        "voicelab_baseline": FORMAT_VERSION,
        "schema_version": SCHEMA_VERSION,
    }
    for key, version in wanted.items():
        found = getattr(told, key)
        if found is None:
            raise BudgetError(
                f"is no baseline: {key} is missing", file=file, fix=_AGAIN
            )
        if found != version:
            raise BudgetError(
                f"this baseline has {key} {found}, and this voicelab compares "
                f"version {version}",
                file=file,
                fix=_AGAIN,
            )
