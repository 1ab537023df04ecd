from __future__ import annotations

from typing import Any

from tests.support.logs import LogBuilder
from voicelab.audio.formats import AudioFormat
from voicelab.metrics import Facts, floor_turns
from voicelab.metrics.session import SessionFacts, session_facts
from voicelab.record.log_reader import read_log


def settings(silence_ms: int, output: str = "audio/pcm") -> dict[str, Any]:
    detection = {"silence_duration_ms": silence_ms, "prefix_padding_ms": 100}
    return {
        "audio": {
            "input": {"format": {"type": "audio/pcmu"}, "turn_detection": detection},
            "output": {"format": {"type": output}},
        }
    }


def only_server(log: LogBuilder) -> Facts:
    """Return the facts of a log whose client was not seen by the recorder."""
    lines = [line for line in log.build().splitlines() if b'"client"' not in line]
    return Facts(read_log(b"\n".join(lines)))


def test_the_last_settings_are_in_force() -> None:
    log = LogBuilder()
    log.wire(-30, "session.updated", session=settings(700))
    log.wire(500, "session.updated", session=settings(900, "audio/pcma"))
    assert session_facts(log.log()) == SessionFacts(
        input_format=AudioFormat.PCMU,
        output_format=AudioFormat.PCMA,
        prefix_padding_ms=100,
        silence_duration_ms=900,
    )


def test_what_the_client_was_told_comes_before_what_the_server_told() -> None:
    log = LogBuilder()
    log.add(500, "server", "session.updated", session=settings(900))
    assert session_facts(log.log()).silence_duration_ms == 500


def test_without_a_client_it_is_as_the_server_told() -> None:
    log = LogBuilder()
    log.wire(-40, "session.updated", session=settings(700, "audio/pcma"))
    kind = "response.output_audio.delta"
    held = {"bytes": 8000, "pos_samples": 0}
    log.wire(100, kind, "agent-0", response_id="resp-0", audio=held)
    facts = only_server(log)
    assert facts.session.silence_duration_ms == 700
    assert facts.agent_items["agent-0"].generated_samples == 8000  # a byte each


def test_nobody_told() -> None:
    assert session_facts(read_log(b"")) == SessionFacts()


def test_without_a_client_transcripts_are_as_the_server_sent_them() -> None:
    log = LogBuilder()
    log.answer("resp-0", "agent-0", None, 0, 1000)
    kind = "response.output_audio_transcript.done"
    log.wire(500, kind, "agent-0", transcript="All of it.")
    (turn,) = floor_turns(only_server(log))
    assert turn.text == "All of it."
