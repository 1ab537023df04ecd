"""Is everything here that voicelab needs? What would add the rest?"""

from __future__ import annotations

import platform
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Literal

import typer

from voicelab.cli.optional_parts import OPTIONAL_PARTS, OptionalPart
from voicelab.errors import VoicelabError
from voicelab.paths import data_dir

DISTRIBUTION = "voicelab-realtime"
Status = Literal["ok", "optional", "failed"]

_REQUIREMENT = re.compile(r"([\w.-]+)(>=|==)([\d.]+)(?:; extra == [\"']([\w-]+)[\"'])?")
_SHOWN_PACKAGES = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what.
        status: `ok`; `optional` if it is missing but only some parts need it;
            `failed` if voicelab does not work without.
        detail: the version, the place, or what is wrong.
        fix: the command or the step that puts it right; empty if it is right.
    """

    name: str
    status: Status
    detail: str
    fix: str = ""

    @property
    def failed(self) -> bool:
        """Whether voicelab does not work like this."""
        return self.status == "failed"


def examine() -> list[Finding]:
    """Look at Python, packages, models, bundled data and the cache folder."""
    return [
        Finding("python", "ok", f"{platform.python_version()} on {platform.system()}"),
        *packages(),
        _checked("silero vad model", _model),
        _checked("end-of-turn model", _end_of_turn),
        _checked("bundled data", _data),
        _checked("cache folder", _cache),
        *(optional_part(part) for part in OPTIONAL_PARTS),
    ]


def packages() -> Iterator[Finding]:
    """Yield what voicelab and the packages that it cannot do without are here as."""
    try:
        version = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        yield Finding(DISTRIBUTION, "failed", "not installed", "pip install -e .")
        return
    yield Finding(DISTRIBUTION, "ok", version)
    for match in _requirements():
        if match[4] is None:
            yield package(match[1], match[3])


def _requirements() -> list[re.Match[str]]:
    """Return what voicelab asks for, as `_REQUIREMENT` reads it."""
    wanted = metadata.requires(DISTRIBUTION) or []
    matches = (_REQUIREMENT.fullmatch(requirement) for requirement in wanted)
    return [match for match in matches if match]


def package(name: str, least: str) -> Finding:
    """Return what is installed of a package that voicelab cannot do without.

    Args:
        name: its distribution.
        least: the oldest version that will do.
    """
    problem, version = _look(name, ">=", least)
    if problem:
        return Finding(name, "failed", problem, f"pip install '{name}>={least}'")
    return Finding(name, "ok", version)


def optional_part(part: OptionalPart) -> Finding:
    """Return whether a part is there; if not, what it would add, and the command."""
    wanted = _wanted(part.extra)
    found = {
        name: _look(name, *wanted.get(name, (">=", "0"))) for name in part.packages
    }
    problems = [f"{name} {problem}" for name, (problem, _) in found.items() if problem]
    if problems:
        detail = f"{problems[0]}; it would add {part.adds}"
        return Finding(part.name, "optional", detail, _install(part.extra))
    here = [f"{name} {version}" for name, (_, version) in found.items()]
    more = here[_SHOWN_PACKAGES:]
    shown = [*here[:_SHOWN_PACKAGES], *([f"{len(more)} more"] if more else [])]
    return Finding(part.name, "ok", ", ".join(shown))


def _wanted(extra: str) -> dict[str, tuple[str, str]]:
    """Return the versions that an extra asks for: a sign and a number by package."""
    try:
        requirements = _requirements()
    except metadata.PackageNotFoundError:
        return {}
    return {
        match[1]: (match[2], match[3]) for match in requirements if match[4] == extra
    }


def _install(extra: str) -> str:
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def _look(name: str, sign: str, wanted: str) -> tuple[str, str]:
    """Return what is wrong with a package, empty if nothing is, and its version."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed", ""
    if sign == "==" and _release(version) != _release(wanted):
        return f"{version} is not {wanted}", version
    if _release(version) < _release(wanted):
        return f"{version} is older than {wanted}", version
    return "", version


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with."""
    begins = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in begins[0].split(".")) if begins else ()


def _checked(name: str, look: Callable[[], str]) -> Finding:
    """Return what a look found; an error is a finding too."""
    try:
        return Finding(name, "ok", look())
    except VoicelabError as error:
        fix = getattr(error, "fix", None) or ""
        problem = getattr(error, "problem", str(error))
        return Finding(name, "failed", problem, fix)


def _model() -> str:
    from voicelab.speech.silero_weights import (  # noqa: PLC0415 -- slow
        SILERO_SHA256,
        silero_model_bytes,
        silero_model_path,
    )

    silero_model_bytes()  # checks the hash
    return f"sha256 {SILERO_SHA256[:12]}, {silero_model_path()}"


def _end_of_turn() -> str:
    from voicelab.speech.end_of_turn.smart_turn import (  # noqa: PLC0415 -- slow
        SMART_TURN_SHA256,
        SmartTurn,
    )

    model = SmartTurn()
    model.weights()  # checks the hash
    return f"sha256 {SMART_TURN_SHA256[:12]}, {model.file}"


def _data() -> str:
    folder = data_dir()
    counts = ", ".join(
        f"{len(list((folder / kind).rglob(pattern)))} {kind}"
        for kind, pattern in (
            ("conversations", "*[!0-9].json"),
            ("scenarios", "*.yaml"),
            ("profiles", "*.yaml"),
        )
    )
    return f"{counts} in {folder}"


def _cache() -> str:
    from voicelab.speech import cache_folder  # noqa: PLC0415 -- slow

    folder = cache_folder()
    if folder is None:
        return "off: every run scores its audio anew"
    # A cache that cannot be written only costs time, so this never fails.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return f"not writable ({error.strerror}), so nothing is kept: {folder}"
    return str(folder)


def print_findings(findings: list[Finding], *, as_json: bool) -> None:
    """Print findings, for people or as JSON, to the standard output."""
    if as_json:
        from voicelab.cli.tables import print_json  # noqa: PLC0415 -- slow

        print_json([asdict(finding) for finding in findings])
        return
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        detail = f"{finding.detail}; {finding.fix}" if finding.fix else finding.detail
        typer.echo(f"{finding.name:{width}}  {finding.status:8}  {detail}")
