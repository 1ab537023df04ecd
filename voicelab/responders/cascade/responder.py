"""The responder that is stitched together: ears, then a chat, then a mouth."""

from __future__ import annotations

from voicelab.responders.cascade.reply import CascadeReply
from voicelab.responders.cascade.stages import Stages
from voicelab.session.reply import ReplyRequest


class CascadeResponder:
    """Answers in three stages.

    Args:
        stages: the session's.
    """

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    def respond(self, request: ReplyRequest, now_ns: int) -> CascadeReply:
        """Begin a reply at `now_ns`."""
        return CascadeReply(self._stages, request, now_ns)
