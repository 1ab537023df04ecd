"""How a command ends when it cannot do what it was asked: one sentence, an exit code.

A traceback means a defect in voicelab, never that something was given wrongly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from voicelab.errors import EXIT_BAD_INPUT, VoicelabError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

EXIT_INTERRUPTED = 130
"""Exit code after the user's interrupt: 128 + SIGINT, as shells count."""


def ends_cleanly(
    command: Callable[Parameters, Result],
) -> Callable[Parameters, Result]:
    """Return the command, made to report expected errors in one sentence."""

    @functools.wraps(command)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except VoicelabError as error:
            raise _ending(str(error), error.exit_code) from error
        except BrokenPipeError:
            raise  # the reader has gone; typer ends quietly
        except OSError as error:
            raise _ending(_os_sentence(error), EXIT_BAD_INPUT) from error
        except KeyboardInterrupt as interrupt:
            raise _ending(
                str(interrupt) or "interrupted", EXIT_INTERRUPTED
            ) from interrupt

    return guarded


def _ending(sentence: str, exit_code: int) -> typer.Exit:
    typer.echo(f"Error: {' '.join(sentence.splitlines())}", err=True)
    return typer.Exit(exit_code)


def _os_sentence(error: OSError) -> str:
    """Return what the operating system refused, and for which file."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason
