"""Options that take one of a few names."""

from __future__ import annotations

from collections.abc import Iterable

from voicelab.errors import InputError


def check_choice(what: str, name: str, known: Iterable[str]) -> None:
    """Check that a name is a known one.

    Args:
        what: what it names, for the error.
        name: the name that was given.
        known: those that there are.

    Raises:
        InputError: it is none of them; the error tells the nearest, or all.
    """
    from voicelab.document import close_names  # noqa: PLC0415 -- slow

    known = tuple(known)
    if name not in known:
        fix = close_names(name, known) or f"known: {', '.join(known)}"
        raise InputError(f"there is no {what} named {name!r}", fix=fix)
