"""What a stage took is noted, and never sent."""

from __future__ import annotations

from tests.support.session_pair import MANUAL, Reply, SessionPair, spoken, types
from voicelab.session.reply import StagePiece

STAGES: Reply = [
    (100, StagePiece("stt", 0.0, 100.0)),
    (200, spoken(100, "Hello")),
    (250, StagePiece("tts", 100.0, 250.0, 1)),
]


def test_stages_are_notes_of_their_response() -> None:
    pair = SessionPair([STAGES], **MANUAL)
    pair.respond()
    pair.run(1000)
    (response,) = {event["response"]["id"] for event in pair.of("response.done")}
    assert [(note.item_id, note.data) for note in pair.noted("response.stage")] == [
        (
            None,
            {
                "response_id": response,
                "stage": "stt",
                "began_ms": 0.0,
                "ended_ms": 100.0,
                "clause": None,
            },
        ),
        (
            None,
            {
                "response_id": response,
                "stage": "tts",
                "began_ms": 100.0,
                "ended_ms": 250.0,
                "clause": 1,
            },
        ),
    ]
    assert "response.stage" not in types(pair.events)


def test_what_went_wrong_is_noted() -> None:
    broken = StagePiece("chat", 0.0, 100.0, None, "no answer")
    pair = SessionPair([[(100, broken)]], **MANUAL)
    pair.respond()
    pair.run(1000)
    (note,) = pair.noted("response.stage")
    assert note.data["problem"] == "no answer"


def test_a_stage_opens_nothing() -> None:
    pair = SessionPair([[(100, StagePiece("stt", 0.0, 100.0))]], **MANUAL)
    pair.respond()
    pair.run(1000)
    (done,) = pair.of("response.done")
    assert done["response"]["status"] == "completed"
    assert done["response"]["output"] == []
