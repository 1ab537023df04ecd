"""Names of recognisers and voices."""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.document.shapes import close_names
from voicelab.errors import ScenarioError


def check_name(what: str, name: str, known: Sequence[str]) -> None:
    """Check that there is something of a name.

    Args:
        what: what it names, for the error.
        name: the name.
        known: the names that there are.

    Raises:
        ScenarioError: there is none; it tells the nearest name, and all of them.
    """
    if name not in known:
        choice = f"choose one of {', '.join(known)}"
        near = close_names(name, known)
        raise ScenarioError(
            f"there is no {what} named {name!r}",
            fix=f"{near} Or {choice}" if near else choice,
        )
