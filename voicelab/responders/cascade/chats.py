"""The second stage without a language model: given replies, and an echo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from voicelab.responders.cascade.clauses import recorded_clauses
from voicelab.responders.cascade.parts import ChatPiece, Said, Turn
from voicelab.responders.script import ScriptedReply
from voicelab.responders.scripted import Chooser
from voicelab.session.reply import CallPiece


class ReplyChat:
    """Answers with given replies.

    Args:
        replies: what may be said.
        choose: picks the reply to a request; None to say nothing.
        plays: whether the replies are to be heard as they were recorded.
    """

    name = "replies"
    identity = "replies"
    is_stand_in = True

    def __init__(
        self, replies: Sequence[ScriptedReply], choose: Chooser, *, plays: bool
    ) -> None:
        self._replies = replies
        self._choose = choose
        self._plays = plays

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return the reply."""
        index = self._choose(turn.request)
        if index is None:
            return
        reply = self._replies[index]
        if self._plays and turn.request.modality != "text":
            yield from recorded_clauses(reply)
        else:
            yield from word_by_word(reply.text)
        if reply.call is not None:
            yield CallPiece(reply.call.name, reply.call.arguments)


class EchoChat:
    """Says back what was understood."""

    name = "echo"
    identity = "echo"
    is_stand_in = False

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return what the caller said last."""
        yield from word_by_word(turn.newest_said() or "")


def word_by_word(text: str) -> Iterator[Said]:
    """Yield a text as it would be written: one word after the other."""
    for place, word in enumerate(text.split()):
        yield Said(word if place == 0 else f" {word}")
