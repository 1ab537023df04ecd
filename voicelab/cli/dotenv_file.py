"""Commands whose options may also stand in a `.env` file of the working directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import InputError

DOTENV = ".env"


def dotenv_values() -> dict[str, str]:
    """Return what the `.env` file of the working directory holds; nothing without it.

    Files further up are not looked for: what a program does should not depend on the
    folder that somebody else put a file into.

    Raises:
        InputError: the file cannot be read, or is no text.
    """
    file = Path(DOTENV)
    if not file.is_file():
        return {}
    try:
        import dotenv  # noqa: PLC0415 -- part of an extra
    except ImportError:
        return {}  # the command says what is missing
    try:
        found = dotenv.dotenv_values(file, interpolate=False)
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", file=DOTENV, fix="look at its rights"
        ) from error
    except UnicodeError as error:
        raise InputError(
            "is not UTF-8 text", file=DOTENV, fix="save it as UTF-8"
        ) from error
    return {name: value for name, value in found.items() if value}


def environment() -> Mapping[str, str]:
    """Return the environment's variables, and those of `.env` that it has not."""
    return {**dotenv_values(), **os.environ}


class DotenvCommand(TyperCommand):
    """Takes options from the command line, the environment, and `.env`, in this order.

    An option stands in `.env` under the name of its environment variable; where it can
    be given several times, its values are separated by spaces.
    """

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the file before the options are parsed; the arguments are click's."""
        extra.setdefault("default_map", ends_cleanly(self._from_file)())
        return super().make_context(*args, **extra)

    def _from_file(self) -> dict[str, Any]:
        values = dotenv_values()
        found: dict[str, Any] = {}
        for option in self.params:
            variable = option.envvar
            if isinstance(variable, str) and option.name and variable in values:
                value = values[variable]
                found[option.name] = value.split() if option.multiple else value
        return found
