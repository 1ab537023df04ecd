"""The page as a whole: one file, nothing fetched, nothing run but its own program."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from voicelab.reports.index import index
from voicelab.reports.markup import Markup, element, join
from voicelab.reports.run_section import all_sections
from voicelab.reports.sound import Sound
from voicelab.result import Run

_DOCTYPE = "<!doctype html>\n"


def page(runs: Sequence[Run], *, sound: Sound) -> str:
    """Return the page of some runs as HTML.

    It may load nothing, and run no other program than its own: the hash of that
    stands in its content security policy.

    Args:
        runs: at least one.
        sound: how recordings are kept.

    Raises:
        RunFormatError: a run's log or audio is damaged.
        InputError: the sound cannot be written in that format.
    """
    style, program = _asset("report.css"), _asset("report.js")
    title = f"voicelab: {runs[0].name}" if len(runs) == 1 else f"{len(runs)} runs"
    head = element(
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
    body = element(
        "body",
        element("a", "Skip to the runs", href="#run-1", class_="skip"),
        element("h1", title),
        index(runs),
        element("main", all_sections(list(runs), sound=sound)),
        element("script", program),
    )
    return _DOCTYPE + element("html", join([head, body], "\n"), lang="en") + "\n"


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
