"""A worker process by itself: it answers, and ends when nobody needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from tests.support.sweeping import tiny
from voicelab.sweeps.cell import Cell, Outcome, run_cell
from voicelab.sweeps.spec import make_plan
from voicelab.sweeps.worker import READY


def work(given: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "voicelab.sweeps.worker"]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def cells(folder: Path) -> list[Cell]:
    plan = make_plan(tiny(folder), repeats=2)
    return [plan.cell(index) for index in range(2)]


def test_it_answers_line_by_line_and_ends_with_its_input(tmp_path: Path) -> None:
    asked = cells(tmp_path)
    done = work(b"".join(msgspec.json.encode(each) + b"\n" for each in asked))
    ready, *answers = done.stdout.splitlines(keepends=True)
    assert ready == READY
    told = [msgspec.json.decode(answer, type=Outcome) for answer in answers]
    assert told == [run_cell(each) for each in asked]
    assert (done.returncode, done.stderr) == (0, b"")


def test_it_ends_in_silence_when_nobody_reads_its_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "voicelab.sweeps.worker"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        assert worker.stdout.readline() == READY
        worker.stdout.close()
        worker.stdin.write(msgspec.json.encode(cells(tmp_path)[0]) + b"\n")
        worker.stdin.flush()
        assert worker.wait() == 0  # although its input has not ended
        assert worker.stderr.read() == b""


def test_what_is_printed_stands_beside_the_answers() -> None:
    probe = (
        "from voicelab.sweeps import worker; "
        "worker.run_encoded = lambda line: (print('hm', flush=True), b'told')[1]; "
        "worker.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], input=b"x\n", capture_output=True, check=True
    )
    assert done.stdout == READY + b"told\n"
    assert done.stderr == b"hm\n"
