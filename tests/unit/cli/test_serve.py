"""`voicelab serve`, as a process of its own."""

from __future__ import annotations

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.connection import Connection

from voicelab.cli import app
from voicelab.cli.serve import serve
from voicelab.serve import ServeOptions
from voicelab.session.server import SESSION_LIFETIME_S

SOON_S = 30.0


@contextmanager
def started(
    *options: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The process, and what it says on its standard output when it is ready."""
    command = [sys.executable, "-m", "voicelab", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return exit code and error output."""
    _, errors = process.communicate(timeout=SOON_S)
    return process.returncode, errors


def refused(*options: str) -> str:
    """Return the sentence with which a command is refused."""
    words = ["serve", "--port", "0", *options]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()[-1:]
    assert line.startswith("Error: ")
    return line


def client(told: dict[str, Any], **options: Any) -> ClientConnection:
    websocket: ClientConnection = connect(
        told["url"] + "?model=m", proxy=None, **options
    )
    return websocket


def types_until(websocket: Connection, last: str) -> list[str]:
    seen: list[str] = []
    while not seen or seen[-1] != last:
        seen.append(json.loads(websocket.recv(SOON_S))["type"])
    return seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_it_and_it_ends_well(number: signal.Signals) -> None:
    with started("--drain-seconds", "0.3", "--log-format", "json") as (process, told):
        with client(told) as websocket:
            types_until(websocket, "session.created")
            process.send_signal(number)
            with pytest.raises(ConnectionClosed):
                websocket.recv(SOON_S)
            assert websocket.close_code == 1001
            assert websocket.close_reason == "the server is shutting down"
        code, log = ended(process)
        assert code == 0
        lines = [json.loads(line) for line in log.splitlines()]
        assert [line["event"] for line in lines] == [
            "listening",
            "agent",
            "session opened",
            "draining",
            "session closed",
            "stopped",
        ]
        assert lines[4]["code"] == 1001


def test_a_second_signal_stops_it_at_once() -> None:
    with started("--drain-seconds", "600") as (process, told), client(told) as ws:
        types_until(ws, "session.created")
        process.terminate()
        assert process.stderr is not None
        assert any(" draining " in line for line in process.stderr)
        process.terminate()
        assert ended(process)[0] == 0


def test_it_says_where_it_listens() -> None:
    with started("--tls-self-signed", env={"VOICELAB_API_KEY": "a b"}) as (_, told):
        assert told["url"] == f"wss://127.0.0.1:{told['port']}/v1/realtime"
        assert told["base_url"] == f"https://127.0.0.1:{told['port']}/v1"
        assert told["api_key_needed"] is True
        assert len(told["certificate_sha256"].split(":")) == 32


def test_keys_come_from_the_environment_and_are_in_no_log() -> None:
    keys = {"VOICELAB_API_KEY": "sk-one sk-two"}
    with started("--log-level", "debug", env=keys) as (process, told):
        header = {"Authorization": "Bearer sk-two"}
        with client(told, additional_headers=header) as websocket:
            types_until(websocket, "session.created")
        process.terminate()
        _, log = ended(process)
        assert "session opened" in log
        assert "sk-" not in log


def test_a_scenario_answers() -> None:
    options = ("--scenario", "dentist", "--profile", "instant")
    with started(*options) as (_, told), client(told) as ws:
        ws.send('{"type": "response.create"}')
        assert "response.output_audio.delta" in types_until(ws, "response.done")


def test_faults_strike() -> None:
    with started("--fault", "response_failed") as (_, told), client(told) as ws:
        ws.send('{"type": "response.create"}')
        assert "response.output_audio.delta" not in types_until(ws, "response.done")


def test_the_certificate_can_be_saved(tmp_path: Path) -> None:
    file = tmp_path / "cert.pem"
    with started("--tls-self-signed", "--tls-save-cert", str(file)):
        assert file.read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert "PRIVATE KEY" not in file.read_text()


def test_for_people_it_says_how_to_point_a_client_at_it() -> None:
    command = [sys.executable, "-m", "voicelab", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(4)]
        process.terminate()
    assert said[0].startswith("Listening on ws://127.0.0.1:")
    assert "http://127.0.0.1:" in said[1]
    assert said[2] == "API key: any\n"
    assert said[3] == "Agent: responder assistant, profile measured-median\n"


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sentence = refused("--port", str(port), "--log-level", "error")
        assert f"port {port} of 127.0.0.1 is in use; give" in sentence


def test_a_port_in_use_is_told_before_models_are_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("voicelab.cli.serve.make_sessions", None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        options = ("--tls-self-signed", "--tls-save-cert", str(tmp_path / "c.pem"))
        cascade = ("--responder", "cascade")
        assert "is in use" in refused("--port", str(port), *cascade, *options)
    assert list(tmp_path.iterdir()) == []


def test_the_network_without_a_key() -> None:
    assert "give --api-key" in refused("--host", "0.0.0.0")


def test_tls_that_is_half_given(tmp_path: Path) -> None:
    assert "give both" in refused("--tls-cert", str(tmp_path / "c.pem"))
    both = ("--tls-cert", "c.pem", "--tls-key", "k.pem")
    assert "leave out" in refused("--tls-self-signed", *both)
    assert "c.pem: cannot be read" in refused(*both)
    assert "no certificate to save" in refused("--tls-save-cert", "c.pem")
    saved = ("--tls-self-signed", "--tls-save-cert", str(tmp_path / "none" / "c.pem"))
    assert "none: there is no such folder; make it" in refused(*saved)


def test_what_does_not_exist() -> None:
    assert "no scenario file or name" in refused("--scenario", "dentits")
    assert "no latency profile named" in refused("--profile", "instnat")
    assert "late" in refused("--fault", "latee")


def test_who_can_be_let_in() -> None:
    assert "'app.example' is not the origin" in refused("--allow-origin", "app.example")
    assert "name of a model is empty" in refused("--model", "")


def test_files_that_are_no_certificates(tmp_path: Path) -> None:
    file = tmp_path / "c.pem"
    file.write_text("nothing")
    sentence = refused("--tls-cert", str(file), "--tls-key", str(file))
    assert "cannot be used (not PEM)" in sentence


def test_a_name_with_two_addresses_is_listened_on_at_one_port() -> None:
    with started("--host", "localhost") as (_, told):
        found = socket.getaddrinfo("localhost", told["port"], type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as caller:
                caller.connect(address)


def test_its_defaults_are_the_servers() -> None:
    given = {
        name: parameter.default
        for name, parameter in inspect.signature(serve).parameters.items()
    }
    options = ServeOptions()
    assert (given["host"], given["port"]) == (options.host, options.port)
    assert given["max_sessions"] == options.max_sessions
    assert given["idle_timeout"] == options.idle_timeout_s
    assert given["drain_seconds"] == options.drain_s
    assert given["dialect"] == options.dialect.name
    assert given["session_limit"] == SESSION_LIFETIME_S
