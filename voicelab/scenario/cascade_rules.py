"""What the stages of a cascade must keep to fit together."""

from __future__ import annotations

from voicelab.document import Document, FieldPath
from voicelab.scenario.model import Agent

_STAGES: FieldPath = ("agent", "cascade")


def check_stages(document: Document, agent: Agent) -> None:
    """Check that an agent has the stages it needs, and no others.

    Raises:
        ScenarioError: it does not.
    """
    stages = agent.stages
    if stages is None:
        if agent.cascade is not None:
            raise document.fault(
                _STAGES,
                f"a responder that is {agent.responder} has no stages",
                "make the responder cascade or chat, or leave this out",
            )
        return
    if agent.responder == "chat" and stages.chat != "endpoint":
        raise document.fault(
            (*_STAGES, "chat"),
            f"a chat agent asks an endpoint, not {stages.chat}",
            "leave this out, or make the responder cascade",
        )
    if stages.chat == "endpoint" and stages.endpoint is None:
        raise document.fault(
            _STAGES,
            "the endpoint that is to be asked is missing",
            "give agent.cascade.endpoint a url and a model",
        )
    if stages.chat != "endpoint" and stages.endpoint is not None:
        raise document.fault(
            (*_STAGES, "endpoint"),
            f"this endpoint is never asked, since chat is {stages.chat}",
            "leave it out, or make chat endpoint",
        )
    if stages.chat != "replies":
        _check_has_voice(document, agent)


def _check_has_voice(document: Document, agent: Agent) -> None:
    """Only the agent's own replies have been recorded."""
    stages = agent.stages
    assert stages is not None
    if stages.tts == "recorded":
        raise document.fault(
            (*_STAGES, "tts"),
            f"nobody has recorded what {stages.chat} will say",
            "give a voice, such as heart",
        )
    if agent.replies:
        raise document.fault(
            ("agent", "replies"),
            f"these are never said, since chat is {stages.chat}",
            "leave them out, or make chat replies",
        )
