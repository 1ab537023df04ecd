"""The caller's turns, found after the call, and the words of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import clips
from voicelab.protocol import server_events as ev
from voicelab.protocol.transcription import TranscriptionDuration
from voicelab.record.tape import Tape
from voicelab.serve.bridges.caller_turns import Transcripts, turn_lines
from voicelab.speech.scorers import make_scorer
from voicelab.units import NS_PER_MS


def started(item_id: str, start_ms: int) -> ev.InputAudioBufferSpeechStarted:
    return ev.InputAudioBufferSpeechStarted(
        event_id="e", item_id=item_id, audio_start_ms=start_ms
    )


def stopped(item_id: str, end_ms: int) -> ev.InputAudioBufferSpeechStopped:
    return ev.InputAudioBufferSpeechStopped(
        event_id="e", item_id=item_id, audio_end_ms=end_ms
    )


def understood(item_id: str, text: str) -> ev.ServerEvent:
    return ev.ConversationItemInputAudioTranscriptionCompleted(
        event_id="e",
        item_id=item_id,
        content_index=0,
        transcript=text,
        usage=TranscriptionDuration(seconds=1),
    )


def heard(*told: tuple[str, int, int, str]) -> Transcripts:
    transcripts = Transcripts()
    for item_id, start_ms, end_ms, text in told:
        transcripts.observe(started(item_id, start_ms))
        transcripts.observe(stopped(item_id, end_ms))
        transcripts.observe(understood(item_id, text))
    return transcripts


def test_words_stand_with_the_turn_that_they_overlap_most() -> None:
    transcripts = heard(("a", 0, 1400, " Hello. "), ("b", 1900, 3000, "Goodbye."))
    assert transcripts.texts([(100, 1000), (1300, 2100), (2100, 2900)]) == [
        "Hello.",
        "",
        "Goodbye.",
    ]


def test_a_turn_that_the_server_took_for_two_has_both_texts() -> None:
    transcripts = heard(("a", 0, 1000, "I would like"), ("b", 1300, 2500, "a room."))
    assert transcripts.texts([(100, 2400)]) == ["I would like a room."]


def test_words_of_what_is_no_turn_are_nowhere() -> None:
    transcripts = heard(("a", 0, 400, "Thanks for watching."))
    assert transcripts.texts([(1000, 2000)]) == [""]
    assert transcripts.texts([]) == []


def test_a_turn_that_never_ended_counts_and_unknown_items_do_not() -> None:
    transcripts = Transcripts()
    transcripts.observe(started("a", 500))
    transcripts.observe(understood("a", "Wait."))
    transcripts.observe(understood("nobody", "Boo."))
    transcripts.observe(stopped("nobody", 100))
    assert transcripts.texts([(600, 900)]) == ["Wait."]


@pytest.mark.parametrize("rate_hz", [24_000, 8_000])
def test_turns_lie_where_speech_was_recorded(rate_hz: int) -> None:
    question = np.frombuffer(clips.pcm(clips.QUESTION), np.int16)
    with Tape(rate_hz) as tape:
        tape.write(0, np.zeros(rate_hz, np.int16))
        tape.write(rate_hz, question[:: 24_000 // rate_hz])
        tape.write(tape.samples, np.zeros(rate_hz, np.int16))
        transcripts = heard(("a", 900, 5000, clips.QUESTION))
        start, end = turn_lines(tape, make_scorer("silero"), transcripts)
    assert (start.lane, start.type, end.type) == ("user", "turn.start", "turn.end")
    assert start.data["text"] == clips.QUESTION
    assert start.data["turn"] == end.data["turn"] == 0
    assert 900 <= start.t_ns / NS_PER_MS <= 1400
    assert 3500 <= end.t_ns / NS_PER_MS <= 4500
    assert start.data["recorded_ms"] == start.t_ns / NS_PER_MS


def test_silence_holds_no_turn() -> None:
    with Tape(24_000) as tape:
        assert turn_lines(tape, make_scorer("silero"), Transcripts()) == []
        tape.write(0, np.zeros(48_000, np.int16))
        assert turn_lines(tape, make_scorer("silero"), Transcripts()) == []
