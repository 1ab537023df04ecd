"""The command as a process: what it loads, what it says, how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"asyncio", "matplotlib", "msgspec", "numpy", "pandas", "rich", "soundfile"}


def voicelab(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicelab", *arguments],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("statement", ["import voicelab", "import voicelab.__main__"])
def test_starting_loads_nothing_heavy(statement: str) -> None:
    probe = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", probe], check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) & HEAVY == set()


def test_help_names_the_commands(tmp_path: Path) -> None:
    done = voicelab("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("demo", "run", "schema", "doctor"):
        assert f"\n  {command} " in done.stdout
    assert "..." not in done.stdout.partition("Commands:")[2]  # no text cut short


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rnu"], "No such command 'rnu'."),
        (["run"], "Missing argument"),
        (["run", "dentist", "--seed", "x"], "'--seed'"),
        (["run", "dentist", "--seed", "-1"], "'--seed'"),
        (["run", "dentits"], "did you mean dentist"),
        (["run", "none.yaml"], "none.yaml: there is no such scenario file"),
        (["run", "dentist", "--set", "seed"], "'seed' is not path=value"),
        (["run", "dentist", "--set", "client.frme_ms=2"], "did you mean frame_ms?"),
        (["run", "dentist", "--out", "taken"], "taken: "),
        (["schema", "--out", "taken/schema.json"], "taken: there is no such folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_ends_with_two(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "taken").touch()
    done = voicelab(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    *usage, sentence = done.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert says in sentence
    assert usage == [] or usage[0].startswith("Usage: ")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]
