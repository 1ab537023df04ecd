from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import (
    DeadlockError,
    RemoteProtocolError,
    ScenarioError,
    VoicelabError,
)


def app_that(fails: Callable[[], None]) -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @ends_cleanly
    def command(*, word: str = "none") -> None:
        fails()
        typer.echo(word)

    return app


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "sentence", "exit_code"),
    [
        (VoicelabError("it went wrong"), "it went wrong", 1),
        (DeadlockError(5, []), str(DeadlockError(5, [])), 1),
        (
            ScenarioError("bad", file="a.yaml", line=3, path="seed", fix="be good"),
            "a.yaml:3: seed: bad; be good",
            2,
        ),
        (RemoteProtocolError("hung up"), "hung up", 3),
        (
            OSError(errno.ENOSPC, "No space left on device", "a.png"),
            "a.png: No space left on device",
            2,
        ),
        (OSError("odd"), "odd", 2),
        (KeyboardInterrupt(), "interrupted", 130),
        (KeyboardInterrupt("interrupted; kept"), "interrupted; kept", 130),
        (VoicelabError("two\nlines"), "two lines", 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_sentence_and_a_code(
    error: BaseException, sentence: str, exit_code: int
) -> None:
    result = CliRunner().invoke(app_that(raising(error)))
    assert result.exit_code == exit_code
    assert result.stderr == f"Error: {sentence}\n"
    assert result.stdout == ""


def test_a_defect_keeps_its_traceback() -> None:
    result = CliRunner().invoke(app_that(raising(ZeroDivisionError())))
    assert isinstance(result.exception, ZeroDivisionError)


def test_a_command_keeps_its_options() -> None:
    result = CliRunner().invoke(app_that(lambda: None), ["--word", "yes"])
    assert (result.exit_code, result.stdout) == (0, "yes\n")
