"""The kinds of bridges on the command line: options of one, and where they listen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.telephone_bridges import calls_to
from voicelab.cli.bridge_kinds import maker_of, settings_of
from voicelab.errors import InputError
from voicelab.serve.bridges.elks.settings import ElksSettings
from voicelab.serve.bridges.settings import BridgeSettings
from voicelab.serve.bridges.twilio.settings import TwilioSettings

SHARED: dict[str, Any] = {"calls": calls_to("ws://127.0.0.1:9/v1/realtime"), "port": 0}
STOP_TIMEOUT_S = 20


def settings(kind: str, **given: Any) -> BridgeSettings:
    told: dict[str, Any] = {
        "format_name": None,
        "public_url": None,
        "environment": {},
    } | given
    return settings_of(kind, SHARED, **told)


def test_a_page_has_the_settings_of_all() -> None:
    assert type(settings("browser")) is BridgeSettings


def test_46elks_has_a_format() -> None:
    assert settings("elks") == ElksSettings(**SHARED, format="pcm_24000")
    assert settings("elks", format_name="alaw") == ElksSettings(**SHARED, format="alaw")


def test_twilio_has_a_public_url_and_a_token_in_the_environment() -> None:
    url = "https://voice.example"
    token = {"TWILIO_AUTH_TOKEN": "12345"}
    assert settings("twilio") == TwilioSettings(**SHARED)
    assert settings("twilio", environment={"TWILIO_AUTH_TOKEN": ""}) == (
        TwilioSettings(**SHARED)
    )
    assert settings("twilio", public_url=url, environment=token) == (
        TwilioSettings(**SHARED, public_url=url, auth_token="12345")
    )


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("browser", {"format_name": "ulaw"}),
        ("twilio", {"format_name": "ulaw"}),
        ("browser", {"public_url": "https://voice.example"}),
        ("elks", {"public_url": "https://voice.example"}),
    ],
)
def test_an_option_of_another_kind_is_refused(
    kind: str, option: dict[str, str]
) -> None:
    with pytest.raises(InputError, match=f"a bridge to {kind} has no --"):
        settings(kind, **option)


@pytest.mark.parametrize("kind", ["browser", "elks", "twilio"])
def test_each_kind_has_an_application(kind: str) -> None:
    app = maker_of(kind)(settings(kind))
    assert kind in app.title.lower().replace("46", "")


@contextmanager
def command(tmp_path: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    """Run a bridge; yield what it says of itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voicelab", "bridge", *arguments, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        _, log = process.communicate(timeout=STOP_TIMEOUT_S)
    assert process.returncode == 0, log
    assert "s3cret" not in log


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("elks", {"call_url": "ws://127.0.0.1:{port}/elks"}),
        (
            "twilio",
            {
                "webhook_url": "http://127.0.0.1:{port}/twilio",
                "media_url": "ws://127.0.0.1:{port}/twilio/media",
            },
        ),
    ],
)
def test_the_command_says_where_calls_come_to(
    kind: str, places: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("VOICELAB_BRIDGE_TOKEN=s3cret\n", "utf-8")
    with command(tmp_path, kind, "--json") as told:
        assert told["kind"] == kind
        assert told["token_needed"] is True
        for name, url in places.items():
            assert told[name] == url.format(port=told["port"])
