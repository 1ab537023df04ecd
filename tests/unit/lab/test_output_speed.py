"""Agents that several sessions share speak at the speed of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from voicelab.audio.formats import AudioFormat
from voicelab.audio.stretch import stretched_length
from voicelab.lab.agents import AgentSource, AssistantAgents, ScenarioAgents
from voicelab.lab.materials import gather
from voicelab.responders.profile import load_profile
from voicelab.scenario import find_scenario, load_scenario
from voicelab.session.reply import ReplyRequest, SpeechPiece, SpokenWord


def scenario_agents() -> AgentSource:
    return ScenarioAgents(gather(load_scenario(find_scenario("dictation"))), seed=1)


def assistant_agents() -> AgentSource:
    return AssistantAgents(load_profile("measured-median"))


def opening(agents: AgentSource, speed: float) -> tuple[int, list[SpokenWord]]:
    """Return how long the first thing said is, in samples, and its words."""
    responder = agents.agent_for(3).responder
    asked = ReplyRequest("resp", 0, "", "audio", AudioFormat.PCM, speed=speed)
    stream = responder.respond(asked, 0)
    pieces = []
    while (due_ns := stream.next_due_ns()) is not None:
        taken = stream.take(due_ns)
        pieces += [each for each in taken if isinstance(each, SpeechPiece)]
    samples = np.concatenate([piece.samples for piece in pieces])
    return len(samples), [word for piece in pieces for word in piece.words]


@pytest.mark.parametrize("make", [scenario_agents, assistant_agents])
def test_each_session_has_its_speed(make: Callable[[], AgentSource]) -> None:
    agents = make()
    usual, words = opening(agents, 1.0)
    for speed in (0.5, 1.5, 1.0):
        samples, faster = opening(agents, speed)
        # recorded at another rate, it may round otherwise by a sample
        assert samples == pytest.approx(stretched_length(usual, speed), abs=2)
        assert [word.text for word in faster] == [word.text for word in words]
        for here, there in zip(faster, words, strict=True):
            assert here.end_samples == pytest.approx(there.end_samples / speed, abs=2)
