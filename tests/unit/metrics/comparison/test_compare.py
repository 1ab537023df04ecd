"""Whole runs, compared with what was done to them."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.comparing import Line, changed, log_of, with_other_ids
from tests.support.results import make_run
from tests.support.runs import APPEND, DELTA, bundled
from voicelab.errors import InputError
from voicelab.lab.experiment import run_scenario
from voicelab.metrics.comparison import Comparison, compare_runs
from voicelab.result import Run, load_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_scenario(bundled("dentist"), tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return load_run(folder)


@pytest.fixture(scope="module")
def raw(folder: Path) -> bytes:
    return (folder / "events.jsonl").read_bytes()


def test_a_run_is_as_far_from_itself_as_nothing(run: Run) -> None:
    found = compare_runs(run, run)
    assert found.same_order
    assert {pair.difference_ns for pair in found.pairs} == {0}
    assert not any(ns.any() for ns in found.frames_ns.values())
    assert not [*found.missing, *found.differing, *found.setup]


def test_ids_do_not_matter(run: Run, raw: bytes) -> None:
    other = log_of(with_other_ids(raw.decode()).encode())
    assert other.events != run.log.events
    found = compare_runs(run.log, other)
    assert found.same_order
    assert {pair.difference_ns for pair in found.pairs} == {0}
    assert found.differing == []


def test_known_delays_come_out_as_they_went_in(run: Run, raw: bytes) -> None:
    """Each event is moved by less than half its distance to the next instant, so
    that the order stays; the result is known without any matching."""
    chance = random.Random(3)
    moved: dict[int, int] = {}

    def delayed(lines: list[Line]) -> list[Line]:
        instants = sorted({line["t_ns"] for line in lines})
        for here, after in zip(instants, [*instants[1:], instants[-1]], strict=True):
            moved[here] = chance.randint(0, min((after - here) // 2, 3_000_000))
        return [{**line, "t_ns": line["t_ns"] + moved[line["t_ns"]]} for line in lines]

    other = log_of(changed(raw, delayed))
    found = compare_runs(run.log, other)
    assert found.same_order
    expected = sorted(
        moved[event.t_ns]
        for event in run.log.events
        if event.lane != "link" and event.t_ns + moved[event.t_ns] > 0
    )
    assert (
        sorted(p.difference_ns for p in found.pairs if not p.before_start) == expected
    )
    told = found.overall
    assert told is not None
    for percent, value in ((50, told.median_ms), (95, told.p95_ms), (99, told.p99_ms)):
        reference = np.percentile(expected, percent, method="inverted_cdf")
        assert value == reference / 1e6
    frames = [moved[int(t_ns)] for t_ns in run.log.appends("client").t_ns]
    assert found.frames_ns["client"].tolist() == frames


def test_a_server_that_cuts_its_audio_up_otherwise(run: Run, raw: bytes) -> None:
    def in_halves(lines: list[Line]) -> list[Line]:
        cut = []
        for line in lines:
            held = line["data"].get("audio")
            if line["type"] != DELTA or held["bytes"] < 4:
                cut.append(line)
                continue
            half = held["bytes"] // 4 * 2
            position = held["pos_samples"]
            for start, size in ((0, half), (half, held["bytes"] - half)):
                piece = copy.deepcopy(line)
                audio = {"bytes": size, "pos_samples": position + start // 2}
                piece["data"]["audio"] = audio
                cut.append(piece)
        return cut

    found = compare_runs(run.log, log_of(changed(raw, in_halves)))
    assert found.same_order
    assert {pair.difference_ns for pair in found.pairs} == {0}
    assert found.differing == []


def test_what_another_seed_changes_is_seen_from_both_sides(run: Run) -> None:
    other = load_run_of("dentist", seed=99)
    there, back = compare_runs(run, other), compare_runs(other, run)
    assert [setting.path for setting in there.setup] == ["seed"]
    assert sorted(p.difference_ns for p in there.pairs) == sorted(
        -p.difference_ns for p in back.pairs
    )
    assert keyed(there) == {key: -ns for key, ns in keyed(back).items()}
    assert there.same_order == back.same_order
    assert len(there.differing) == len(back.differing) > 0


def test_that_one_broke_off_is_a_difference() -> None:
    whole, broken = make_run(), make_run(partial="interrupted")
    (setting,) = compare_runs(whole, broken).setup
    assert (setting.path, setting.a, setting.b) == ("partial", None, '"interrupted"')


def keyed(found: Comparison) -> dict[tuple[str, str, str, int], int]:
    return {
        (pair.lane, pair.type, pair.subject, pair.number): pair.difference_ns
        for pair in found.pairs
    }


def load_run_of(name: str, **settings: Any) -> Run:
    import voicelab as vl  # noqa: PLC0415 - the facade, for a run that is not kept

    return vl.run(bundled(name, **settings))


def test_events_that_were_lost_are_named(run: Run, raw: bytes) -> None:
    lost = {"response.content_part.done", "rate_limits.updated"}

    def without(lines: list[Line]) -> list[Line]:
        return [
            line
            for line in lines
            if line["lane"] != "client" or line["type"] not in lost
        ]

    found = compare_runs(run.log, log_of(changed(raw, without)))
    assert {(row.type, row.optional) for row in found.missing} == {
        ("response.content_part.done", False),
        ("rate_limits.updated", True),
    }
    assert not found.same_order


def test_a_run_without_the_servers_lane(run: Run, raw: bytes) -> None:
    def seen_by_client(lines: list[Line]) -> list[Line]:
        return [line for line in lines if line["lane"] not in ("server", "link")]

    found = compare_runs(run.log, log_of(changed(raw, seen_by_client)))
    assert found.same_order
    assert not found.has_server
    assert list(found.frames_ns) == ["client"]
    assert sum(pair.type == APPEND for pair in found.pairs) == 0


@pytest.mark.parametrize(
    ("scenario", "inputs", "says"),
    [
        ({"caller": {"audio": "b.wav"}}, {}, 'caller.audio is "a.wav" in one and "b.'),
        ({"channel": {"codec": "pcmu"}}, {}, "channel.codec"),
        ({}, {"a.wav": "99"}, "a.wav is not the same file in both"),
        ({"caller": {"audio": "a.wav", "drive": "fixed"}}, {}, "caller.drive"),
    ],
)
def test_other_callers_are_refused(
    scenario: dict[str, Any], inputs: dict[str, str], says: str
) -> None:
    base: dict[str, Any] = {
        "caller": {"audio": "a.wav"},
        "channel": {"codec": "pcm"},
    }
    a = make_run(scenario=base, inputs={"a.wav": "11"})
    b = make_run(scenario={**base, **scenario}, inputs={"a.wav": "11", **inputs})
    with pytest.raises(InputError, match="runs of different callers") as caught:
        compare_runs(a, b)
    assert says in str(caught.value)


def test_what_else_differs_in_the_set_up_is_named() -> None:
    caller = {"audio": "a.wav"}
    a = make_run(scenario={"caller": caller, "seed": 1, "session": {}}, clock="virtual")
    b = make_run(scenario={"caller": caller, "seed": 2, "agent": {"vad": "webrtc"}})
    b.manifest["clock"] = "wall"
    told = [(row.path, row.a, row.b) for row in compare_runs(a, b).setup]
    assert told == [
        ("clock", '"virtual"', '"wall"'),
        ("seed", "1", "2"),
        ("session", "{}", None),
        ("agent.vad", None, '"webrtc"'),
    ]
