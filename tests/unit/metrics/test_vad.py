from __future__ import annotations

from tests.support.logs import LogBuilder
from voicelab.metrics import vad_frames


def test_frames_lie_at_their_positions() -> None:
    log = LogBuilder()
    scores = [0.1, 0.9, 0.8]
    log.add(200, "server", "vad.scores", first_frame=5, frame_ms=32, scores=scores)
    frames = vad_frames(log.facts())
    assert [frame.frame for frame in frames] == [5, 6, 7]
    assert [frame.t_ns for frame in frames] == [160_000_000, 192_000_000, 224_000_000]
    assert [frame.start_ms for frame in frames] == [160, 192, 224]
    assert [frame.score for frame in frames] == scores
    assert not any(frame.speaking for frame in frames)


def test_speaking_lasts_from_onset_to_decision() -> None:
    log = LogBuilder()
    for turn, onset_ms in (("a", 64), ("b", 960)):
        log.heard_as(turn, onset_ms, onset_ms + 128, sent_ms=onset_ms + 700)
    scores = [0.0] * 60
    log.add(2000, "server", "vad.scores", first_frame=0, frame_ms=32, scores=scores)
    frames = vad_frames(log.facts())
    speaking = [frame.frame * 32 for frame in frames if frame.speaking]
    # each item ends 500 ms after its last speech: at 692 and 1588 ms
    first = list(range(64, 692, 32))
    assert speaking == first + list(range(960, 1588, 32))


def test_a_turn_that_never_ended_is_spoken_to_the_end() -> None:
    log = LogBuilder()
    log.add(300, "server", "turn.onset", "a", onset_ms=64)
    kind = "input_audio_buffer.speech_started"
    log.wire(300, kind, "a", audio_start_ms=0)
    log.add(500, "server", "vad.scores", first_frame=0, frame_ms=32, scores=[0.0] * 4)
    speaking = [frame.speaking for frame in vad_frames(log.facts())]
    assert speaking == [False, False, True, True]


def test_nobody_scored() -> None:
    assert vad_frames(LogBuilder().facts()) == []
