"""Which cells a plan has, in which order."""

from __future__ import annotations

from itertools import product
from typing import Any

from voicelab.sweeps.plan import Origin, Plan

PLAYER, THRESHOLD = "client.player", "session.threshold"


def origin(name: str, seed: int = 5) -> Origin:
    return Origin(name=name, scenario={"name": name, "seed": seed}, base="/b")


def plan(**parts: Any) -> Plan:
    return Plan(origins=(origin("a"), origin("b", 40)), **parts)


def test_a_plan_of_nothing_but_scenarios_has_one_cell_of_each() -> None:
    cells = plan()
    assert len(cells) == 2
    assert [cells.origin(index).name for index in range(2)] == ["a", "b"]
    assert [cells.seed(index) for index in range(2)] == [5, 40]
    assert [cells.settings(index) for index in range(2)] == [{}, {}]
    assert cells.fields == ()


def test_scenarios_change_slowest_and_seeds_fastest() -> None:
    entries: tuple[dict[str, Any], ...] = ({"x": 1}, {"x": 2, "y": 3})
    grid = {PLAYER: ("p", "q"), THRESHOLD: (0.1, 0.2, 0.3)}
    cells = plan(entries=entries, grid=grid, seeds=(7, 9))
    expected = [
        (name, {**entry, PLAYER: player, THRESHOLD: threshold}, seed)
        for name, entry, player, threshold, seed in product(
            "ab", entries, "pq", (0.1, 0.2, 0.3), (7, 9)
        )
    ]
    assert len(cells) == len(expected) == 48
    assert [
        (cells.origin(index).name, cells.settings(index), cells.seed(index))
        for index in range(48)
    ] == expected
    assert cells.fields == ("x", "y", PLAYER, THRESHOLD)


def test_repeats_count_up_from_each_scenarios_seed() -> None:
    cells = plan(repeats=3)
    assert [cells.seed(index) for index in range(6)] == [5, 6, 7, 40, 41, 42]


def test_first_cells_have_every_value_once() -> None:
    cells = plan(entries=({}, {"x": 1}), grid={PLAYER: ("p", "q", "r")}, repeats=10)
    # a scenario has 2 * 3 * 10 cells: entry 1 begins at 30, player q at 10, r at 20
    assert cells.first_cells() == [0, 10, 20, 30, 60, 70, 80, 90]


def test_a_cell_carries_its_settings_and_its_seed() -> None:
    cells = plan(grid={PLAYER: ("p", "q")}, repeats=2)
    cell = cells.cell(7, sweep="s", keep="/k")
    assert (cell.index, cell.sweep, cell.keep, cell.base) == (7, "s", "/k", "/b")
    assert cell.settings == {PLAYER: "q", "seed": 41}
    assert cell.scenario["name"] == "b"


def test_a_plan_of_a_billion_cells_is_made_at_once() -> None:
    axis = tuple(range(1000))
    cells = plan(grid={"x": axis, "y": axis, "z": axis})
    assert len(cells) == 2 * 10**9
    assert cells.settings(10**9 - 1) == {"x": 999, "y": 999, "z": 999}
