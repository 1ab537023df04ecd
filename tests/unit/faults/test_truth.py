"""Where the words of a reply lie in what is really sent, worked out by hand."""

from __future__ import annotations

import pytest

from voicelab.faults.truth import SentAudio
from voicelab.protocol import server_events as ev
from voicelab.protocol.response_object import Response
from voicelab.session.outbox import Note

WORDS = [["a", 0, 80], ["b", 90, 110], ["c", 120, 180], ["d", 200, 290]]


def told(
    copies: list[int], wire: str = "audio/pcm", width: int = 2
) -> dict[str, object]:
    """Send three deltas of 100 samples, each so many times; return the note."""
    sent = SentAudio()
    audio = {"output": {"format": {"type": wire}}}
    response = Response(id="r", status="in_progress", audio=audio)
    sent.leaves(ev.ResponseCreated(event_id="e", response=response), 1)
    for count in copies:
        delta = ev.ResponseOutputAudioDelta(
            event_id="e",
            response_id="r",
            item_id="i",
            output_index=0,
            content_index=0,
            delta=bytes(100 * width),
        )
        sent.leaves(delta, count)
    data = {"rate_hz": 24_000, "samples": 300, "words": WORDS}
    note = sent.told(Note("reply.audio", "i", data))
    assert data["words"] is WORDS, "what the session keeps is not changed"
    return {"samples": note.data["samples"], "words": note.data["words"]}


@pytest.mark.parametrize(("wire", "width"), [("audio/pcm", 2), ("audio/pcmu", 1)])
@pytest.mark.parametrize(
    ("copies", "samples", "words"),
    [
        ([1, 1, 1], 300, WORDS),
        # the second hundred is lost: b loses its second half, c all of it
        ([1, 0, 1], 200, [["a", 0, 80], ["b", 90, 100], ["d", 100, 190]]),
        ([0, 1, 1], 200, [["b", 0, 10], ["c", 20, 80], ["d", 100, 190]]),
        ([0, 0, 0], 0, []),
        # the first hundred comes twice: b has a repetition in it
        (
            [2, 1, 1],
            400,
            [["a", 0, 80], ["b", 90, 210], ["c", 220, 280], ["d", 300, 390]],
        ),
        ([1, 1, 2], 400, WORDS),
        ([0, 2, 1], 300, [["b", 0, 10], ["c", 20, 80], ["d", 200, 290]]),
    ],
)
def test_words_move_with_what_is_lost_and_doubled(
    copies: list[int], samples: int, words: object, wire: str, width: int
) -> None:
    assert told(copies, wire, width) == {"samples": samples, "words": words}


def test_other_notes_are_as_they_were() -> None:
    note = Note("turn.onset", "i", {"onset_ms": 3})
    assert SentAudio().told(note) is note
