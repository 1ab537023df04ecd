"""The sweep file, and the same said in Python: read, checked, made into a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct, structs

from voicelab.document import (
    EXPECTS,
    Document,
    FieldPath,
    close_names,
    document_of,
    fit,
    read_document,
)
from voicelab.errors import InputError, SweepError
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.scenario import (
    Scenario,
    apply_settings,
    canonical,
    find_scenario,
    load_scenario,
)
from voicelab.scenario.override import written
from voicelab.sweeps.cell import as_setting, build
from voicelab.sweeps.plan import MEASURES, Origin, Plan, Settings

FORMAT_VERSION = 1
"""The version of the sweep file that this module describes."""

SEED = "seed"
_DIGEST_BYTES = 8
_NAME_FILES = ("caller", "agent", "channel.noise")
"""Fields of a scenario that name files."""

Seed: TypeAlias = Annotated[int, Meta(ge=0)]


_Names: TypeAlias = (
    Annotated[str, Meta(min_length=1)] | Annotated[tuple[str, ...], Meta(min_length=1)]
)
_Axis: TypeAlias = Annotated[
    tuple[Any, ...],
    Meta(min_length=1, extra={EXPECTS: "a list of at least one value"}),
]
_Grid: TypeAlias = Annotated[
    dict[str, _Axis],
    Meta(min_length=1, extra={EXPECTS: "at least one field with a list of values"}),
]
_Entries: TypeAlias = Annotated[
    tuple[Settings, ...],
    Meta(min_length=1, extra={EXPECTS: "a list of at least one mapping"}),
]


class SweepFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sweep, as it is written.

    Attributes:
        voicelab_sweep: the version of this format.
        scenarios: scenario files, by a path relative to this file, or bundled names.
        set: what every cell changes, by dotted path.
        grid: the values of each field; every combination is run.
        list: settings that go together, one after the other; with a grid, each of
            them goes with every combination.
        repeats: how many seeds, counted up from the scenario's own.
        seeds: the seeds themselves.
        measures: which columns of the summary to keep; left out, all.
    """

    voicelab_sweep: Literal[1]
    scenarios: _Names
    set: Settings = msgspec.field(default_factory=dict)
    grid: _Grid | None = None
    list: _Entries | None = None
    repeats: Annotated[int, Meta(ge=1)] = 1
    seeds: Annotated[tuple[Seed, ...], Meta(min_length=1)] | None = None
    measures: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None


def read_plan(file: Path | str) -> Plan:
    """Read a sweep file.

    Raises:
        InputError: it cannot be read, is no sweep, names a scenario or a field that
            there is none of, or a value that does not fit; names file, line and key.
    """
    path = Path(file)
    document = read_document(path, SweepError)
    _check_version(document)
    told = fit(document, SweepFile)
    names = [told.scenarios] if isinstance(told.scenarios, str) else told.scenarios
    base = path.absolute().parent
    found = [_named(document, i, name, base) for i, name in enumerate(names)]
    return _plan(document, told, found)


def make_plan(
    scenarios: Scenario | Path | str | Sequence[Scenario | Path | str],
    **told: Any,
) -> Plan:
    """Return the plan of a sweep that is said in Python.

    Args:
        scenarios: scenarios, paths or bundled names; one, or several.
        told: the other keys of a sweep file: `set`, `grid`, `list`, `repeats`, `seeds`
            and `measures`; None leaves one out.

    Raises:
        InputError: as `read_plan`, without file and line.
    """
    if isinstance(scenarios, Scenario | Path | str):
        scenarios = [scenarios]
    found = [
        each if isinstance(each, Scenario) else load_scenario(find_scenario(each))
        for each in scenarios
    ]
    keys = {key: value for key, value in told.items() if value is not None}
    names = [scenario.name for scenario in found]
    data = {"voicelab_sweep": FORMAT_VERSION, "scenarios": names, **keys}
    document = document_of(data, SweepError)
    return _plan(document, fit(document, SweepFile), found)


def digest_of(plan: Plan) -> str:
    """Return a hash of all that a sweep's table depends on.

    Wherever its files lie, the digest of a sweep is the same; what is in the files
    that its scenarios name, or a value of a field, counts.

    Raises:
        InputError: a file that a scenario, or a value, names cannot be used.
    """
    starts = range(0, len(plan), len(plan) // len(plan.origins))
    told = structs.asdict(plan) | {
        "origins": [canonical(build(plan.cell(index))) for index in starts],
        "inputs": _inputs(plan, starts),
        "format": FORMAT_VERSION,
    }
    text = msgspec.json.encode(told)
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


def _inputs(plan: Plan, starts: Iterable[int]) -> list[dict[str, str]]:
    """Return the hashes of all files that the cells read, each set of them once."""
    varies = any(_overlap(field, each) for field in plan.fields for each in _NAME_FILES)
    shared = SharedMaterials()  # most values name no file
    found: list[dict[str, str]] = []
    for index in plan.first_cells() if varies else starts:
        inputs = shared.gather(build(plan.cell(index))).inputs
        if inputs not in found:
            found.append(inputs)
    return found


def _check_version(document: Document) -> None:
    data = document.data
    if isinstance(data, dict) and "voicelab_sweep" not in data:
        raise document.fault(
            (),
            "the key voicelab_sweep, the version of the format, is missing",
            f"add voicelab_sweep: {FORMAT_VERSION} at the top",
        )


def _named(document: Document, index: int, name: str, base: Path) -> Scenario:
    """Return a scenario that the file names: beside it, or bundled."""
    beside = base / name
    try:
        file = find_scenario(beside if beside.is_file() else name)
    except InputError as fault:
        raise document.fault(("scenarios", index), fault.problem, fault.fix) from None
    return load_scenario(file)


def _plan(document: Document, told: SweepFile, found: Iterable[Scenario]) -> Plan:
    _check_names(document, told)
    plan = Plan(
        origins=tuple(_origin(document, scenario, told.set) for scenario in found),
        entries=({},) if told.list is None else told.list,
        grid=told.grid or {},
        seeds=told.seeds,
        repeats=told.repeats,
        measures=told.measures or MEASURES,
    )
    _check_distinct(document, "scenarios", [origin.name for origin in plan.origins])
    _check_fields(document, plan)
    _check_cells(document, plan)
    return plan


def _origin(document: Document, scenario: Scenario, fixed: Settings) -> Origin:
    data = written(scenario)
    for name, value in fixed.items():
        data = _applied(document, ("set", name), data, {name: value})
    return Origin(
        name=data["name"],
        scenario=data,
        base=str(scenario.base),
        source=None if scenario.source is None else str(scenario.source),
    )


# -- what is checked before anything runs ---------------------------------------


def _check_names(document: Document, told: SweepFile) -> None:
    if told.seeds is not None and "repeats" in document.data:
        raise document.fault(
            ("repeats",), "the seeds are given already", "give seeds or repeats"
        )
    for key, values in (told.grid or {}).items():
        _check_distinct(document, ("grid", key), values)
    _check_distinct(document, "list", told.list or ())
    _check_distinct(document, "seeds", told.seeds or ())
    _check_distinct(document, "measures", told.measures or ())
    for index, name in enumerate(told.measures or ()):
        if name not in MEASURES:
            fix = close_names(name, MEASURES) or f"known: {', '.join(MEASURES)}"
            raise document.fault(
                ("measures", index), f"there is no measure {name!r}", fix
            )
    _check_set_once(document, told)


def _check_distinct(
    document: Document, at: str | FieldPath, values: Sequence[Any]
) -> None:
    path = (at,) if isinstance(at, str) else at
    seen: dict[bytes, int] = {}
    for index, value in enumerate(values):
        if seen.setdefault(msgspec.json.encode(value), index) != index:
            raise document.fault(
                (*path, index),
                "the same stands here twice",
                "leave one out; for other draws of the same, give repeats",
            )


def _check_set_once(document: Document, told: SweepFile) -> None:
    """Refuse a field that two places set: which would win is nothing to guess."""
    places: dict[str, FieldPath] = {name: ("set", name) for name in told.set}
    entries = enumerate(told.list or ())
    listed = {name: ("list", i, name) for i, entry in entries for name in entry}
    gridded = {name: ("grid", name) for name in told.grid or {}}
    for name, place in [*listed.items(), *gridded.items()]:
        if name == SEED:
            raise document.fault(
                place, "seeds are no field like others", "give repeats or seeds"
            )
        clash = next((other for other in places if _overlap(name, other)), None)
        if clash is not None and not (place[0] == places[clash][0] == "list"):
            raise document.fault(
                place, f"{clash} sets the same field", "leave one of them out"
            )
        places[name] = place


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _check_fields(document: Document, plan: Plan) -> None:
    """Check that each field is one of a scenario, with the line that names it."""
    for origin in plan.origins:
        for index, entry in enumerate(plan.entries):
            data = origin.scenario
            for name, value in entry.items():
                data = _applied(document, ("list", index, name), data, {name: value})
        for name, values in plan.grid.items():
            _applied(document, ("grid", name), data, {name: values[0]})


def _applied(
    document: Document, place: FieldPath, data: Mapping[str, Any], one: Settings
) -> dict[str, Any]:
    try:
        return apply_settings(data, [as_setting(*each) for each in one.items()])
    except InputError as fault:
        if fault.path is None:
            problem, fix = "this is no field", "write it like client.player"
            raise document.fault(place, problem, fix) from None
        problem = fault.problem.rpartition("', ")[2]  # without the setting as text
        raise document.fault(place, problem, fault.fix) from None


def _check_cells(document: Document, plan: Plan) -> None:
    """Check every value, in the first cell that has it."""
    for index in plan.first_cells():
        try:
            build(plan.cell(index))
        except InputError as fault:
            raise _fault_of_cell(document, plan, index, fault) from None


def _fault_of_cell(
    document: Document, plan: Plan, index: int, fault: InputError
) -> InputError:
    """Return the fault with the place in the sweep that it comes from."""
    where = str(fault.path or "")
    varied = plan.settings(index)
    guilty = next((name for name in varied if _overlap(name, where)), None)
    if guilty is None:
        fixed = document.data.get("set", {})
        guilty = next((name for name in fixed if _overlap(name, where)), None)
        place: FieldPath = () if guilty is None else ("set", guilty)
    elif guilty in plan.grid:
        place = ("grid", guilty, plan.grid[guilty].index(varied[guilty]))
    else:
        place = ("list", plan.entry(index), guilty)
    problem = fault.problem if guilty == where else f"{where}: {fault.problem}"
    shown = ", ".join(as_setting(*each) for each in varied.items())
    if guilty is None and shown:
        problem = f"with {shown}, {problem}"
    return document.fault(place, problem, fault.fix)
