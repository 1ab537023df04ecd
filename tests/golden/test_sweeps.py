"""A sweep has one table, whoever runs it, and whatever ends it on the way."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.sweeping import FAULTS, write_spec
from voicelab.sweeps import load_sweep, make_executor, read_plan, run_sweep
from voicelab.sweeps.journal import JOURNAL, read_outcomes
from voicelab.sweeps.table import CSV, PARQUET

KILLS = 10
CELLS = 80
GRID = {"client.player": ["browser", "ideal"], "faults": FAULTS}

unix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix")


def start(spec: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "voicelab", "sweep", str(spec), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--workers", "2", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(out: Path) -> int:
    journal = out / JOURNAL
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@unix
def test_killed_ten_times_it_ends_with_the_same_table(tmp_path: Path) -> None:
    """At random moments, the first before anything is done; some tear a line."""
    spec = write_spec(tmp_path, grid=GRID, repeats=CELLS // 4)
    run_sweep(read_plan(spec), tmp_path / "calm", make_executor("processes", 2))
    generator, out = random.Random(7), tmp_path / "killed"
    torn, killed = 0, 0
    while killed < KILLS:
        until = lines(out) + (generator.randint(0, 6) if killed else 0)
        with start(spec, out, "--resume") as process:
            while lines(out) < until or (killed and not out.exists()):
                if process.poll() is not None:
                    break  # on a busy machine it may be through before it is noticed
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        if process.returncode != -signal.SIGKILL:
            break
        killed += 1
        torn += _tear(out, generator)
    assert killed >= KILLS // 2
    with start(spec, out, "--resume") as process:
        printed, told = process.communicate()
    assert told == ""
    assert printed.startswith(f"{CELLS} cells: {CELLS // 2} done, {CELLS // 2} failed.")
    assert torn > 0
    times = Counter(each.index for each in read_outcomes(out))
    assert times == dict.fromkeys(range(CELLS), 1)  # nothing lost, nothing twice
    for name in (CSV, PARQUET):
        calm = tmp_path / "calm" / name
        assert not calm.exists() or calm.read_bytes() == (out / name).read_bytes()


def _tear(out: Path, generator: random.Random) -> bool:
    """Cut the last outcome short now and then, as a machine that goes down would."""
    if lines(out) < 2 or generator.random() < 0.5:
        return False
    whole = (out / JOURNAL).read_bytes()
    (out / JOURNAL).write_bytes(whole[: -generator.randint(1, 40)])
    return True


def test_a_cluster_and_processes_and_one_process_give_the_same_bytes(
    tmp_path: Path,
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra cluster")
    plan = read_plan(write_spec(tmp_path, grid=GRID, repeats=5))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        names = ("serial", "processes", f"dask={local.scheduler_address}")
        folders = [tmp_path / name.partition("=")[0] for name in names]
        for name, folder in zip(names, folders, strict=True):
            assert run_sweep(plan, folder, make_executor(name)).failed == 10
    tables = {(folder / CSV).read_bytes() for folder in folders}
    assert len(tables) == 1
    if (folders[0] / PARQUET).exists():
        assert len({(folder / PARQUET).read_bytes() for folder in folders}) == 1
    # whoever is done first comes first in the journal, and only there
    assert len(load_sweep(folders[2]).table) == 20


def resumed(spec: Path, out: Path) -> bytes:
    """Go on with a sweep; return its table."""
    with start(spec, out, "--resume") as process:
        process.communicate()
    return (out / CSV).read_bytes()


FILLING = """
import resource, sys
from voicelab.sweeps import journal

add = journal.Journal.add

def add_and_fill_up(self, outcome):
    add(self, outcome)
    if len(self.done) + len(self.failed) == 5:
        most = (self._folder / journal.JOURNAL).stat().st_size + 100
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

journal.Journal.add = add_and_fill_up
from voicelab.__main__ import main
main()
"""


@unix
def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path) -> None:
    """The journal may grow by half a line more, whatever the workers may."""
    spec, out = write_spec(tmp_path, grid=GRID, repeats=8), tmp_path / "full"
    run_sweep(read_plan(spec), tmp_path / "roomy", make_executor("processes", 2))
    ended = subprocess.run(
        [sys.executable, "-c", FILLING, "sweep", str(spec), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"Error: {out}: the sweep cannot be kept here (File too large); make room, "
        "then go on with --resume\n"
    )
    kept = list(read_outcomes(out))
    assert len(kept) == 5
    assert (out / JOURNAL).read_bytes().endswith(b"\n")
    assert resumed(spec, out) == (tmp_path / "roomy" / CSV).read_bytes()
    assert list(read_outcomes(out))[: len(kept)] == kept


CRAMPED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from voicelab.__main__ import main
main()
"""


@unix
def test_a_disk_too_full_for_a_run_fails_no_cell(tmp_path: Path) -> None:
    """What a conversation tapes finds no room, while the journal would."""
    spec, out = write_spec(tmp_path, repeats=4), tmp_path / "full"
    done = subprocess.run(
        [sys.executable, "-c", CRAMPED, "sweep", str(spec), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "File too large); make room, then go on with --resume" in done.stderr
    assert list(read_outcomes(out)) == []
    run_sweep(read_plan(spec), tmp_path / "roomy", make_executor("serial"))
    assert resumed(spec, out) == (tmp_path / "roomy" / CSV).read_bytes()
