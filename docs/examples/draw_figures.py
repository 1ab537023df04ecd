"""Draw the pictures of docs/figures.md into docs/images, by running its code.

python docs/examples/draw_figures.py
"""
# ruff: noqa: INP001 -- a script to run, not to import

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1]


def main() -> None:
    """Run the Python blocks of the page, in order, in the folder of its pictures."""
    page = (DOCS / "figures.md").read_text("utf-8")
    os.chdir(DOCS / "images")
    variables: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        exec(block, variables)  # noqa: S102 -- our own page
    (DOCS / "images" / "speed-lever.png").unlink()


if __name__ == "__main__":
    main()
