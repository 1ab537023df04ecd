"""The stages of one session, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass

from voicelab.protocol.items import MessageItem
from voicelab.responders.cascade.hearing import SharedHearing
from voicelab.responders.cascade.parts import Chat, Mouth
from voicelab.responders.cascade.profile import CascadeSampler
from voicelab.session.reply import CallerAudio, ReplyRequest
from voicelab.session.work import Fatal, Work

DEFAULT_FALLBACK = "Sorry, something went wrong. Could you say that again?"
"""Said when the answer fails."""


MAX_PROBLEM_CHARACTERS = 300
"""So much of what went wrong is recorded."""


@dataclass(frozen=True)
class Stages:
    """The stages of one session, and who works for them.

    Attributes:
        hearing: the first stage, shared with the transcriber.
        chat: the second.
        chat_work: does what it asks for.
        mouth: the third.
        mouth_work: does what it asks for.
        sampler: draws what each stage is charged.
        fallback: is said when the first two fail; empty for nothing.
        fatal: what no answer may go on after: nothing is said in its place.
    """

    hearing: SharedHearing
    chat: Chat
    chat_work: Work
    mouth: Mouth
    mouth_work: Work
    sampler: CascadeSampler
    fallback: str = DEFAULT_FALLBACK
    fatal: Fatal = ()


def newest_audio(request: ReplyRequest) -> CallerAudio | None:
    """Return the audio of what the caller said last, if it was spoken."""
    newest = request.items[-1] if request.items else None
    if not isinstance(newest, MessageItem) or newest.role != "user":
        return None
    found = None
    for audio in request.caller_audio:
        if audio.item_id == newest.id:
            found = audio
    return found


def in_one_line(error: Exception) -> str:
    """Return what an error says, in one line that is not long."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said[:MAX_PROBLEM_CHARACTERS]
