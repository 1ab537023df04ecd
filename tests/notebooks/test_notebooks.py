"""Every notebook still gives the outputs that are stored in it, to the last digit.

Virtual time is what makes the strict comparison honest. Images are not compared; the
text form of a figure, a digest of its numbers, is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
# From 90 on they talk to a real endpoint.
NOTEBOOKS = sorted(FOLDER.glob("[0-8]*.ipynb"))


def test_there_is_a_first_notebook() -> None:
    assert FOLDER / "00_first_conversation.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_outputs_are_reproduced(file: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    command = [sys.executable, "-m", "pytest", str(file), "--nbval"]
    options = [
        "--nbval-current-env",
        "--nbval-cell-timeout=60",
        f"--nbval-sanitize-with={FOLDER / 'sanitize.cfg'}",
        # The settings of this project's own tests say nothing about kernels.
        "--override-ini=addopts=",
        "--override-ini=filterwarnings=default",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, *options],
        cwd=FOLDER.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
