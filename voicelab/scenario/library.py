"""The scenarios that come with voicelab, by name.

One lies beside the others for each bundled conversation. Those in folders show one
thing each: what a known bug does (`bugs`), what an effect on the way does
(`channel`), what a comparison runs (`studies`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from voicelab.document import close_names
from voicelab.errors import ScenarioError
from voicelab.paths import data_dir, is_path


def scenario_names() -> list[str]:
    """Return the names of the bundled conversations' scenarios, sorted.

    Raises:
        InputError: the bundled data is missing.
    """
    return sorted(file.stem for file in _conversations())


def case_names() -> list[str]:
    """Return the names of the bundled scenarios that show one thing each, sorted.

    Raises:
        InputError: the bundled data is missing.
    """
    return sorted(file.stem for file in _cases())


def find_scenario(name_or_path: Path | str) -> Path:
    """Return the file of a scenario.

    Args:
        name_or_path: a file that exists, or the name of a bundled scenario.

    Raises:
        ScenarioError: it is neither; the error lists close names.
        InputError: the bundled data is missing.
    """
    file = Path(name_or_path)
    if file.is_file():
        return file
    name = str(name_or_path)
    if not is_path(name):
        bundled = {file.stem: file for file in (*_cases(), *_conversations())}
        if name in bundled:
            return bundled[name]
    if file.is_dir():
        raise ScenarioError("this is a folder, not a scenario file", file=file)
    if is_path(name):
        raise ScenarioError("there is no such scenario file", file=file)
    raise _unknown(name)


def _conversations() -> Iterator[Path]:
    return (data_dir() / "scenarios").glob("*.yaml")


def _cases() -> Iterator[Path]:
    return (data_dir() / "scenarios").glob("*/*.yaml")


def _unknown(name: str) -> ScenarioError:
    known = [*scenario_names(), *case_names()]
    fix = close_names(name, known) or f"known: {', '.join(known) or 'none'}"
    return ScenarioError(f"there is no scenario file or name {name!r}", fix=fix)
