"""A cascade's stages, measured here: what is fitted, written and used again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import voicelab as vl
from tests.support.chat_server import Answer, chat_server, told
from tests.support.stopwatch import show
from voicelab.audio.pcm import Samples
from voicelab.calibration import cascade as module
from voicelab.calibration import chat_stage
from voicelab.calibration.cascade import calibrate_cascade, save_cascade_profile
from voicelab.cli import app
from voicelab.errors import InputError
from voicelab.responders.cascade import load_cascade_profile
from voicelab.responders.chat.options import ChatEndpoint
from voicelab.speech.stt import Transcript
from voicelab.speech.tts import Synthesised


class Model:
    """A recogniser and a voice that take no time, and count what they are given."""

    name = identity = "made"
    has_word_times = False
    rate_hz = 16_000

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.said: list[str] = []

    def recognise(self, samples: Samples) -> Transcript:
        self.heard.append(len(samples))
        return Transcript("")

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        assert speed == 1.0
        self.said.append(text)
        return Synthesised(np.empty(0, np.int16), 16_000, ())


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()

    def make(name: str, *, cached: bool) -> Model:
        assert name in {"moonshine", "heart"}
        assert not cached, "what is known from before takes no time"
        return made

    monkeypatch.setattr(module, "make_recogniser", make)
    monkeypatch.setattr(module, "make_voice", make)
    return made


def test_each_stage_is_given_what_it_gets_in_a_conversation(model: Model) -> None:
    found = calibrate_cascade(name="here")
    profile = found.profile
    assert not profile.modelled
    assert profile.date
    assert "moonshine" in profile.source
    assert list(found.table["quantity"]) == [
        "stt_final_ms",
        "chat_first_token_ms",
        "tts_first_audio_ms",
    ]
    # the first of each loads the model, and does not count
    assert found.table["n"].iloc[0] == len(model.heard) - 1
    assert found.table["n"].iloc[2] == len(model.said) - 1
    assert len(set(model.heard)) == len(model.heard)  # a turn heard again takes no time
    assert min(model.heard) > 0.5 * 16_000
    assert len(set(model.said)) == len(model.said) - 1


def test_a_run_goes_by_what_was_measured(model: Model, tmp_path: Path) -> None:
    file = tmp_path / "here.yaml"
    save_cascade_profile(calibrate_cascade(name="here").profile, file)
    loaded = load_cascade_profile(str(file))
    assert loaded.fitted is not None
    assert model.heard
    agent = {"responder": "cascade", "cascade": {"profile": str(file)}}
    assert vl.run("card-game", agent=agent).summary.answered


def test_only_a_measured_profile_is_replaced(model: Model, tmp_path: Path) -> None:
    profile = calibrate_cascade(name="here").profile
    assert model.said
    file = tmp_path / "here.yaml"
    for _ in range(2):
        save_cascade_profile(profile, file)
    file.write_text("mine: true\n")
    with pytest.raises(InputError, match="no fitted profile"):
        save_cascade_profile(profile, file)
    assert file.read_text() == "mine: true\n"


def test_the_command_writes_and_prints(model: Model, tmp_path: Path) -> None:
    file = tmp_path / "here.yaml"
    words = ["calibrate", "--cascade", "--out", str(file)]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert "stt_final_ms" in result.stdout
    assert result.stdout.splitlines()[-1] == str(file)
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert told["profile"]["name"] == "here"
    assert len(told["quantities"]) == 3
    assert model.heard


PIECES = told("One ", "two ", "three.")
ONE_PIECE = told("One two three.")
BUSY = Answer(status=503)


@pytest.mark.parametrize(
    ("answers", "count", "notes"),
    [
        ([PIECES], 4, ()),
        ([PIECES, BUSY, PIECES], 4, ("left out: 1 of 4 (the chat endpoint answered",)),
        ([ONE_PIECE], 3, ("every answer came in one piece",)),
    ],
)
def test_a_chat_endpoint_is_measured_instead_of_the_rules(
    model: Model,
    answers: list[Answer],
    count: int,
    notes: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("httpx", reason="needs the extra speech")
    show(monkeypatch, chat_stage, 0.2, 0.3, 0.5)
    with chat_server(*answers) as server:
        endpoint = ChatEndpoint(url=server.url, model="thinker", retries=5)
        found = calibrate_cascade(name="here", endpoint=endpoint, requests=4)
        assert len(server.requests) == 4
    assert model.heard
    assert f"answers of thinker at {endpoint.host}, the voice" in found.profile.source
    assert len(found.table) == count
    assert ("chat_tokens_per_s" in (found.profile.fitted or {})) == (count == 4)
    assert len(found.notes) == len(notes)
    for note, says in zip(found.notes, notes, strict=True):
        assert says in note


def test_the_command_says_what_it_asks_and_shows_no_secret(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("httpx", reason="needs the extra speech")
    monkeypatch.setenv("MY_KEY", "sesame")
    file = tmp_path / "here.yaml"
    with chat_server(PIECES) as server:
        chat = ["--chat-url", server.url, "--chat-model", "thinker"]
        limits = ["--chat-key-env", "MY_KEY", "--chat-requests", "3", "--json"]
        words = ["calibrate", "--cascade", "--out", str(file), *chat, *limits]
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0
        sent = [headers["Authorization"] for headers in server.headers]
    assert sent == ["Bearer sesame"] * 3
    host = server.url.removeprefix("http://").removesuffix("/v1")
    said = f"Asking thinker at {host} 3 times, which may cost money.\n"
    assert result.stderr == said
    assert json.loads(result.stdout)["quantities"][1]["n"] == 2
    assert "sesame" not in result.stdout + result.stderr + file.read_text("utf-8")
    assert model.heard


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--chat-url http://h", "a chat needs --chat-url and --chat-model; give both"),
        ("--chat-requests 5", "a chat needs --chat-url and --chat-model; give both"),
        ("--chat-url ftp://h --chat-model m", "'ftp://h' is not allowed; give an http"),
        ("--chat-url http://u:hush@h/ --chat-model m", "(it is not shown, as it may"),
        ("--chat-url http://h --chat-model m --chat-key-env sk-hush", "is no name of"),
        ("--chat-url http://h --chat-model m --chat-key-env NONE_", "holds no key"),
    ],
)
def test_an_endpoint_that_is_none(
    model: Model, words: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "here.yaml"
    out = ["--cascade", "--out", str(file)]
    result = CliRunner().invoke(app, ["calibrate", *out, *words.split()])
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert "hush" not in result.stderr
    assert not file.exists()
    assert model.heard == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cascade", "--stt", "whispr"], "did you mean whisper?"),
        (["--chat-model", "m"], "--chat-model is for measuring a cascade"),
        (["--cascade", "runs"], "a cascade is measured here, not in runs"),
        ([], "there is nothing to fit a profile to"),
        (["--cascade", "--voice", "hart"], "there is no voice named 'hart'"),
    ],
)
def test_what_makes_no_sense_is_told(
    words: list[str], says: str, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "here.yaml")]
    result = CliRunner().invoke(app, ["calibrate", *words, *out])
    assert result.exit_code == 2
    assert says in result.stderr
