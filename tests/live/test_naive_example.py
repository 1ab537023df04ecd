"""The example of a naive bridge does what the documents say it does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import sleep

import voicelab as vl
from tests.support.driving import barge_in_scenario, free_port

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "naive_bridge.py"


def wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        sleep(0.1)


def test_the_documented_command_shows_what_it_costs(tmp_path: Path) -> None:
    scenario = barge_in_scenario(tmp_path)
    server_port, port = free_port(), free_port()
    env = os.environ | {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{server_port}/v1",
        "PORT": str(port),
    }
    bridge = subprocess.Popen([sys.executable, str(EXAMPLE)], env=env)
    try:
        wait_for(port)
        where = ["--serve-port", str(server_port), "--out", str(tmp_path / "runs")]
        arguments = [f"ws://127.0.0.1:{port}/voice", str(scenario), *where]
        done = subprocess.run(
            [sys.executable, "-m", "voicelab", "drive", "--as", "browser", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        bridge.terminate()
        bridge.wait(10)
    assert done.returncode == 0, done.stderr
    assert "Interrupted answers" in done.stdout
    (folder,) = (tmp_path / "runs").glob("*Z")
    run = vl.load_run(folder)
    first = run.truncations.iloc[0]
    assert (first.audio_end_ms, first.verdict) == (0, "accepted")
    assert abs(first.heard_ms - first.generated_ms) <= 1
    assert first.stop_latency_ms > 1000
    assert run.manifest["drive"]["findings"] == []
