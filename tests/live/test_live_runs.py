"""Scenarios run live: against our own server, on real sockets, by the wall clock."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

import voicelab as vl
from tests.support import clips
from tests.support.runs import RunLog
from tests.support.server_process import ServerProcess
from voicelab import clock
from voicelab.errors import CostLimitError, EndpointError
from voicelab.lab.endpoint import Endpoint
from voicelab.lab.prices import PriceTable, load_prices
from voicelab.metrics.comparison import compare_runs

SCENARIO = """
voicelab: 1
name: hannah
caller: {audio: caller.wav, patience_ms: 1500}
agent:
  responder: scripted
  profile: instant
  replies:
    - {text: "You're welcome. See you Thursday!", audio: reply.wav}
channel: {uplink: {delay_ms: 20}, downlink: {delay_ms: 20}}
seed: 3
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A call of some four seconds: a name is given, and thanked for."""
    clips.write_name_and_thanks(tmp_path)
    file = tmp_path / "hannah.yaml"
    file.write_text(SCENARIO, "utf-8")
    return file


@pytest.fixture
def url(scenario: Path) -> Iterator[str]:
    with ServerProcess("--scenario", str(scenario)) as server:
        yield server.url


def run_command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicelab", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def the_folder(parent: Path) -> Path:
    (folder,) = (each for each in parent.iterdir() if each.is_dir())
    return folder


# -- a whole run ----------------------------------------------------------------


def test_a_live_run_does_what_the_virtual_one_does(
    scenario: Path, url: str, tmp_path: Path
) -> None:
    virtual = vl.run(scenario, out=tmp_path / "virtual")
    live = vl.run(scenario, out=tmp_path / "live", live=url)
    compared = compare_runs(virtual, live)
    assert compared.same_order, compared
    assert list(live.latency["outcome"]) == ["answered"]
    assert list(virtual.latency["outcome"]) == ["answered"]
    # a hundred times what is usual: the figure itself belongs to a benchmark
    difference_ms = (
        live.latency["response_latency_ms"] - virtual.latency["response_latency_ms"]
    )
    assert abs(difference_ms[0]) < 300


def test_its_record_says_what_it_is_and_what_it_cannot_know(
    scenario: Path, url: str, tmp_path: Path
) -> None:
    live = vl.run(
        scenario, out=tmp_path / "live", live=f"{url}?model=gpt-realtime&key=x"
    )
    told = live.manifest
    assert live.is_live
    assert live.partial is None
    assert told["clock"] == "wall"
    assert told["started_utc"] > "2026"
    assert told["live"]["url"].endswith("?model=gpt-realtime&key=***")
    assert told["live"]["ping_ms"] > 0
    assert told["live"]["emulated_network"] is True
    assert told["live"]["frames_late_ms"]["n"] == len(live.appends)
    assert "server_ttfb" in told["unobserved"]
    assert told["run_id"] == live.run_id
    assert (tmp_path / "live" / live.run_id).is_dir()
    lanes = {
        line["lane"] for line in RunLog.read(tmp_path / "live" / live.run_id).lines
    }
    assert lanes == {"client", "user", "player", "agent", "link"}
    (row,) = live.latency.to_dict("records")
    for unknown in (
        "uplink_ms",
        "endpointing_delay_ms",
        "server_ttfb_ms",
        "downlink_ms",
    ):
        assert np.isnan(row[unknown])
    observed = ("endpointing_delay_observed_ms", "ttfb_observed_ms", "playout_delay_ms")
    assert sum(row[name] for name in observed) == pytest.approx(
        row["response_latency_ms"], abs=1e-6
    )


def test_two_live_runs_keep_their_own_folders(
    scenario: Path, url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        vl.run(scenario, out=tmp_path / "live", live=url)
    assert len([each for each in (tmp_path / "live").iterdir() if each.is_dir()]) == 2


def test_the_command_prints_what_a_client_can_see(
    scenario: Path, url: str, tmp_path: Path
) -> None:
    done = run_command("run", scenario, "--live", url, "--out", tmp_path / "live")
    assert done.returncode == 0, done.stderr
    assert "first" in done.stdout
    assert f"hannah: live against {url}" in done.stdout
    assert "USD" in done.stdout


def test_json_tells_of_the_server(scenario: Path, url: str, tmp_path: Path) -> None:
    done = run_command(
        "run", scenario, "--live", url, "--out", tmp_path / "live", "--json"
    )
    (told,) = json.loads(done.stdout)
    assert told["live"]["usage"]["cost_usd"] > 0


# -- when the far side fails -------------------------------------------------------


def test_killing_the_server_keeps_the_record_and_ends_with_3(
    scenario: Path, tmp_path: Path
) -> None:
    out = tmp_path / "live"
    with ServerProcess("--scenario", str(scenario)) as server:
        killer = threading.Thread(target=kill_once_it_hears, args=(server,))
        killer.start()
        done = run_command("run", scenario, "--live", server.url, "--out", out)
        killer.join()
    assert done.returncode == 3
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("Error: the server hung up (close code 1006")
    assert done.stdout == ""
    folder = the_folder(out)
    assert str(folder) in sentence
    kept = vl.load_run(folder)
    assert str(kept.partial).startswith("the server hung up (close code 1006")
    assert len(kept.appends) > 10
    assert kept.manifest["conversation_s"] > 0.2
    assert len(kept.audio) > 0.2 * kept.audio_rate_hz


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_the_record(
    scenario: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "live"
    with ServerProcess("--scenario", str(scenario)) as server:
        command = ["run", str(scenario), "--live", server.url, "--out", str(out)]
        with subprocess.Popen(
            [sys.executable, "-m", "voicelab", *command],
            stderr=subprocess.PIPE,
            text=True,
        ) as client:
            wait_for(lambda: hears(server))
            client.send_signal(number)
            _, errors = client.communicate(timeout=30)
    assert client.returncode == 130
    folder = the_folder(out)
    kept = f"the record until then is kept in {folder}, marked partial"
    assert errors.strip() == f"Error: interrupted; {kept}"
    assert vl.load_run(folder).partial == "interrupted"


def kill_once_it_hears(server: ServerProcess) -> None:
    wait_for(lambda: hears(server))
    server.process.kill()


def hears(server: ServerProcess) -> bool:
    """Whether the conversation has begun: some 0.4 s of it have arrived."""
    heard = "voicelab_events_total{direction=in,type=input_audio_buffer.append}"
    return server.metrics().get(heard, 0) >= 20


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = 400
    while not condition():
        deadline -= 1
        assert deadline, "it did not come about"
        time.sleep(0.05)


Handler = Callable[[ServerConnection], Awaitable[None]]


@contextmanager
def foreign(handler: Handler) -> Iterator[str]:
    """Yield the URL of a server that does what a handler says."""
    ready = threading.Event()
    told: dict[str, Any] = {}

    async def main() -> None:
        told["over"] = asyncio.Event()
        told["loop"] = asyncio.get_running_loop()
        async with serve(handler, "127.0.0.1", 0) as server:
            told["port"] = server.sockets[0].getsockname()[1]
            ready.set()
            await told["over"].wait()

    thread = threading.Thread(target=lambda: clock.run(main, clock="wall"))
    thread.start()
    ready.wait(10)
    try:
        yield f"ws://127.0.0.1:{told['port']}/v1/realtime"
    finally:
        told["loop"].call_soon_threadsafe(told["over"].set)
        thread.join()


def refused(scenario: Path, out: Path, endpoint: Endpoint | str) -> str:
    with pytest.raises(EndpointError) as caught:
        vl.run(scenario, out=out, live=endpoint)
    assert not out.is_dir() or not any(out.iterdir()), (
        "nothing was held, nothing is kept"
    )
    return str(caught.value)


def test_nobody_listens(scenario: Path, tmp_path: Path) -> None:
    said = refused(scenario, tmp_path / "live", "ws://127.0.0.1:9/v1/realtime")
    assert said.startswith("cannot connect to ws://127.0.0.1:9/v1/realtime?model=")
    assert "nobody listens there" in said


def test_a_server_that_speaks_something_else(scenario: Path, tmp_path: Path) -> None:
    async def never(_: ServerConnection) -> None: ...

    with foreign(never) as url:
        said = refused(scenario, tmp_path / "live", url.replace("ws:", "wss:"))
    assert "cannot connect to wss://127.0.0.1" in said
    assert said.endswith("; is it ws, not wss?")


@pytest.mark.parametrize(
    ("given", "sent"),
    [({}, "Bearer mine"), ({"authorization": "Basic x"}, "Basic x")],
)
def test_a_header_that_is_given_stands_for_the_keys_own(
    scenario: Path, tmp_path: Path, given: dict[str, str], sent: str
) -> None:
    seen: list[str] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.extend(socket.request.headers.get_all("Authorization"))

    with foreign(look) as url:
        endpoint = Endpoint(url, api_key="mine", headers=given)
        refused(scenario, tmp_path / "live", endpoint)
    assert seen == [sent]


def test_our_own_server_sends_away_who_speaks_tls_by_mistake(
    scenario: Path, tmp_path: Path
) -> None:
    with ServerProcess() as server:
        url = server.url.replace("ws:", "wss:")
        patient = Endpoint(url, connect_timeout_s=60)  # the server's patience is less
        said = refused(scenario, tmp_path / "live", patient)
    assert said.endswith("; is it ws, not wss?")


def test_faults_of_the_scenario_are_said_to_be_left_out(
    scenario: Path, tmp_path: Path
) -> None:
    with scenario.open("a", encoding="utf-8") as file:
        file.write("faults: [{kind: drop}]\n")
    live = ("--live", "ws://127.0.0.1:9/", "--out", tmp_path / "live")
    done = run_command("run", scenario, *live)
    note, error = done.stderr.splitlines()
    assert note.startswith("Note: the faults of hannah are left out")
    assert error.startswith("Error: cannot connect")


def test_a_key_that_is_not_the_right_one(scenario: Path, tmp_path: Path) -> None:
    with ServerProcess("--api-key", "right") as server:
        said = refused(
            scenario, tmp_path / "live", Endpoint(server.url, api_key="wrong-key")
        )
    assert "invalid_api_key" in said
    assert "wrong-key" not in said


def test_a_server_that_refuses_the_session(scenario: Path, tmp_path: Path) -> None:
    async def refuse(socket: ServerConnection) -> None:
        error = {"type": "invalid_request_error", "code": "no", "message": "Not today."}
        await socket.send(
            json.dumps({"type": "error", "event_id": "e", "error": error})
        )
        await socket.wait_closed()

    with foreign(refuse) as url:
        said = refused(scenario, tmp_path / "live", url)
    assert said == "the server refused the session: Not today. (no)"


def test_a_server_that_hangs_up_at_once(scenario: Path, tmp_path: Path) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.close(1013, "try again later")

    with foreign(leave) as url:
        said = refused(scenario, tmp_path / "live", url)
    assert said == "the server hung up (close code 1013: try again later)"


# -- servers that are nearly what they should be ------------------------------------


async def nearly(socket: ServerConnection) -> None:
    """Answer one turn as loosely as servers are found to do."""
    update = json.loads(await socket.recv())
    await socket.send(json.dumps({"type": "ping", "timestamp": 1}))
    await socket.send(
        json.dumps({"type": "session.updated", "session": update["session"] | {"x": 1}})
    )
    heard = 0
    async for message in socket:
        if json.loads(message)["type"] == "input_audio_buffer.append":
            heard += 1
        if heard == 60:
            heard += 1
            audio = np.zeros(12_000, "<i2").tobytes()
            for event in (
                {"type": "input_audio_buffer.speech_started", "item_id": "u"},
                {"type": "input_audio_buffer.speech_stopped", "item_id": "u"},
                {"type": "conversation.created", "conversation": {"id": "c"}},
                {"type": "response.created", "response": {"id": "r"}},
                {
                    "type": "response.output_audio.delta",
                    "response_id": "r",
                    "item_id": "a",
                    "delta": base64.b64encode(audio).decode(),
                },
                {"type": "who.knows", "what": [1, 2, 3]},
                {
                    "type": "response.done",
                    "response": {
                        "id": "r",
                        "status": "cancelled",
                        "status_details": "turn_detected",
                    },
                },
            ):
                await socket.send(json.dumps(event))


def test_a_server_that_is_nearly_compatible_is_recorded(
    scenario: Path, tmp_path: Path
) -> None:
    with foreign(nearly) as url:
        run = vl.run(scenario, out=tmp_path / "live", live=url)
    kinds = set(run.events["type"])
    assert {"ping", "who.knows", "conversation.created", "response.done"} <= kinds
    assert run.partial is None
    heard = run.events[run.events["type"] == "heard.stop"]
    assert heard["data"].iloc[0]["to_samples"] == 12_000


# -- money --------------------------------------------------------------------------


@pytest.mark.parametrize("prices", [load_prices(), None], ids=["given", "bundled"])
def test_a_run_stops_at_what_it_may_cost(
    scenario: Path, url: str, tmp_path: Path, prices: PriceTable | None
) -> None:
    endpoint = Endpoint(url, prices=prices, max_cost_usd=0.000_001)
    with pytest.raises(CostLimitError, match="reached the limit") as caught:
        vl.run(scenario, out=tmp_path / "live", live=endpoint)
    assert caught.value.exit_code == 1
    kept = vl.load_run(the_folder(tmp_path / "live"))
    assert kept.partial is not None
    assert kept.manifest["live"]["usage"]["cost_usd"] > 0.000_001


def test_the_command_ends_with_1_at_the_limit(
    scenario: Path, url: str, tmp_path: Path
) -> None:
    done = run_command(
        "run",
        scenario,
        "--live",
        url,
        "--max-cost",
        "0.000001",
        "--out",
        tmp_path / "o",
    )
    assert done.returncode == 1
    assert "marked partial" in done.stderr


def test_a_limit_on_a_model_without_a_price_is_refused(
    scenario: Path, tmp_path: Path
) -> None:
    done = run_command(
        "run",
        scenario,
        "--live",
        "ws://127.0.0.1:9/",
        "--model",
        "home-grown",
        "--max-cost",
        "1",
        "--out",
        tmp_path / "o",
    )
    assert done.returncode == 2
    assert "home-grown" in done.stderr
    assert "--prices" in done.stderr


# -- keys ---------------------------------------------------------------------------


def test_the_key_comes_from_the_environment_and_stays_out_of_the_record(
    scenario: Path, tmp_path: Path
) -> None:
    out = tmp_path / "live"
    log = tmp_path / "serve.log"
    with ServerProcess(
        "--api-key", "sk-hush", "--scenario", str(scenario), log=log
    ) as server:
        done = subprocess.run(
            [
                sys.executable,
                *("-m", "voicelab", "run", str(scenario), "--live", server.url),
                *("--api-key-env", "MY_KEY", "--header", "X-Team: sk-hush"),
                *("--out", str(out)),
            ],
            env={**os.environ, "MY_KEY": "sk-hush"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "sk-hush" not in done.stdout + done.stderr + log.read_text("utf-8")
    for file in the_folder(out).iterdir():
        assert b"sk-hush" not in file.read_bytes()


def test_a_key_that_is_not_there_is_told_before_anything_is_done(
    scenario: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "voicelab", "run", str(scenario)),
            *(
                "--live",
                "wss://api.openai.com/v1/realtime",
                "--out",
                str(tmp_path / "o"),
            ),
        ],
        env={
            key: value for key, value in os.environ.items() if key != "OPENAI_API_KEY"
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "OPENAI_API_KEY" in done.stderr
