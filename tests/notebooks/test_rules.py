"""The form of the notebooks: what CONTRIBUTING.md asks of them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

MOST_CODE_CELLS = 15
MOST_STATEMENTS = 6
MOST_LINES = 12
MOST_LINES_OF_A_FUNCTION = 5
MOST_BYTES = 300_000
WIDGET = "application/vnd.jupyter.widget-view+json"

pytestmark = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)


def cells(file: Path, kind: str | None = None) -> list[Any]:
    found = nbformat.read(file, as_version=4).cells
    return [cell for cell in found if kind in (None, cell.cell_type)]


def statements(cell: Any) -> int:
    """Count lines as if each statement stood on one, however it was formatted."""
    return len(ast.unparse(ast.parse(cell.source)).splitlines())


def test_the_format_is_valid(file: Path) -> None:
    nbformat.validate(nbformat.read(file, as_version=4))


def test_the_title_is_a_question(file: Path) -> None:
    title, *_ = cells(file)[0].source.splitlines()
    assert title.startswith("# ")
    assert title.endswith("?")


def test_the_second_cell_holds_the_parameters(file: Path) -> None:
    cell = cells(file)[1]
    assert cell.cell_type == "code"
    assert "parameters" in cell.metadata.get("tags", [])
    named = set()
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
        named |= {node.id for node in statement.targets if isinstance(node, ast.Name)}
    assert "seed" in named


def test_code_cells_are_few_and_short(file: Path) -> None:
    code = cells(file, "code")
    assert len(code) <= MOST_CODE_CELLS
    assert [cell.source for cell in code if statements(cell) > MOST_STATEMENTS] == []
    # a list of parameters stands one below the other
    told = [cell for cell in code if "parameters" not in cell.metadata.get("tags", [])]
    assert [
        cell.source for cell in told if len(cell.source.splitlines()) > MOST_LINES
    ] == []


def test_functions_are_short(file: Path) -> None:
    """A longer one belongs into the package, where it has tests."""
    found = (
        node
        for cell in cells(file, "code")
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [
        node.name
        for node in found
        if len(ast.unparse(node).splitlines()) > MOST_LINES_OF_A_FUNCTION
    ] == []


def test_no_cell_hides_its_value(file: Path) -> None:
    """A closing semicolon does so, and the comparison of outputs would not see it."""
    code = cells(file, "code")
    assert [cell.source for cell in code if cell.source.rstrip().endswith(";")] == []


def test_it_closes_with_the_takeaway(file: Path) -> None:
    headings = [
        line
        for cell in cells(file, "markdown")
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    assert headings[-1].lstrip("# ").startswith("Takeaway")
    sentence, numbers = cells(file)[-2:]
    assert "**" in sentence.source
    assert "text/html" in numbers.outputs[-1].data


def test_outputs_are_stored_and_small(file: Path) -> None:
    code = cells(file, "code")
    assert all(cell.execution_count for cell in code)
    assert file.stat().st_size <= MOST_BYTES
    errors = [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert errors == []


def test_nothing_is_stored_that_only_one_machine_knows(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    assert "widgets" not in notebook.metadata
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    assert WIDGET not in file.read_text("utf-8")
