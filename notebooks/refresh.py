"""Run notebooks and store their outputs: the references that the tests compare with.

    python notebooks/refresh.py notebooks/00_first_conversation.ipynb …

Without arguments every notebook is refreshed, except those from 90 on, which need a
real endpoint: name them once it is there. What differs from machine to machine is left
out, and so are widgets, which are dead without the process that made them: a viewer
then shows what they say in text.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
CELL_TIMEOUT_S = 180
KEPT_METADATA = ("kernelspec", "language_info")
WIDGET = "application/vnd.jupyter.widget-view+json"


def refresh(file: Path) -> None:
    """Run one notebook in its own folder and write it back."""
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        resources={"metadata": {"path": str(file.parent)}},
    )
    client.execute()
    strip(notebook)
    nbformat.write(notebook, file)


def strip(notebook: Any) -> None:
    """Remove what only the machine and the moment of this execution had."""
    notebook.metadata = {
        key: notebook.metadata[key] for key in KEPT_METADATA if key in notebook.metadata
    }
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)


def main() -> None:
    """Refresh the notebooks named on the command line, or all."""
    named = [Path(argument) for argument in sys.argv[1:]]
    for file in named or sorted(HERE.glob("[0-8]*.ipynb")):
        print(file.name)
        refresh(file)


if __name__ == "__main__":
    main()
