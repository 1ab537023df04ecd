"""`voicelab bridge`, as a process of its own."""

from __future__ import annotations

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.support.server_process import ServerProcess
from voicelab.cli import app
from voicelab.cli import bridge as command
from voicelab.serve.bridges import settings

SOON_S = 30.0
Process = subprocess.Popen[str]


@contextmanager
def started(
    *options: str, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Process, dict[str, Any]]]:
    """The process, and what it says on its standard output when it is ready."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(command.PREFIX)}
    process = subprocess.Popen(
        [sys.executable, "-m", "voicelab", "bridge", "browser", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**base, "PYTHONPATH": str(Path(__file__).parents[3]), **(env or {})},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def ended(process: Process) -> tuple[int, str]:
    """Wait for the end; return exit code and error output."""
    _, errors = process.communicate(timeout=SOON_S)
    return process.returncode, errors


def refused(*options: str) -> str:
    """Return the sentence with which a command is refused."""
    arguments = ["bridge", "browser", *options]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()[-1:]
    assert line.startswith("Error: ")
    return line


def fetched(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=SOON_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, headers, body


def until_silence(page: Connection) -> list[str]:
    """Return the keys of what comes until nothing does, or the connection ends."""
    keys: list[str] = []
    with suppress(TimeoutError, ConnectionClosed):
        while True:
            keys += json.loads(page.recv(0.5))
    return keys


# -- serving ------------------------------------------------------------------------


def test_it_serves_the_page_and_says_how_it_is(tmp_path: Path) -> None:
    with started("--port", "0", cwd=tmp_path) as (process, told):
        assert told["kind"] == "browser"
        assert told["page_url"] == f"http://127.0.0.1:{told['port']}/"
        assert told["voice_url"] == f"ws://127.0.0.1:{told['port']}/voice"
        assert not told["token_needed"]
        status, headers, body = fetched(told["port"], "/")
        assert status == 200
        assert b"<html" in body
        assert headers["content-type"].startswith("text/html")
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        status, headers, body = fetched(told["port"], "/healthz")
        assert json.loads(body)["status"] == "ok"
        assert json.loads(body)["calls"] == 0
        for path in ("/docs", "/openapi.json", "/../app.py", "/%2e%2e/app.py", "/none"):
            status, headers, _ = fetched(told["port"], path)
            assert status == 404
            assert "content-security-policy" in headers
        process.send_signal(signal.SIGTERM)
        code, errors = ended(process)
    assert code == 0
    assert [line.split()[2] for line in errors.splitlines()] == [
        "listening",
        "draining",
        "stopped",
    ]


def test_a_call_goes_on_while_it_drains_and_not_after_a_second_signal(
    tmp_path: Path,
) -> None:
    with (
        ServerProcess() as server,
        started("--port", "0", "--upstream", server.url, cwd=tmp_path) as (
            process,
            told,
        ),
        connect(told["voice_url"], proxy=None) as page,
    ):
        page.send(json.dumps({"hello": {}}))
        assert "ready" in json.loads(page.recv(SOON_S))
        process.send_signal(signal.SIGINT)
        page.send(json.dumps({"audio": "AAAA" * 160}))
        assert "bye" not in until_silence(page)
        process.send_signal(signal.SIGINT)
        while "bye" not in json.loads(page.recv(SOON_S)):
            pass
        code, errors = ended(process)
    assert code == 0
    assert "the bridge is shutting down" in errors


def test_for_people_it_says_where_the_page_is() -> None:
    line = [sys.executable, "-m", "voicelab", "bridge", "browser", "--port", "0"]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        process.terminate()
    assert said[0].startswith("Page: http://127.0.0.1:")
    assert said[1].startswith("Voice: ws://127.0.0.1:")
    assert said[2].startswith("Upstream: ws://127.0.0.1:8765/v1/realtime")


# -- where options come from --------------------------------------------------------


def test_options_come_before_the_environment_and_that_before_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "# the file\n"
        "VOICELAB_BRIDGE_PORT=0\n"
        "VOICELAB_BRIDGE_HOST=127.0.0.3\n"
        "VOICELAB_BRIDGE_UPSTREAM=ws://127.0.0.1:3\n"
        "VOICELAB_BRIDGE_MODEL=of-the-file\n"
        'VOICELAB_BRIDGE_ORIGIN="https://a.example https://b.example"\n'
        "VOICELAB_BRIDGE_TOKEN='open sesame'\n"
        "VOICELAB_BRIDGE_LOG_FORMAT=json\n"
    )
    environment = {
        "VOICELAB_BRIDGE_UPSTREAM": "ws://127.0.0.1:2",
        "VOICELAB_BRIDGE_MODEL": "of-the-environment",
    }
    options = ("--model", "of-the-line")
    with started(*options, cwd=tmp_path, env=environment) as (process, told):
        assert told["upstream"] == "ws://127.0.0.1:2/v1/realtime?model=of-the-line"
        assert told["page_url"].startswith("http://127.0.0.3:")
        assert told["token_needed"]
        process.send_signal(signal.SIGTERM)
        _, errors = ended(process)
    assert json.loads(errors.splitlines()[0])["event"] == "listening"
    assert "sesame" not in errors


def test_a_file_further_up_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("VOICELAB_BRIDGE_TOKEN=open\n")
    (tmp_path / "below").mkdir()
    with started("--port", "0", cwd=tmp_path / "below") as (_, told):
        assert not told["token_needed"]


def test_the_key_of_the_server_may_stand_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    upstream = ("--upstream", "wss://api.openai.com/v1/realtime")
    assert "OPENAI_API_KEY holds no key" in refused(*upstream)
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-of-the-file\n")
    with started(*upstream, "--port", "0", cwd=tmp_path) as (_, told):
        assert "sk-" not in json.dumps(told)


def test_a_wrong_value_in_the_file_is_told_like_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("VOICELAB_BRIDGE_PORT=many\n")
    done = CliRunner().invoke(app, ["bridge", "browser"])
    assert done.exit_code == 2
    assert "--port" in done.stderr


def test_a_file_that_is_no_text_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"\xff\xfeV")
    assert ".env: is not UTF-8 text; save it as UTF-8" in refused()


def test_files_that_calls_will_need_are_looked_at_before_one_comes(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.write_text("no folder, no certificate\n")
    assert "runs cannot be written here" in refused("--record", str(file))
    assert "holds no certificates" in refused("--tls-ca", str(file))


def test_every_option_has_the_variable_of_its_name_but_three() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    options = [
        each for each in group.commands["bridge"].params if each.opts != ["kind"]
    ]
    variables = {each.opts[0]: each.envvar for each in options if each.envvar}
    assert variables == {
        name: command.PREFIX + name.removeprefix("--").replace("-", "_").upper()
        for name in variables
    }
    without = {each.opts[0] for each in options} - set(variables)
    assert without == {"--header", "--set", "--json"}


def test_its_defaults_are_the_settings() -> None:
    given = {
        name: parameter.default
        for name, parameter in inspect.signature(command.bridge).parameters.items()
    }
    assert given["host"] == settings.DEFAULT_HOST
    assert given["port"] == settings.DEFAULT_PORT
    assert given["upstream"] == settings.DEFAULT_UPSTREAM
    assert given["truncation"] == settings.DEFAULT_POLICY
    assert given["max_calls"] == settings.DEFAULT_MAX_CALLS
    assert given["idle_timeout"] == settings.DEFAULT_IDLE_TIMEOUT_S
    assert given["drain_seconds"] == settings.DEFAULT_DRAIN_S


# -- what cannot be -----------------------------------------------------------------


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sentence = refused("--port", str(port), "--log-level", "error")
        assert f"port {port} of 127.0.0.1 is in use; give" in sentence


def test_the_network_without_a_token() -> None:
    assert "VOICELAB_BRIDGE_TOKEN" in refused("--host", "0.0.0.0")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--upstream", "ftp://example.com"], "not the URL of a Realtime server"),
        (["--origin", "app.example"], "not the origin of a web page"),
        (["--truncation", "best"], "no truncation policy named 'best'"),
        (["--session", "nowhere.yaml"], "nowhere.yaml"),
        (["--set", "session.colour=red"], "session.colour"),
        (["--set", "session.audio.input.turn_detection=null"], "no button"),
        (["--max-cost", "1", "--model", "unheard-of"], "no known price"),
        (["--header", "x"], "has no value"),
    ],
    ids=str,
)
def test_wrong_options_are_told_in_one_sentence(options: list[str], told: str) -> None:
    assert told in refused(*options)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "_PARTS", {"no_such_module": "fastapi"})
    sentence = refused()
    assert "the bridges need fastapi" in sentence
    assert "pip install 'voicelab-realtime[bridges]'" in sentence


def test_help_loads_nothing_of_the_extra() -> None:
    probe = (
        "import sys; from typer.testing import CliRunner; from voicelab.cli import app;"
        "print(CliRunner().invoke(app, ['bridge', '--help']).exit_code, *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], check=True, capture_output=True, text=True
    )
    code, *modules = done.stdout.split()
    assert code == "0"
    assert not {"fastapi", "uvicorn", "starlette", "dotenv", "numpy"} & set(modules)
