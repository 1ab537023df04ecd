"""Which stages an agent can have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from voicelab.errors import ScenarioError
from voicelab.responders.cascade import DEFAULT_CASCADE_PROFILE
from voicelab.scenario import scenario_from
from voicelab.scenario.canonical import canonical
from voicelab.scenario.model import Agent, Cascade
from voicelab.speech.stt import RECOGNISER_NAMES
from voicelab.speech.tts import VOICE_NAMES

ENDPOINT = {"url": "http://127.0.0.1:1/v1", "model": "m"}


def with_agent(mapping: dict[str, Any], **agent: Any) -> dict[str, Any]:
    return {**mapping, "agent": agent}


@pytest.mark.parametrize(
    "agent",
    [
        {"responder": "echo"},
        {"responder": "cascade"},
        {"responder": "cascade", "cascade": {"stt": "moonshine", "tts": "heart"}},
        {"responder": "cascade", "cascade": {"chat": "rules", "tts": "joe"}},
        {"responder": "cascade", "cascade": {"chat": "echo", "tts": "emma"}},
        {
            "responder": "cascade",
            "cascade": {"chat": "endpoint", "endpoint": ENDPOINT, "tts": "emma"},
        },
        {"responder": "chat", "cascade": {"endpoint": ENDPOINT, "tts": "emma"}},
        {
            "responder": "cascade",
            "replies": [{"text": "Yes."}],
            "cascade": {"tts": "joe"},
        },
    ],
)
def test_stages_that_fit(
    folder: Path, recorded: dict[str, Any], agent: dict[str, Any]
) -> None:
    scenario = scenario_from(with_agent(recorded, **agent), folder)
    assert scenario.agent.responder == agent["responder"]


@pytest.mark.parametrize(
    ("agent", "path", "says"),
    [
        (
            {"responder": "recorded", "cascade": {}},
            "agent.cascade",
            "a responder that is recorded has no stages",
        ),
        (
            {"responder": "echo", "replies": [{"text": "Yes."}]},
            "agent.replies",
            "an echo says what the caller says",
        ),
        ({"responder": "chat"}, "agent.cascade", "the endpoint .* is missing"),
        (
            {"responder": "chat", "cascade": {"chat": "rules", "tts": "joe"}},
            "agent.cascade.chat",
            "a chat agent asks an endpoint, not rules",
        ),
        (
            {"responder": "cascade", "cascade": {"endpoint": ENDPOINT}},
            "agent.cascade.endpoint",
            "never asked, since chat is replies",
        ),
        (
            {"responder": "cascade", "cascade": {"chat": "rules"}},
            "agent.cascade.tts",
            "nobody has recorded what rules will say",
        ),
        (
            {
                "responder": "cascade",
                "replies": [{"text": "Yes."}],
                "cascade": {"chat": "rules", "tts": "joe"},
            },
            "agent.replies",
            "these are never said, since chat is rules",
        ),
        (
            {"responder": "cascade", "replies": [{"text": "Yes."}]},
            "agent.replies[0]",
            "text but no audio",
        ),
        (
            {"responder": "cascade", "cascade": {"profile": "cascade-tipical"}},
            "agent.cascade.profile",
            "no cascade profile named 'cascade-tipical'",
        ),
        (
            {
                "responder": "cascade",
                "cascade": {"chat": "rules", "rules": "no.yaml", "tts": "joe"},
            },
            "agent.cascade.rules",
            "there is no such file",
        ),
        (
            {"responder": "cascade", "cascade": {"tts": "hart"}},
            "agent.cascade.tts",
            "did you mean heart",
        ),
        (
            {
                "responder": "chat",
                "cascade": {"tts": "joe", "endpoint": {**ENDPOINT, "api_key": "sk-1"}},
            },
            "agent.cascade.endpoint.api_key",
            "did you mean api_key_env",
        ),
        (
            {
                "responder": "chat",
                "cascade": {
                    "tts": "joe",
                    "endpoint": {**ENDPOINT, "url": "http://me:pw@host/v1"},
                },
            },
            "agent.cascade.endpoint.url",
            "an http or https URL without",
        ),
        (
            {
                "responder": "chat",
                "cascade": {
                    "tts": "joe",
                    "endpoint": {**ENDPOINT, "api_key_env": "sk-hush"},
                },
            },
            "agent.cascade.endpoint.api_key_env",
            "not allowed .it is not shown, as it may be a key.; give the name of an",
        ),
    ],
)
def test_stages_that_do_not(
    folder: Path, recorded: dict[str, Any], agent: dict[str, Any], path: str, says: str
) -> None:
    with pytest.raises(ScenarioError, match=says) as caught:
        scenario_from(with_agent(recorded, **agent), folder)
    assert caught.value.path == path


def test_what_is_left_open_is_filled_in() -> None:
    assert Agent(responder="recorded").stages is None
    stages = Agent(responder="cascade").stages
    assert stages == Cascade(stt="labels", chat="replies", tts="recorded")
    assert stages.profile == DEFAULT_CASCADE_PROFILE
    asked = Agent(responder="chat", cascade=Cascade(tts="joe")).stages
    assert asked is not None
    assert asked.chat == "endpoint"


def test_names_are_those_that_there_are() -> None:
    hints = get_type_hints(Cascade)
    assert get_args(hints["stt"]) == ("labels", *RECOGNISER_NAMES)
    assert get_args(hints["tts"]) == ("recorded", *VOICE_NAMES)


def test_an_agent_without_stages_is_what_it_was(
    folder: Path, recorded: dict[str, Any]
) -> None:
    """Its runs keep their ids."""
    assert "cascade" not in canonical(scenario_from(recorded, folder))["agent"]


def test_a_profile_is_known_by_its_file(folder: Path, recorded: dict[str, Any]) -> None:
    (folder / "mine.yaml").write_text("")
    agent = {"responder": "cascade", "cascade": {"profile": "./mine.yaml"}}
    scenario = scenario_from(with_agent(recorded, **agent), folder)
    assert scenario.agent.cascade is not None
    assert scenario.agent.cascade.profile == str(folder / "mine.yaml")
    assert canonical(scenario)["agent"]["cascade"]["profile"] == "mine.yaml"
