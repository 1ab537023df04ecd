"""Bridges are driven, on real sockets: what they cost, and how they fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

import voicelab as vl
from tests.support import driving
from tests.support.driving import BridgeThread, barge_in_scenario, free_port
from voicelab.result import Run

ROOT = Path(__file__).parents[2]
PROCESSING_MS = 10
"""What a bridge and two sockets may take between a clear and its effect here."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return barge_in_scenario(tmp_path)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "voicelab", *map(str, arguments)]


def driving_command(
    kind: str, url: str, scenario: Path, port: int, *more: object
) -> list[str]:
    out = scenario.parent / "runs"
    where = ("--serve-port", port, "--out", out)
    return command("drive", "--as", kind, url, scenario, *where, *more)


def drive(
    kind: str, url: str, scenario: Path, port: int, *more: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        driving_command(kind, url, scenario, port, *more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def the_run(scenario: Path) -> Run:
    (folder,) = (each for each in (scenario.parent / "runs").glob("*Z"))
    return vl.load_run(folder)


# -- what a bridge costs ----------------------------------------------------------


def test_a_careless_bridge_forgets_all_that_was_heard(
    scenario: Path, port: int
) -> None:
    with BridgeThread(driving.careless, port) as bridge:
        done = drive("browser", bridge.url, scenario, port)
    assert done.returncode == 0, done.stderr
    assert f"OPENAI_BASE_URL=http://127.0.0.1:{port}/v1" in done.stderr
    run = the_run(scenario)
    first = run.truncations.iloc[0]
    assert (first.policy, first.verdict, first.audio_end_ms) == (
        "bridge",
        "accepted",
        0,
    )
    # nobody told the page to stop: the whole answer was heard, and none of it is kept
    assert first.heard_ms == pytest.approx(6000, abs=1)
    assert first.truncation_error_ms == -first.heard_ms
    assert list(run.latency["outcome"]) == ["answered", "answered"]
    told = run.manifest["drive"]
    assert (told["as"], told["url"]) == ("browser", bridge.url)
    assert (told["sessions"], told["findings"]) == (1, [])
    assert run.manifest["clock"] == "wall"
    assert not run.is_live
    assert run.partial is None


def test_what_was_heard_is_on_the_recording(scenario: Path, port: int) -> None:
    """Its right channel is the server's audio, where the log says it was heard."""
    with BridgeThread(driving.careless, port) as bridge:
        drive("browser", bridge.url, scenario, port)
    run = the_run(scenario)
    heard = next(e for e in run.log.events if e.type == "heard.start")
    start = heard.t_ns * 24_000 // 10**9
    expected = driving.spoken(6.0, 24_000).astype(np.float64)
    found = run.audio[start : start + len(expected), 1].astype(np.float64)
    delays = range(-120, 121)  # two resamplers are on the way
    alike = max(np.corrcoef(np.roll(expected, by), found)[0, 1] for by in delays)
    assert alike > 0.97  # what lies above 8 kHz is lost at the page's 16 kHz


# -- our own bridges ----------------------------------------------------------------


class OwnBridge:
    """`voicelab bridge` in a process of its own, while a `with` block runs."""

    def __init__(self, kind: str, server_port: int) -> None:
        path = {"browser": "/voice", "elks": "/elks", "twilio": "/twilio/media"}[kind]
        port = free_port()
        self.url = f"ws://127.0.0.1:{port}{path}"
        upstream = f"ws://127.0.0.1:{server_port}/v1/realtime"
        more = ("--port", port, "--upstream", upstream, "--drain-seconds", 0)
        self._command = command("bridge", kind, *more)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Upstream:"):
                break
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=20)


@pytest.mark.parametrize("kind", ["browser", "elks", "twilio"])
def test_our_own_bridges_keep_what_was_heard(
    kind: str, scenario: Path, port: int
) -> None:
    with OwnBridge(kind, port) as bridge:
        done = drive(kind, bridge.url, scenario, port, "--json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)
    assert told["drive"]["findings"] == []
    rows = [row for row in told["truncations"] if row["turn"] == 1]
    assert [row["verdict"] for row in rows] == ["accepted"]
    (row,) = rows
    assert 1000 < row["heard_ms"] < 4000
    # a telephone's frame of 20 ms is played to its end
    assert abs(row["truncation_error_ms"]) <= 20 + PROCESSING_MS
    assert [each["outcome"] for each in told["latency"]] == ["answered", "answered"]


def test_a_page_may_ask_for_a_rate(scenario: Path, port: int) -> None:
    with OwnBridge("browser", port) as bridge:
        done = drive("browser", bridge.url, scenario, port, "--json", "--rate", 48_000)
    (told,) = json.loads(done.stdout)
    assert told["drive"]["agent_hz"] == 48_000
    assert told["drive"]["findings"] == []
    errors = [abs(row["truncation_error_ms"]) for row in told["truncations"]]
    assert errors
    assert max(errors) <= 20 + PROCESSING_MS


# -- how bridges fail -----------------------------------------------------------------


def test_nobody_is_there(scenario: Path, port: int) -> None:
    done = drive("browser", f"ws://127.0.0.1:{free_port()}/voice", scenario, port)
    assert done.returncode == 3
    assert "nobody listens there" in done.stderr
    assert not list((scenario.parent / "runs").iterdir())


def test_the_server_cannot_listen(scenario: Path, port: int) -> None:
    with BridgeThread(driving.careless, port) as bridge:
        taken = int(bridge.url.rpartition(":")[2].partition("/")[0])
        done = drive("browser", bridge.url, scenario, taken)
    assert done.returncode == 2
    assert f"port {taken} of 127.0.0.1 is in use" in done.stderr


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (
            driving.stays_alone,
            "the bridge took the call and opened no session within 10 s; it should",
        ),
        (driving.leaves_at_once, "the bridge hung up (close code 1008: not today)"),
    ],
)
def test_there_is_no_conversation(
    handler: driving.Handler, sentence: str, scenario: Path, port: int
) -> None:
    with BridgeThread(handler, port) as bridge:
        done = drive("browser", bridge.url, scenario, port)
    assert done.returncode == 3
    assert f"Error: {sentence}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((scenario.parent / "runs").glob("*Z"))


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (driving.hangs_up, "the bridge hung up (close code 1011: out of ideas)"),
        (
            driving.babbles,
            "the bridge sent no message of the browser leg: it is not JSON",
        ),
    ],
)
def test_a_conversation_that_breaks_off_is_kept(
    handler: driving.Handler, reason: str, scenario: Path, port: int
) -> None:
    with BridgeThread(handler, port) as bridge:
        done = drive("browser", bridge.url, scenario, port)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith(f"Error: {reason}, ")
    assert "the record until then is kept in" in done.stderr
    assert the_run(scenario).partial == reason


@pytest.fixture
def patient(scenario: Path, port: int) -> Iterator[tuple[Any, Path]]:
    with BridgeThread(driving.careless, port) as bridge:
        process = subprocess.Popen(
            driving_command("browser", bridge.url, scenario, port),
            stderr=subprocess.PIPE,
            text=True,
        )
        yield process, scenario
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_an_interrupt_keeps_the_record(patient: tuple[Any, Path]) -> None:
    process, scenario = patient
    assert process.stderr is not None
    process.stderr.readline()  # it listens
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted; the record until then is kept" in told
    assert the_run(scenario).partial == "interrupted"
