"""The page as a whole: one file, nothing fetched, nothing run but its own program."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources

from voicelab.reports.index import index
from voicelab.reports.markup import Markup, element
from voicelab.reports.run_section import run_section
from voicelab.reports.sound import Sound
from voicelab.result import Run

_DOCTYPE = "<!doctype html>\n"


def page(runs: Sequence[Run], *, sound: Sound) -> Iterator[str]:
    """Yield the page of some runs as HTML, piece by piece.

    A run is some megabytes, and no more than one of them is held at a time. The page
    may load nothing, and run no other program than its own: the hash of that stands
    in its content security policy.

    Args:
        runs: at least one.
        sound: how recordings are kept.

    Raises:
        RunFormatError: a run's log or audio is damaged.
        InputError: the sound cannot be written in that format.
    """
    style, program = _asset("report.css"), _asset("report.js")
    title = f"voicelab: {runs[0].name}" if len(runs) == 1 else f"{len(runs)} runs"
    yield f'{_DOCTYPE}<html lang="en">{_head(title, style, program)}\n<body>'
    yield element("a", "Skip to the runs", href="#run-1", class_="skip")
    yield element("h1", title)
    yield index(runs)
    yield "<main>"
    for number, run in enumerate(runs, start=1):
        yield run_section(run, number, sound=sound, is_only=len(runs) == 1)
    yield f"</main>{element('script', program)}</body></html>\n"


def _head(title: str, style: Markup, program: Markup) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content=_policy(style, program),
        ),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("style", style),
    )


def _asset(name: str) -> Markup:
    """Return a file of ours as it goes into the page."""
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return Markup(text)


def _policy(style: str, program: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(program)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "media-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
