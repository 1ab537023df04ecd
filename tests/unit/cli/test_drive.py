"""What `voicelab drive` refuses before it does anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicelab.cli.app import app

URL = "ws://127.0.0.1:1/voice"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--as", "browser", "voice", "dentist"], "that is not the URL of a bridge"),
        (["--as", "browser", URL, "nowhere"], "nowhere"),
        (
            ["--as", "elks", URL, "dentist", "--rate", "8000"],
            "only a page in a browser",
        ),
        (["--as", "browser", URL, "dentist", "--rate", "9000"], "cannot have 9000 Hz"),
        (
            ["--as", "browser", URL, "dentist", "--token-env", "VL_NO_TOKEN"],
            "the environment variable VL_NO_TOKEN is empty",
        ),
        (
            ["--as", "browser", URL, "dentist", "--token-env", "sk-hush"],
            "--token-env: the value given is no name of an environment variable (it is",
        ),
        (
            ["--as", "browser", URL, "dentist", "--serve-key-env", "xai_hush"],
            "the environment variable that is named (it is not shown, as it may be a",
        ),
        (
            ["--as", "twilio", URL, "dentist", "--serve-host", "0.0.0.0"],
            "let anybody in; name the variable that holds one with --serve-key-env",
        ),
    ],
)
def test_wrong_input_is_told_in_one_sentence(
    arguments: list[str], problem: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["drive", *arguments, "--out", str(tmp_path / "o")])
    assert done.exit_code == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr
    assert not (tmp_path / "o").exists()


def test_the_kind_must_be_known() -> None:
    done = CliRunner().invoke(app, ["drive", "--as", "fax", URL, "dentist"])
    assert done.exit_code == 2
    assert "fax" in done.stderr
