"""The responder that plays the caller's own turn back."""

from __future__ import annotations

from collections.abc import Callable

from voicelab.protocol.items import InputText, MessageItem
from voicelab.responders.profile import LatencySampler
from voicelab.responders.script import SILENCE, ScriptedReply, Speech
from voicelab.responders.scripted import Speaker, TimedReply
from voicelab.session.reply import CallerAudio, ReplyRequest


class EchoResponder:
    """Answers with what the caller said last, in the caller's own voice.

    What was written is written back; spoken and asked for in writing, it is written
    back as far as its words are known.

    Args:
        sampler: draws each reply's timing.
        hear: tells the words of audio, None if they cannot be told.
    """

    def __init__(
        self,
        sampler: LatencySampler,
        hear: Callable[[CallerAudio], str | None] = lambda _audio: None,
    ) -> None:
        self._speaker = Speaker(sampler)
        self._hear = hear

    def respond(self, request: ReplyRequest, now_ns: int) -> TimedReply:
        """Begin to play the newest turn back."""
        return self._speaker.say(self._reply(request), request, now_ns)

    def _reply(self, request: ReplyRequest) -> ScriptedReply:
        newest = request.items[-1] if request.items else None
        if not isinstance(newest, MessageItem) or newest.role != "user":
            return SILENCE
        for audio in request.caller_audio:
            if audio.item_id == newest.id:
                speech = Speech(audio.samples, audio.rate_hz)
                return ScriptedReply(self._hear(audio) or "", speech)
        parts = [part.text for part in newest.content if isinstance(part, InputText)]
        return ScriptedReply(" ".join(parts))
