"""Milliseconds of the caller's audio: where turns begin, end and are kept."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.support.session_pair import (
    MANUAL,
    SessionPair,
    audio_of,
    level,
    refusal,
    spoken,
    types,
)
from voicelab.audio import AudioFormat
from voicelab.session import conversation

VAD = {"type": "server_vad", "silence_duration_ms": 200}


def vad(**settings: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": VAD | settings}}}


def test_a_turn_includes_its_padding_and_its_silence() -> None:
    pair = SessionPair(**vad())
    pair.hush(1600)
    pair.speak(960)
    pair.hush(640)
    assert pair.last("input_audio_buffer.speech_started")["audio_start_ms"] == 1300
    # silence from 2560 on; its first frame and 200 ms more, in whole frames
    assert pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"] == 2816


def test_the_truth_behind_a_turn_is_noted() -> None:
    pair = SessionPair(**vad())
    pair.hush(1600)
    pair.speak(960)
    pair.hush(640)
    (onset,) = pair.noted("turn.onset")
    (endpoint,) = pair.noted("turn.endpoint")
    item_id = pair.last("input_audio_buffer.committed")["item_id"]
    assert (onset.item_id, onset.data) == (item_id, {"onset_ms": 1600})
    assert (endpoint.item_id, endpoint.data) == (
        item_id,
        {"last_voiced_ms": 2560, "audio_end_ms": 2816},
    )


@pytest.mark.parametrize("step_ms", [1, 20, 32, 100, 4000])
def test_positions_do_not_depend_on_the_pieces_of_audio(step_ms: int) -> None:
    pair = SessionPair(**vad())
    audio = [level(1600, 0), level(960), level(640, 0), level(640), level(320, 0)]
    pair.append(np.concatenate(audio), step_ms=step_ms)
    starts = [e["audio_start_ms"] for e in pair.of("input_audio_buffer.speech_started")]
    ends = [e["audio_end_ms"] for e in pair.of("input_audio_buffer.speech_stopped")]
    assert starts == [1300, 2900]
    assert ends == [2816, 4096]


def test_padding_stops_at_the_first_sample() -> None:
    pair = SessionPair(**vad())
    pair.hush(96)
    pair.speak(320)
    assert pair.last("input_audio_buffer.speech_started")["audio_start_ms"] == 0


def test_padding_stops_at_the_previous_turn() -> None:
    pair = SessionPair(**vad())
    pair.speak(320)
    pair.hush(256)
    pair.hush(96)
    pair.speak(320)
    end_ms = pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"]
    start_ms = pair.last("input_audio_buffer.speech_started")["audio_start_ms"]
    assert (end_ms, start_ms) == (576, 576)


def test_padding_stops_at_a_manual_commit_between_frames() -> None:
    pair = SessionPair(**vad())
    pair.hush(110)
    pair.commit()
    pair.speak(320)
    assert pair.last("input_audio_buffer.speech_started")["audio_start_ms"] == 110
    pair.hush(640)
    end_ms = pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"]
    held = audio_of(pair.retrieve(pair.last("input_audio_buffer.committed")["item_id"]))
    assert len(held) == (end_ms - 110) * 48


def test_the_item_of_a_turn_holds_exactly_its_audio() -> None:
    pair = SessionPair(**vad())
    ramp = (np.arange(24 * 3200) % 997).astype(np.int16)
    said = ramp + level(3200, 0)
    said[24 * 1600 : 24 * 2560] += 15_000
    pair.append(said)
    item = pair.retrieve(pair.last("input_audio_buffer.committed")["item_id"])
    expected = said[24 * 1300 : 24 * 2816]
    assert audio_of(item) == expected.astype("<i2").tobytes()


def test_positions_run_on_over_turns_commits_and_clears() -> None:
    pair = SessionPair(**vad())
    for _ in range(2):
        pair.hush(640)
        pair.speak(640)
        pair.hush(320)
    pair.hush(480)
    pair.commit()
    pair.hush(320)
    pair.send({"type": "input_audio_buffer.clear"})
    pair.hush(640)
    pair.speak(320)
    starts = [e["audio_start_ms"] for e in pair.of("input_audio_buffer.speech_started")]
    assert starts == [340, 1940, 4340]


def test_a_clear_within_a_turn_ends_it_without_an_item() -> None:
    pair = SessionPair(**vad())
    pair.hush(320)
    pair.speak(320)
    (cleared,) = pair.send({"type": "input_audio_buffer.clear"})
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert pair.hush(992) == []
    pair.speak(64)
    started = pair.of("input_audio_buffer.speech_started")
    assert started[0]["item_id"] != started[1]["item_id"]
    assert started[1]["audio_start_ms"] == 1332


def test_a_commit_within_a_turn_makes_the_announced_item() -> None:
    pair = SessionPair(**vad())
    pair.hush(320)
    pair.speak(320)
    events = pair.commit()
    assert types(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    announced = pair.last("input_audio_buffer.speech_started")["item_id"]
    assert events[0]["item_id"] == announced
    assert pair.hush(1000) == []


@pytest.mark.parametrize("format_type", ["audio/pcmu", "audio/pcma"])
def test_milliseconds_of_g711(format_type: str) -> None:
    audio = {"input": {"format": {"type": format_type}, "turn_detection": VAD}}
    pair = SessionPair(audio=audio)
    pair.hush(1600)
    pair.speak(960)
    pair.hush(640)
    assert pair.last("input_audio_buffer.speech_started")["audio_start_ms"] == 1300
    assert pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"] == 2816
    item = pair.retrieve(pair.last("input_audio_buffer.committed")["item_id"])
    held = audio_of(item)
    assert len(held) == 8 * (2816 - 1300)
    coded = AudioFormat.from_wire(format_type).encode(level(1, rate_hz=8000))
    assert held[8 * 300 : 8 * 301] == coded


def test_a_change_of_format_keeps_counting_in_milliseconds() -> None:
    pair = SessionPair(**vad())
    pair.hush(1001)
    pair.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    pair.hush(799)
    pair.speak(640)
    pair.hush(640)
    # frames are counted from the change on: the first whole speech frame is the
    # one that starts 799 // 32 frames after it
    started = pair.last("input_audio_buffer.speech_started")
    assert started["audio_start_ms"] == pytest.approx(1001 + 799 - 300, abs=32)
    (onset,) = pair.noted("turn.onset")
    assert (onset.data["onset_ms"] - 1001) % 32 == 0
    pair.update(audio={"input": {"format": {"type": "audio/pcm", "rate": 24000}}})
    assert pair.server.config.to_wire()["audio"]["input"]["format"] == {
        "type": "audio/pcm",
        "rate": 24000,
    }
    pair.hush(640)
    pair.speak(320)
    assert pair.last("input_audio_buffer.speech_started")[
        "audio_start_ms"
    ] == pytest.approx(3080 + 640 - 300, abs=32)


def test_a_change_of_format_drops_what_was_not_committed() -> None:
    pair = SessionPair(**MANUAL)
    pair.hush(500)
    pair.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    detail = refusal(pair.commit())
    assert detail["code"] == "input_audio_buffer_commit_empty"
    assert "only has 0.00ms" in detail["message"]
    pair.hush(200)
    pair.commit()
    item = pair.retrieve(pair.last("input_audio_buffer.committed")["item_id"])
    assert len(audio_of(item)) == 200 * 8


def test_odd_lengths_of_audio_are_committed_whole() -> None:
    """Appends need not be whole milliseconds; nothing may be lost or doubled."""
    pair = SessionPair(**MANUAL)
    said = (np.arange(30_000) % 32_768).astype(np.int16)
    kept = b""
    cuts = [0, 3003, 5403, 9001, 30_000]
    for first, last in pairwise(cuts):
        pair.append(said[first:last], step_ms=10_000)
        pair.commit()
        item_id = pair.last("input_audio_buffer.committed")["item_id"]
        kept += audio_of(pair.retrieve(item_id))
    assert kept == said.astype("<i2").tobytes()


def test_padding_that_grows_never_claims_audio_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("voicelab.session.listening.IDLE_KEPT_MS", 320)
    pair = SessionPair(**vad())
    pair.hush(6400)
    pair.update(**vad(prefix_padding_ms=5000))
    pair.speak(320)
    pair.hush(320)
    start_ms = pair.last("input_audio_buffer.speech_started")["audio_start_ms"]
    end_ms = pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"]
    assert start_ms > 1400
    item = pair.retrieve(pair.last("input_audio_buffer.committed")["item_id"])
    assert len(audio_of(item)) == 48 * (end_ms - start_ms)


def test_caller_audio_costs_a_token_per_whole_100_ms() -> None:
    pair = SessionPair([[(1, spoken(100))]] * 2, **MANUAL)
    pair.hush(199)
    pair.commit()
    pair.respond()
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 1
    assert usage["output_token_details"]["audio_tokens"] == 2
    pair.hush(301)
    pair.commit()
    pair.respond()
    pair.run(10)
    usage = pair.last("response.done")["response"]["usage"]
    details = usage["input_token_details"]
    assert details["audio_tokens"] == 1 + 3 + 2  # the agent's own reply is read too
    assert usage["input_tokens"] == details["audio_tokens"] + details["text_tokens"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_old_audio_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "RETAINED_AUDIO_BYTES", 3 * 200 * 48)
    pair = SessionPair(**MANUAL)
    for _ in range(5):
        pair.hush(200)
        pair.commit()
    ids = [e["item_id"] for e in pair.of("input_audio_buffer.committed")]
    held = ["audio" in pair.retrieve(item_id)["content"][0] for item_id in ids]
    assert held == [False, False, True, True, True]


def test_audio_that_would_not_fit_a_message_is_not_retrieved() -> None:
    pair = SessionPair(**MANUAL)
    for seconds in (14, 15):
        pair.append(level(seconds * 1000), step_ms=1000)
        pair.commit()
    ids = [e["item_id"] for e in pair.of("input_audio_buffer.committed")]
    assert len(audio_of(pair.retrieve(ids[0]))) == 14 * 48_000
    assert pair.retrieve(ids[1])["content"] == [
        {"type": "input_audio", "transcript": None}
    ]


def test_scores_are_noted_at_their_frames() -> None:
    pair = SessionPair(**MANUAL)
    pair.hush(320)
    pair.update(**vad())
    pair.speak(320)
    pair.update(**MANUAL)
    pair.hush(320)
    pair.update(**vad())
    pair.hush(320)
    pair.server.close(pair.now_ns)
    pair.collect()
    frames: dict[int, float] = {}
    for note in pair.noted("vad.scores"):
        first = note.data["first_frame"]
        frames |= dict(enumerate(note.data["scores"], first))
    assert sorted(frames) == [*range(10, 20), *range(30, 40)]
    assert [round(frames[k]) for k in sorted(frames)] == [1] * 10 + [0] * 10


def test_a_closed_session_has_nothing_left_to_do() -> None:
    pair = SessionPair([[(1000, spoken(100))]])
    pair.say("Hi")
    pair.respond()
    pair.server.close(pair.now_ns)
    assert pair.server.next_deadline() is None
    assert pair.collect() == []
