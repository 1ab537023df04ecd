"""Cuts what is written into clauses, which are spoken one by one."""

from __future__ import annotations

from collections.abc import Iterator

from voicelab.responders.cascade.parts import Clause, Recorded, Said
from voicelab.responders.script import ScriptedReply

SHORTEST_WORDS = 2
"""A clause of fewer words is said together with the next one."""

_ENDS = (".", ",", ";", ":", "?", "!")
_CLOSING = "\"')]\u201d\u2019"


class ClauseCutter:
    """Cuts one reply, while it is still being written."""

    def __init__(self) -> None:
        from voicelab.speech.tts import ClauseSplitter  # noqa: PLC0415 -- slow

        self._splitter = ClauseSplitter()

    def feed(self, said: Said) -> list[Clause]:
        """Take what has been written; return the clauses that are whole with it."""
        if said.recorded is not None:
            return [Clause(said.text, said.recorded)]
        return [Clause(text) for text in self._splitter.feed(said.text)]

    def finish(self) -> list[Clause]:
        """Return what is left; nothing more is written."""
        return [Clause(text) for text in self._splitter.finish()]


def recorded_clauses(reply: ScriptedReply) -> Iterator[Said]:
    """Cut a recorded reply into clauses, by the punctuation of its words.

    Together they hold all of the recording. One without word times is not cut.
    """
    speech = reply.speech
    if speech is None:
        return
    words = speech.words
    first, text = 0, []
    for place, word in enumerate(words):
        text.append(word.text)
        is_last = place + 1 == len(words)
        ends = word.text.rstrip(_CLOSING).endswith(_ENDS)
        if is_last or (ends and len(text) >= SHORTEST_WORDS):
            lead = " " if first else ""
            yield Said(lead + " ".join(text), Recorded(speech, first, place + 1))
            first, text = place + 1, []
    if not words:
        yield Said(reply.text, Recorded(speech, 0, 0))
