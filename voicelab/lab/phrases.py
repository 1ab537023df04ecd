"""What the bundled agents say that can be said to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from voicelab.responders.script import ScriptedReply, Speech, TimedWord
from voicelab.units import ms_to_samples

Source: TypeAlias = tuple[str, str]
"""A conversation, and words that its agent says; `...` stands for some in between."""

OPENINGS: tuple[Source, ...] = (
    ("dentist", "How can I help you?"),
    ("hotel-cafe", "How may I help?"),
    ("phone-plan", "Hi, thanks for waiting! How's your day going?"),
    ("wifi-help", "Help desk, hi."),
)
"""To a caller who has said nothing yet."""

LINES: tuple[Source, ...] = (
    ("bank-card", "I'm sorry to hear that."),
    ("card-game", "That's two tricks for you ... so take your time."),
    ("delivery-address", "Your parcel is ready to go. Where should we deliver it?"),
    ("dentist", "Of course. Can I have your name, please?"),
    ("dentist", "You'll get a text message the day before. Is there anything else?"),
    ("dictation", "Go ahead when you're ready."),
    ("dictation", "Got it."),
    (
        "directions",
        "Sure, it's about fifteen minutes. ... there's a street with tram tracks.",
    ),
    ("directions", "Follow the tracks for three blocks, ... along the river."),
    ("flight-change", "Let me check. You're right, I'm sorry."),
    ("hotel-cafe", "Lovely. Under which name?"),
    ("phone-plan", "I see. I can take five dollars off every month for a whole year,"),
    ("phone-plan", "Understood. May I ask what the reason is?"),
    ("pizza-order", "That'll be eighteen fifty, ... in about forty minutes."),
    ("recipe", "Warm a litre of vegetable stock ... and plenty of parmesan."),
    ("wifi-help", "Great. Anything else?"),
)
"""To a caller who has said something: from less than a second to half a minute, some
long enough to be interrupted."""

_ELIDED = "..."
_MARGIN_MS = 60.0


def cut(replies: Sequence[ScriptedReply], phrase: str) -> ScriptedReply:
    """Return a phrase as it is said in one of the replies.

    Args:
        replies: spoken replies with their words.
        phrase: its words, as they are written there; `...` for some left out.

    Raises:
        LookupError: none of the replies says it.
    """
    before, _, after = phrase.partition(_ELIDED)
    begins, ends = before.split(), after.split() or before.split()
    for reply in replies:
        if reply.speech is None:
            continue
        said = [word.text for word in reply.speech.words]
        first, last = _first(said, begins), _first(said, ends)
        if first is not None and last is not None:
            return _cut(reply.speech, first, last + len(ends))
    raise LookupError(f"nobody says {phrase!r}")


def _first(said: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return where some words stand among others."""
    places = range(len(said) - len(wanted) + 1)
    return next((at for at in places if said[at : at + len(wanted)] == wanted), None)


def _cut(speech: Speech, first: int, end: int) -> ScriptedReply:
    """Return the words [first, end) of a reply, with a little silence around them."""
    words = speech.words[first:end]
    start_ms = max(words[0].start_ms - _MARGIN_MS, 0.0)
    if first:
        start_ms = max(start_ms, speech.words[first - 1].end_ms)
    end_ms = words[-1].end_ms + _MARGIN_MS
    if end < len(speech.words):
        end_ms = min(end_ms, speech.words[end].start_ms)
    low = ms_to_samples(start_ms, speech.rate_hz)
    clip = speech.samples[low : ms_to_samples(end_ms, speech.rate_hz)]
    placed = tuple(
        TimedWord(word.text, word.start_ms - start_ms, word.end_ms - start_ms)
        for word in words
    )
    text = " ".join(word.text for word in words)
    return ScriptedReply(text, Speech(clip, speech.rate_hz, placed))
