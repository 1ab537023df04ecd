"""Imports point downward, the clock has one owner, and `__all__` tells the truth.

The order is that of CONTRIBUTING.md. It is read from the source, so imports inside
functions count as well.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import voicelab

PACKAGE = Path(__file__).parents[2] / "voicelab"

LAYERS = (
    "errors",
    "units",
    "paths",
    "clock",
    "document",
    "audio",
    "speech",
    "protocol",
    "legs",
    "session",
    "faults",
    "playback",
    "responders",
    "transport",
    "scenario",
    "record",
    "lab",
    "labelling",
    "serve",
    "metrics",
    "result",
    "calibration",
    "curves",
    "modality",
    "sweeps",
    "budgets",
    "exporters",
    "plot",
    "reports",
    "widgets",
    "facade",
    "comparing",
    "__init__",
    "cli",
    "__main__",
)

FILES = sorted(
    file for file in PACKAGE.rglob("*.py") if "_data" not in file.parts[-4:-1]
)
PACKAGES = [file for file in FILES if file.name == "__init__.py"]


def dotted_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str:
    _, _, inside = module.partition(".")
    return inside.partition(".")[0] or "__init__"


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of voicelab that a piece of source imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            if node.module and _is_ours(node.module):
                yield from (_source(node.module, alias.name) for alias in node.names)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name


def _source(module: str, name: str) -> str:
    """Return the module that `from module import name` reads the name from."""
    path = PACKAGE.parent.joinpath(*module.split("."), name)
    is_module = path.is_dir() or path.with_suffix(".py").is_file()
    return f"{module}.{name}" if is_module else module


@pytest.mark.parametrize("file", FILES, ids=dotted_name)
def test_imports_point_downward(file: Path) -> None:
    here = layer(dotted_name(file))
    assert here in LAYERS, f"{here} has no place in the order of layers yet"
    tree = ast.parse(file.read_text("utf-8"))
    for module in imported(tree):
        there = layer(module)
        assert there in LAYERS, f"{module} has no place in the order of layers yet"
        below = LAYERS.index(there) < LAYERS.index(here)
        assert below or there == here, f"{dotted_name(file)} imports {module} above it"


def test_contributing_draws_the_same_order() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    picture = text.partition("```text\n")[2].partition("```")[0].splitlines()
    names = [line.split("  ")[0].split(", ") for line in picture]
    assert tuple(name for line in reversed(names) for name in line) == LAYERS


def test_no_modules_wait_for_each_other() -> None:
    graph = {
        dotted_name(file): set(_imported_at_once(ast.parse(file.read_text("utf-8"))))
        for file in FILES
    }
    for module, others in graph.items():
        others.discard(module)
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def _imported_at_once(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        yield from (
            imported(statement) if not isinstance(statement, ast.FunctionDef) else ()
        )


CLOCKS = {"now", "utcnow", "today"}


def clock_reads(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that could learn the machine's time, or wait by it."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(name.name == "time" for name in names):
                yield node.lineno
            case ast.ImportFrom(module="time"):
                yield node.lineno
            case ast.Attribute(attr=name) if name in CLOCKS:
                yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "def f():\n    import os, time",
        "from time import monotonic",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
    ],
)
def test_a_clock_read_is_found(source: str) -> None:
    assert list(clock_reads(ast.parse(source)))


@pytest.mark.parametrize("file", FILES, ids=dotted_name)
def test_only_the_clock_reads_the_time(file: Path) -> None:
    if file == PACKAGE / "clock" / "wall.py":
        pytest.skip("the one module that may")
    assert list(clock_reads(ast.parse(file.read_text("utf-8")))) == []


@pytest.mark.parametrize("file", PACKAGES, ids=dotted_name)
def test_exports_are_sorted_and_real(file: Path) -> None:
    package = importlib.import_module(dotted_name(file))
    names = list(getattr(package, "__all__", []))
    assert len(names) == len(set(names))
    assert names == sorted(names, key=_as_ruff_sorts)
    for name in names:
        assert hasattr(package, name), f"{package.__name__} has no {name}"


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest."""
    if name.isupper():
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


@pytest.mark.parametrize("file", PACKAGES, ids=dotted_name)
def test_all_that_a_package_hands_on_is_exported(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    package = importlib.import_module(dotted_name(file))
    handed_on = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module or "")
        for alias in node.names
    }
    public = {name for name in handed_on if not name.startswith("_")}
    assert public <= set(getattr(package, "__all__", []))


def test_no_name_of_the_facade_hides_behind_a_module() -> None:
    """Importing `voicelab.x` would put the module in the place of the name `x`."""
    modules = {file.stem for file in PACKAGE.glob("*.py")}
    assert not modules & set(voicelab.__all__)
