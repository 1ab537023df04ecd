"""The caller's words while a turn goes on, known or recognised by the sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicelab as vl
from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VadFrontEnd
from voicelab.errors import InputError, MissingPartError
from voicelab.lab import end_of_turn as giver
from voicelab.lab.agents import Agent
from voicelab.lab.end_of_turn import end_of_turn_of
from voicelab.lab.experiment import simulate
from voicelab.lab.materials import gather
from voicelab.lab.recognition import ClipIndex
from voicelab.lab.so_far import PARTIAL_LAG_MS, HeardSoFar, SaidSoFar
from voicelab.lab.spoken import SpokenTurns
from voicelab.lab.turns import CallerTurn
from voicelab.paths import data_dir
from voicelab.responders.assistant import Assistant
from voicelab.scenario.library import find_scenario
from voicelab.scenario.load import load_scenario
from voicelab.scenario.override import override
from voicelab.session.semantic import Judgement
from voicelab.session.turn_detection import Pause
from voicelab.session.work import INLINE, InlineWork, Work
from voicelab.speech.cache import ArrayCache
from voicelab.speech.end_of_turn import (
    CachedEndOfTurn,
    SmartTurn,
    TurnAudio,
    cached,
)

NO_AUDIO = TurnAudio((), 24_000)


@pytest.fixture(scope="module")
def turn() -> CallerTurn:
    """ "Hi, um, I have a cleaning next Tuesday, and ..."."""
    return gather(load_scenario(find_scenario("dentist"))).turns[0]


def said_so_far(turn: CallerTurn, onset_ms: float) -> SaidSoFar:
    spoken = SpokenTurns()
    spoken.add(turn, onset_ms)
    return SaidSoFar(spoken)


def test_words_are_known_some_time_after_they_ended(turn: CallerTurn) -> None:
    said = said_so_far(turn, 1000)
    second_ends_ms = 1000 + turn.words[1].end_ms
    known_ms = int(second_ends_ms + PARTIAL_LAG_MS) + 1
    assert said.text(700, known_ms, NO_AUDIO) == "Hi, um,"
    assert said.text(700, known_ms - 2, NO_AUDIO) == "Hi,"
    assert said.text(700, 1000, NO_AUDIO) == ""


def test_words_from_before_the_turn_do_not_count(turn: CallerTurn) -> None:
    said = said_so_far(turn, 1000)
    start_ms = int(1000 + turn.words[1].start_ms)
    text = said.text(start_ms, 100_000, NO_AUDIO)
    assert text is not None
    assert text.startswith("um, I have a cleaning")


def test_without_words_none_are_told() -> None:
    spoken = SpokenTurns()
    assert SaidSoFar(spoken).text(0, 9000, NO_AUDIO) is None


def audio_of(clip: Samples, rate_hz: int) -> TurnAudio:
    return TurnAudio(tuple(VadFrontEnd(rate_hz).windows(clip)), rate_hz)


def test_a_caller_who_is_recognised_is_known_as_one_of_the_lab_s(
    turn: CallerTurn,
) -> None:
    index = ClipIndex([(turn.clip, turn.rate_hz)])
    heard = HeardSoFar(index, [turn])
    audio = audio_of(turn.clip[: 3 * turn.rate_hz], turn.rate_hz)
    until_ms = 50_000
    start_ms = until_ms - round(len(audio.samples()) / 16)
    text = heard.text(start_ms, until_ms, audio)
    onset_ms = start_ms + turn.onset_samples * 1000 / turn.rate_hz
    assert text == said_so_far(turn, onset_ms).text(start_ms, until_ms, NO_AUDIO)
    assert text


def test_a_caller_who_is_not_recognised_is_not_understood(turn: CallerTurn) -> None:
    heard = HeardSoFar(ClipIndex([(turn.clip, turn.rate_hz)]), [turn])
    noise = np.random.default_rng(3).normal(0, 900, 48_000).astype(np.int16)
    assert heard.text(0, 2000, audio_of(noise, 24_000)) is None


SEMANTIC: dict[str, Any] = {
    "audio": {
        "input": {
            "turn_detection": {"type": "semantic_vad", "eagerness": "high"},
            "transcription": {"model": "gpt-t"},
        }
    }
}


@pytest.fixture(scope="module")
def run() -> vl.Run:
    return vl.run("dentist", session=SEMANTIC)


def test_a_run_records_what_was_thought_of_each_pause(run: vl.Run) -> None:
    events = run.events
    judged = events[events["type"] == "turn.semantic"]
    assert len(judged) >= 6
    assert set(judged["lane"]) == {"server"}
    rules = [data["text_rule"] for data in judged["data"]]
    assert {"preposition", "filler"} <= set(rules)
    assert "turn.semantic_unavailable" not in set(events["type"])


def test_the_same_run_again_is_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything known, and with nothing."""
    scenario = override(load_scenario(find_scenario("wifi-help")), session=SEMANTIC)
    known = [simulate(scenario).log for _ in range(2)]
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    cached.smart_turn.cache_clear()
    assert {*known, simulate(scenario).log} == {known[0]}


def without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = SmartTurn(data_dir() / "models" / "none.onnx")
    monkeypatch.setattr(
        giver, "smart_turn", lambda: CachedEndOfTurn(model, ArrayCache(None))
    )


def test_a_run_without_the_model_ends_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would be another detector's run, under the same name."""
    without_the_model(monkeypatch)
    with pytest.raises(MissingPartError, match="the Smart Turn model is missing"):
        vl.run("dentist", session=SEMANTIC, out=tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_a_run_that_needs_no_model_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_the_model(monkeypatch)
    assert vl.run("dentist").summary.answered


def test_warming_up_loads_the_model_and_bears_its_absence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    giver.warm_up.cache_clear()
    giver.warm_up()
    giver.warm_up.cache_clear()
    without_the_model(monkeypatch)
    giver.warm_up()


def test_what_strangers_say_to_a_port_leaves_nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    pause = Pause(audio_start_ms=0, silent_from_ms=320, at_ms=544)
    audio = TurnAudio((np.arange(512, dtype=np.int16),) * 17, 16_000)

    def judged(work: Work) -> Judgement:
        end_of_turn = end_of_turn_of(Agent(Assistant.__new__(Assistant)), work)
        return end_of_turn.judge(pause, audio, 0, by_text=False).result()

    live = judged(_Threads())
    assert list(tmp_path.rglob("*.npy")) == []
    assert judged(INLINE) == live
    assert len(list(tmp_path.rglob("*.npy"))) == 2  # by the wire's audio, and at 16 kHz


class _Threads(InlineWork):
    """Work that is not charged for, done at once all the same."""

    charges = False


def test_only_a_run_ends_with_what_a_session_would_bear() -> None:
    agent = Agent(Assistant.__new__(Assistant))
    assert end_of_turn_of(agent, INLINE).fatal == (InputError,)
    assert end_of_turn_of(agent, _Threads()).fatal == ()
