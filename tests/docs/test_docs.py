"""What the documents say is true: their code runs, their links lead somewhere.

A document's blocks are run in order, in one folder, as a reader would: YAML blocks
become the files that their first line names, Python blocks share their variables,
`$ voicelab …` lines go to the command line. The first line with each of its commands
is a process of its own, as from a shell; the others run in this one, which has imported
everything already. The two set-up commands are run by `.ci/run`, which reads them from
README.md.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from voicelab.cli.app import app
from voicelab.paths import data_dir

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = sorted([README, ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
LINKED = [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "data" / "README.md"]

SET_UP = "python3 -m venv .venv && .venv/bin/pip install -e"
MAIN_JOB = f"{SET_UP} . && .venv/bin/voicelab demo"
TESTS = f'{SET_UP} ".[all]" && .venv/bin/python -m pytest -n auto'


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text and where the text begins."""

    language: str
    text: str
    line: int


def blocks(document: Path) -> list[Block]:
    text = document.read_text("utf-8")
    fences = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [
        Block(fence[1], fence[2], text.count("\n", 0, fence.start(2)) + 1)
        for fence in fences
    ]


def name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def first_lines() -> dict[str, tuple[Path, str]]:
    """Return, by command, the first document with it, and its line."""
    found: dict[str, tuple[Path, str]] = {}
    for document in DOCUMENTS:
        for block in blocks(document):
            for line in block.text.splitlines() if block.language == "console" else ():
                if line.startswith("$ voicelab "):
                    found.setdefault(line.split()[2], (document, line))
    return found


FIRST_LINES = first_lines()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the recordings that the documents speak of."""
    conversations = data_dir() / "conversations"
    shutil.copy(conversations / "dentist.wav", tmp_path / "my-call.wav")
    (reply,) = conversations.glob("dentist.reply-*.wav")
    for answer in ("answer-1.wav", "answer-2.wav"):
        shutil.copy(reply, tmp_path / answer)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_blocks_run(document: Path, desk: Path) -> None:
    variables: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(document):
        where = f"{name(document)}:{block.line}"
        match block.language:
            case "python":
                # Blank lines before it give a traceback the document's line numbers.
                source = "\n" * (block.line - 1) + block.text
                exec(compile(source, where, "exec"), variables)
            case "yaml":
                write_file(block.text, desk)
            case "console":
                for line in block.text.splitlines():
                    run_line(line, document)
            case "json":
                if "…" not in block.text:
                    json.loads(block.text)
            case other:
                assert other == "text", f"{where} is in no known language"
                for command in commands(block.text):
                    check_options(command)


def commands(text: str) -> list[list[str]]:
    """Return the voicelab commands in a text: they need a server, or a key."""
    lines = text.replace("\\\n", " ").splitlines()
    shown = [line.removeprefix("$ ") for line in lines]
    return [
        shlex.split(line, comments=True)[1:]
        for line in shown
        if line.startswith("voicelab ")
    ]


def check_options(arguments: list[str]) -> None:
    """Check that a command exists and takes these options; run nothing."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    name, command, rest = group.resolve_command(typer.Context(group), arguments)
    assert command is not None, arguments
    command.make_context(name, rest)


def write_file(text: str, desk: Path) -> None:
    first, _, _ = text.partition("\n")
    named = re.fullmatch(r"# (\S+\.yaml)", first)
    assert named, f"{first!r} does not name the file"
    (desk / named[1]).write_text(text, "utf-8")


def run_line(line: str, document: Path) -> None:
    if line.startswith(SET_UP):
        assert line in {MAIN_JOB, TESTS}
        return
    prompt, program, *arguments = shlex.split(line)
    assert prompt == "$"
    if program == "python":
        assert (ROOT / arguments[0]).is_file()
        return
    assert program == "voicelab"
    is_first = FIRST_LINES[arguments[0]] == (document, line)
    exit_code, printed, told = (run_apart if is_first else run_here)(arguments)
    assert exit_code == 0, told
    assert printed
    assert not told


def run_apart(arguments: list[str]) -> tuple[int, str, str]:
    """Run a command in a process of its own; return exit code, output and errors."""
    command = [sys.executable, "-m", "voicelab", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def run_here(arguments: list[str]) -> tuple[int, str, str]:
    """Run a command in this process; return exit code, output and errors."""
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def test_readme_states_each_set_up_command_once() -> None:
    lines = README.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(SET_UP)] == [MAIN_JOB, TESTS]


def test_the_checks_read_the_commands_from_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    patterns = [
        pattern.replace("$1\\$", f"{ending}$")
        for ending in re.findall(r"\$\(readme_command '(.+)'\)", script)
        for pattern in re.findall(r'grep -m 1 -E "(.+)" README', script)
    ]
    assert [
        [command for command in (MAIN_JOB, TESTS) if re.search(pattern, command)]
        for pattern in patterns
    ] == [[MAIN_JOB], [TESTS]]


LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("document", LINKED, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text("utf-8"))
    assert [to for to in targets if not (document.parent / to).exists()] == []


def test_readme_leads_to_every_document() -> None:
    targets = set(LINK.findall(README.read_text("utf-8")))
    assert {name(each) for each in LINKED} - targets == {"README.md"}
