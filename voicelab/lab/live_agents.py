"""Agents for anybody who calls a server: they have no recording to go by."""

from __future__ import annotations

from voicelab.lab.agents import Agent
from voicelab.lab.stages import StageMaterials
from voicelab.responders.cascade import ReplyChat
from voicelab.responders.echo import EchoResponder
from voicelab.responders.profile import LatencyProfile
from voicelab.responders.script import Speech
from voicelab.responders.scripted import in_order
from voicelab.session.reply import CallerAudio
from voicelab.session.work import INLINE, Work


class CascadeAgents:
    """A cascade for anybody: what they say is recognised, answered and spoken.

    Args:
        stages: which, with ears, a chat and a voice of their own.
        profile: whose delays of detection count.
    """

    def __init__(self, stages: StageMaterials, profile: LatencyProfile) -> None:
        self._stages = stages
        self._profile = profile

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent."""
        nothing = ReplyChat((), in_order(0), plays=False)
        made = self._stages.make(nothing, _unknown, Speech.at, seed, work)
        sampler = self._profile.sampler(seed)
        return Agent(
            made.responder,
            made.transcriber,
            sampler.detection_delay_ns,
            sampler.end_of_turn_delay_ns,
            made.partial_text,
            made.early,
        )


class EchoAgents:
    """Plays everybody's own words back.

    Args:
        profile: how fast.
    """

    def __init__(self, profile: LatencyProfile) -> None:
        self._profile = profile

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent."""
        del work  # it has no models
        sampler = self._profile.sampler(seed)
        return Agent(
            EchoResponder(sampler),
            None,
            sampler.detection_delay_ns,
            sampler.end_of_turn_delay_ns,
        )


def _unknown(_audio: CallerAudio) -> None:
    """Know nothing of what is said."""
