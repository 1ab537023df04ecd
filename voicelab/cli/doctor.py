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

from voicelab.errors import VoicelabError
from voicelab.paths import data_dir

DISTRIBUTION = "voicelab-realtime"
EXTRAS = ("bridges", "notebooks")
"""Parts of voicelab that do without their packages until they are used."""

Status = Literal["ok", "optional", "failed"]

_REQUIREMENT = re.compile(r"([\w.-]+)>=([\d.]+)(?:; extra == [\"'](\w+)[\"'])?")


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
        _checked("bundled data", _data),
        _checked("cache folder", _cache),
    ]


def packages() -> Iterator[Finding]:
    """Yield what voicelab and the packages that it asks for are installed as."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Finding(DISTRIBUTION, "failed", "not installed", "pip install -e .")
        return
    yield Finding(DISTRIBUTION, "ok", metadata.version(DISTRIBUTION))
    for requirement in wanted:
        match = _REQUIREMENT.fullmatch(requirement)
        if match and match[3] in (None, *EXTRAS):
            yield package(*match.groups())


def package(name: str, least: str, extra: str | None = None) -> Finding:
    """Return what is installed of one package.

    Args:
        name: its distribution.
        least: the oldest version that will do.
        extra: the extra that asks for it; None if voicelab always does.
    """
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        problem = "not installed"
    else:
        if _release(version) >= _release(least):
            return Finding(name, "ok", version)
        problem = f"{version} is older than {least}"
    if extra is None:
        return Finding(name, "failed", problem, f"pip install '{name}>={least}'")
    return Finding(name, "optional", problem, f"pip install '{DISTRIBUTION}[{extra}]'")


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
