from __future__ import annotations

from tests.support.comparing import compared
from tests.support.logs import SESSION, LogBuilder, one_answer
from voicelab.metrics.comparison import Comparison


def told(found: Comparison) -> list[tuple[str, str, str | None, str | None]]:
    return [(row.type, row.field, row.a, row.b) for row in found.differing]


def test_positions_on_the_wire_are_told_once() -> None:
    logs = []
    for onset_ms in (224, 256):
        log = LogBuilder()
        log.caller(0, 200, 1000)
        log.heard_as("user-0", onset_ms, 1024, sent_ms=1560)
        logs.append(log)
    found = compared(*logs)
    assert told(found) == [
        ("turn.onset", "onset_ms", "224", "256"),
        ("input_audio_buffer.speech_started", "audio_start_ms", "-76", "-44"),
    ]
    assert {row.difference for row in found.differing} == {32}


def test_what_was_heard_and_claimed() -> None:
    logs = []
    for played_ms, claim_ms, trigger in ((1000, 980, "user-0"), (1012.5, None, None)):
        log = one_answer()
        log.interrupt(
            "agent-0",
            3000,
            received_ms=3000,
            played_ms=played_ms,
            claim_ms=claim_ms,
            trigger=trigger,
        )
        logs.append(log)
    found = compared(*logs)
    assert [row for row in told(found) if row[0] == "interruption"] == [
        ("interruption", "trigger", "turn 0", None),
        ("interruption", "played_ms", "1000", "1012.5"),
        ("interruption", "heard_ms", "1000", "1012.5"),
        ("interruption", "audio_end_ms", "980", None),
    ]


def test_words_and_outcomes() -> None:
    logs = []
    for words, status, details in (
        ("Good morning", "completed", None),
        ("Good", "cancelled", {"type": "cancelled", "reason": "turn_detected"}),
    ):
        log = LogBuilder(server=False)
        made = {"id": "resp-0", "conversation_id": "conv"}
        log.add(100, "client", "response.created", response=made)
        done = "response.output_audio_transcript.done"
        place = {"response_id": "resp-0", "output_index": 0}
        log.add(200, "client", done, "agent-0", **place, transcript=words)
        ended = {**made, "status": status, "status_details": details}
        log.add(300, "client", "response.done", response=ended)
        logs.append(log)
    assert told(compared(*logs)) == [
        (
            "response.output_audio_transcript.done",
            "transcript",
            "Good morning",
            "Good",
        ),
        ("response.done", "status", "completed", "cancelled"),
        ("response.done", "status_details.type", None, "cancelled"),
        ("response.done", "status_details.reason", None, "turn_detected"),
    ]


def test_details_that_are_a_text_are_passed_over() -> None:
    log = LogBuilder(server=False)
    made = {"id": "resp-0", "status": "failed", "status_details": "out of luck"}
    log.add(300, "client", "response.done", response=made)
    assert told(compared(log, log)) == []


def test_settings_that_the_servers_say_differently() -> None:
    logs = []
    for silence_ms, session_id in ((500, "sess_1"), (200, "sess_2")):
        log = LogBuilder(server=False)
        heard = SESSION["audio"]["input"]  # type: ignore[index]
        detection = {**heard["turn_detection"], "silence_duration_ms": silence_ms}
        session = {"id": session_id, "audio": {"input": {"turn_detection": detection}}}
        log.add(-1, "client", "session.updated", session=session)
        logs.append(log)
    path = "audio.input.turn_detection.silence_duration_ms"
    assert told(compared(*logs)) == [("session.updated", path, "500", "200")]
