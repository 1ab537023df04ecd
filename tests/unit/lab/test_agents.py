"""The agents of a server's sessions, in whole runs and in sessions that are strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicelab.lab.lines
from tests.support import turns as bundled
from tests.support.recordings import noise
from tests.support.runs import RunLog
from tests.support.runs import bundled as scenario_named
from tests.support.session_pair import MANUAL, Event, SessionPair
from voicelab.audio import AudioFormat, Samples
from voicelab.lab.agents import Agent, AgentSource, AssistantAgents, ScenarioAgents
from voicelab.lab.materials import Materials, gather
from voicelab.lab.spoken import SpokenTurns
from voicelab.responders.profile import load_profile
from voicelab.scenario import override, scenario_names

NAMES = scenario_names()
TRANSCRIPTION = {"transcription": {"model": "whisper-1"}}
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Tells the weather.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
        "required": ["city", "unit"],
    },
}
LONGEST_MS = 60_000

# -- a scenario's agent -------------------------------------------------------


def turn_detection(silence_ms: int) -> dict[str, Any]:
    detection = {"type": "server_vad", "silence_duration_ms": silence_ms}
    return {"audio": {"input": {"turn_detection": detection}}}


CUT_IN_TWO = {"channel": {"codec": "pcmu"}, "session": turn_detection(200)}
MERGED = {"session": turn_detection(1500)}
RUNS: list[tuple[str, dict[str, Any]]] = [
    *((name, CUT_IN_TWO) for name in NAMES),
    *((name, MERGED) for name in ("dentist", "hotel-cafe", "phone-plan")),
    *((name, {"caller": {"drive": "fixed"}}) for name in ("directions", "recipe")),
    ("card-game", {"channel": {"codec": "pcma"}}),
    ("recipe", {"session": {"audio": {"output": {"speed": 0.75}}}}),
    ("pizza-order", {"session": {"audio": MANUAL["audio"]}}),
]


@pytest.mark.parametrize(("name", "settings"), RUNS, ids=[name for name, _ in RUNS])
def test_who_hears_the_recording_does_what_who_knows_it_does(
    name: str,
    settings: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole log is equal: replies, their instants, words kept, transcripts."""
    transcribed = {"session": {"audio": {"input": TRANSCRIPTION}}}
    scenario = override(scenario_named(name, **settings), **transcribed)
    known = RunLog.of(scenario, tmp_path / "known")
    made: list[Agent] = []

    def hearing_agent(materials: Materials, seed: int, _spoken: SpokenTurns) -> Agent:
        made.append(ScenarioAgents(materials, seed).agent_for(seed=99))
        return made[-1]

    monkeypatch.setattr(voicelab.lab.lines, "knowing_agent", hearing_agent)
    heard_run = RunLog.of(scenario, tmp_path / "heard")
    assert len(made) == 1
    completed = "conversation.item.input_audio_transcription.completed"
    assert any(line["data"]["transcript"] for line in known.on("server", completed))
    assert heard_run.lines == known.lines


def test_a_stranger_gets_the_scenarios_replies_in_order() -> None:
    source = ScenarioAgents(bundled.materials("dentist"), 5)
    pair = session(source, seed=0)
    replies = bundled.materials("dentist").replies
    for index in range(3):
        commit(pair, noise(24_000, seed=index))
        assert answer(pair) == replies[index].text
    assert len(pair.of(f"{PREFIX}failed")) == 3


def test_scripted_calls_are_made_in_order() -> None:
    replies = [
        {"text": "Let me look."},
        {"function_call": {"name": "look_up", "arguments": {"id": 7}, "output": {}}},
        {"text": "Found it."},
    ]
    scripted = scenario_named(
        "dentist",
        agent={"responder": "scripted", "replies": replies},
        session={"output_modalities": ["text"]},
    )
    pair = session(ScenarioAgents(gather(scripted), 1), seed=0, modality="text")
    pair.say("hello")
    assert answer(pair) == "Let me look."
    pair.say("go on")
    pair.respond()
    pair.run(LONGEST_MS)
    (call,) = pair.last("response.done")["response"]["output"]
    assert (call["name"], json.loads(call["arguments"])) == ("look_up", {"id": 7})


# -- the assistant ------------------------------------------------------------


@pytest.fixture(scope="module")
def assistant() -> AssistantAgents:
    return AssistantAgents(load_profile("instant"))


PREFIX = "conversation.item.input_audio_transcription."


def session(
    source: AgentSource, *, seed: int, modality: str = "audio", **settings: Any
) -> SessionPair:
    """Return a session whose every event is held against the strict models."""
    agent = source.agent_for(seed)
    heard = {**MANUAL["audio"]["input"], **TRANSCRIPTION}
    return SessionPair(
        responder=agent.responder,
        transcriber=agent.transcriber,
        **{"audio": {"input": heard}, "output_modalities": [modality], **settings},
    )


def commit(pair: SessionPair, samples: Samples) -> None:
    pair.append(samples, step_ms=100)
    pair.commit()
    pair.run(1000)


def answer(pair: SessionPair, **params: Any) -> str:
    """Ask for a response; return what it says."""
    pair.respond(**params)
    pair.run(LONGEST_MS)
    response = pair.last("response.done")["response"]
    assert response["status"] == "completed"
    (item,) = response["output"]
    (part,) = item["content"]
    said: str = part.get("text") or part["transcript"]
    return said


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_whoever_plays_a_bundled_recording_gets_the_reply_that_follows(
    assistant: AssistantAgents, audio_format: AudioFormat
) -> None:
    for name in ("dentist", "wifi-help", "recipe"):
        turns = bundled.materials(name).turns
        pair = session(assistant, seed=1)
        pair.update(audio={"input": {"format": {"type": audio_format.value}}})
        for turn in turns[:2]:
            commit(pair, bundled.commit(name, turn, audio_format))
            assert pair.last(f"{PREFIX}completed")["transcript"] == turn.text
            assert answer(pair) in said_in(name)


def said_in(name: str) -> set[str]:
    """Return what the agent says in a recording, from its labels alone."""
    folder = Path(__file__).parents[3] / "data" / "conversations"
    labels = json.loads((folder / f"{name}.json").read_text("utf-8"))
    agents = [turn for turn in labels["turns"] if turn["speaker"] == "agent"]
    return {turn.get("reply", turn)["text"] for turn in agents}


def test_a_stranger_gets_lines_that_vary(assistant: AssistantAgents) -> None:
    pair = session(assistant, seed=3)
    lines = []
    for index in range(6):
        commit(pair, noise(24_000, seed=index))
        lines.append(answer(pair))
    assert len(set(lines)) == 6
    assert len(pair.of(f"{PREFIX}failed")) == 6
    again = session(assistant, seed=3)
    for line in lines[:3]:
        again.say("anything")
        assert answer(again) == line


def test_each_line_has_its_audio(assistant: AssistantAgents) -> None:
    pair = session(assistant, seed=0)
    pair.respond()
    pair.run(LONGEST_MS)
    (item,) = pair.last("response.done")["response"]["output"]
    length = len(pair.retrieve(item["id"])["content"][0]["audio"])
    assert length > 24_000
    assert pair.noted("reply.audio")


def test_written_requests_get_written_answers(assistant: AssistantAgents) -> None:
    pair = session(assistant, seed=2, modality="text")
    pair.say("hello")
    assert answer(pair)
    assert pair.of("response.output_text.done")
    assert not pair.of("response.output_audio.delta")


def test_demanded_tools_are_called_and_their_output_is_answered(
    assistant: AssistantAgents,
) -> None:
    pair = session(assistant, seed=2, tools=[TOOL], tool_choice="required")
    pair.say("how is it outside?")
    pair.respond()
    pair.run(LONGEST_MS)
    (call,) = pair.last("response.done")["response"]["output"]
    assert json.loads(call["arguments"]) == {"city": "city", "unit": "C"}
    pair.create(
        {
            "type": "function_call_output",
            "call_id": call["call_id"],
            "output": '{"sky": "blue"}',
        }
    )
    assert answer(pair)


def test_a_response_out_of_band_has_its_own_tools_and_input(
    assistant: AssistantAgents,
) -> None:
    pair = session(assistant, seed=2)
    item: Event = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Get weather, please"}],
    }
    pair.respond(
        conversation="none", input=[item], tools=[TOOL], instructions="Be brief."
    )
    pair.run(LONGEST_MS)
    (call,) = pair.last("response.done")["response"]["output"]
    assert call["name"] == "get_weather"
    assert answer(pair, conversation="none", input=[item], tool_choice="none")


def test_spoken_requests_for_a_tool_need_its_transcript(
    assistant: AssistantAgents,
) -> None:
    """What the caller says counts as soon as its transcript is known."""
    turn = bundled.materials("dentist").turns[0]
    named = {**TOOL, "name": "next_tuesday"}
    pair = session(assistant, seed=2, tools=[named])
    commit(pair, bundled.commit("dentist", turn, AudioFormat.PCM))
    pair.respond()
    pair.run(LONGEST_MS)
    (call,) = pair.last("response.done")["response"]["output"]
    assert call["name"] == "next_tuesday"


def test_equal_seeds_send_equal_audio(assistant: AssistantAgents) -> None:
    def sent(seed: int) -> list[str]:
        pair = session(assistant, seed=seed)
        for index in range(4):
            commit(pair, noise(24_000, seed=index))
            answer(pair)
        return [event["delta"] for event in pair.of("response.output_audio.delta")]

    assert sent(6) == sent(6)
    assert sent(6) != sent(7)


def test_silence_needs_no_ears(assistant: AssistantAgents) -> None:
    pair = session(assistant, seed=1)
    commit(pair, np.zeros(24_000, np.int16))
    assert answer(pair)
