"""Every notebook still gives the outputs that are stored in it, to the last digit.

Virtual time is what makes the strict comparison honest. Images are not compared; the
text form of a figure, a digest of its numbers, is. One process runs them all, two at a
time: to start it costs as much as to run the shorter ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
# From 90 on they talk to a real endpoint.
NOTEBOOKS = sorted(FOLDER.glob("[0-8]*.ipynb"))
AT_A_TIME = 2


def test_there_is_a_first_notebook() -> None:
    assert FOLDER / "00_first_conversation.ipynb" in NOTEBOOKS


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Run the notebooks that were asked for, and return what each cell came to."""
    cases = (getattr(item, "callspec", None) for item in request.session.items)
    asked = {case.params["file"] for case in cases if case and "file" in case.params}
    report = tmp_path_factory.mktemp("notebooks") / "report.xml"
    log = run_notebooks(sorted(asked & set(NOTEBOOKS)), report)
    assert report.exists(), log
    return told(report)


def run_notebooks(files: Iterable[Path], report: Path) -> str:
    """Compare notebooks with what is stored in them, and return what was printed."""
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    # A worker of pytest-xdist that starts workers must not pass for one of them.
    environment = {k: v for k, v in environment.items() if "PYTEST_XDIST" not in k}
    command = [sys.executable, "-m", "pytest", *map(str, files), "--nbval"]
    options = [
        "--nbval-current-env",
        "--nbval-cell-timeout=60",
        f"--nbval-sanitize-with={FOLDER / 'sanitize.cfg'}",
        f"--numprocesses={AT_A_TIME}",
        "--dist=loadscope",
        f"--junitxml={report}",
        "--color=no",
        # The settings of this project's own tests say nothing about kernels.
        "--override-ini=addopts=",
        "--override-ini=filterwarnings=default",
        "-p",
        "no:cacheprovider",
    ]
    # The kernels are killed at the end, and leave behind what they hold in files.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        done = subprocess.run(
            [*command, *options],
            cwd=FOLDER.parent,
            env=environment | {"TMPDIR": scratch},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout + done.stderr


def told(report: Path) -> dict[str, list[str]]:
    """Return by notebook, for each cell, what is wrong with it: nothing is ''."""
    found: dict[str, list[str]] = {}
    for case in ET.parse(report).iter("testcase"):
        # A notebook that cannot be read is a case itself, with no class above it.
        where = case.get("classname") or case.get("name") or ""
        wrong = "".join(f"{case.get('name')}: {problem.text}\n" for problem in case)
        found.setdefault(where.rpartition("notebooks.")[-1], []).append(wrong)
    return found


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_outputs_are_reproduced(file: Path, outcomes: dict[str, list[str]]) -> None:
    cells = outcomes.get(file.name, [])
    assert cells
    wrong = "\n".join(cell for cell in cells if cell)
    # `assert` would cut it short.
    if wrong:
        pytest.fail(wrong, pytrace=False)
