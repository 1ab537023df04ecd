"""A check as annotations, which GitHub Actions shows beside a workflow's run.

Escapes as in the runner's own toolkit (actions/toolkit, packages/core/src/command.ts):
`%`, carriage return and line feed in a message, and `:` and `,` too in a property.
"""

from __future__ import annotations

from voicelab.budgets.check import Check
from voicelab.budgets.verdict import Verdict

_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def github_annotations(check: Check) -> list[str]:
    """Return one line for each failure: an error with a title."""
    return [_line(row) for row in check.failures]


def _line(row: Verdict) -> str:
    title = f"{row.subject}: {row.measure}"
    return f"::error title={_escaped(title, _IN_PROPERTIES)}::" + _escaped(
        row.sentence, _IN_MESSAGES
    )


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
