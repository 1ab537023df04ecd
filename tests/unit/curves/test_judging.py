"""Small conversations, worked out by hand.

Frames are 32 ms, microphone frames 20 ms. With a silence of 96 ms a turn ends with the
fourth silent frame: the silence is timed from the end of its first.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.curves import corpus, heard, scores_of
from voicelab.curves.judging import Judgement, items_of, judge
from voicelab.session.turn_detection import TurnSettings
from voicelab.units import NS_PER_MS

SETTINGS = TurnSettings(0.5, 64, 96)

# frames:     3-5      13-14      20-24      29
# voiced ms:  96-192   416-480    640-800    928-960
# endpoint:   320      608        928        1088
# turns ms:   100-250  400------------800
CALL = heard([("turn", 100, 250), ("turn", 400, 800)], 960)
SCORES = scores_of(40, (3, 6), (13, 15), (20, 25), (29, 30))


def judged(settings: TurnSettings = SETTINGS) -> Judgement:
    return judge(corpus((CALL, SCORES)), settings)


def test_the_items() -> None:
    items = items_of(corpus((CALL, SCORES)), SETTINGS)
    assert (items.onset_ns // NS_PER_MS).tolist() == [96, 416, 640, 928]
    assert (items.voiced_end_ns // NS_PER_MS).tolist() == [192, 480, 800, 960]
    assert (items.audio_end_ns // NS_PER_MS).tolist() == [320, 608, 928, 1088]
    # never before the item before it has ended
    assert (items.audio_start_ns // NS_PER_MS).tolist() == [32, 352, 608, 928]
    assert items.ended.all()


def test_an_endpoint_inside_a_turn_cuts_into_it() -> None:
    assert judged().cut_in.tolist() == [False, True]


def test_delays_run_between_complete_microphone_frames() -> None:
    # 250 arrives at 260, 320 at 320; 800 arrives at 800, 928 at 940
    assert judged().endpointing_delay_ms.tolist() == [60.0, 140.0]


def test_the_onset_is_said_when_its_frame_has_been_scored() -> None:
    # scored at 128, said at 140, for 100; scored at 448, said at 460, for 400
    assert judged().onset_delay_ms.tolist() == [40.0, 60.0]


@pytest.mark.parametrize(
    ("padding_ms", "clipped_ms"), [(64, [0.0, 0.0]), (10, [0.0, 6.0]), (0, [0.0, 16.0])]
)
def test_padding_saves_the_front(padding_ms: int, clipped_ms: list[float]) -> None:
    found = judged(TurnSettings(0.5, padding_ms, 96))
    assert found.front_clip_ms.tolist() == clipped_ms


def test_what_holds_no_speech_is_a_false_turn() -> None:
    assert judged().false.tolist() == [False, False, False, True]
    assert not judged().aside.any()


def test_a_backchannel_is_no_false_turn() -> None:
    call = heard([("turn", 100, 250), ("backchannel", 420, 470)], 960)
    found = judge(corpus((call, scores_of(40, (3, 6), (13, 15)))), SETTINGS)
    assert found.aside.tolist() == [False, True]
    assert not found.false.any()
    assert len(found.cut_in) == 1


def test_a_long_silence_merges_turns() -> None:
    found = judge(corpus((CALL, [*SCORES, 0.0, 0.0])), TurnSettings(0.5, 64, 320))
    # 192 to 416 is no silence of 320: all of it is one item, which ends at 1312
    assert found.merged.tolist() == [True, False]
    assert found.missed.tolist() == [False, False]
    assert np.isnan(found.endpointing_delay_ms[0])
    assert found.endpointing_delay_ms[1] == 1320.0 - 800.0
    assert np.isnan(found.onset_delay_ms[1])
    assert found.front_clip_ms.tolist() == [0.0, 0.0]


def test_a_turn_that_nothing_notices_is_missed() -> None:
    found = judge(corpus((CALL, scores_of(40, (13, 25)))), SETTINGS)
    assert found.missed.tolist() == [True, False]
    assert found.cut_in.tolist() == [False, False]
    assert np.isnan(found.front_clip_ms[0])


def test_a_turn_that_never_ends_is_missed() -> None:
    found = judge(corpus((CALL, scores_of(40, (3, 6), (13, 38)))), SETTINGS)
    assert found.missed.tolist() == [False, True]
    assert found.ended.tolist() == [True, False]
    assert np.isnan(found.endpointing_delay_ms[1])
    assert found.onset_delay_ms[1] == 60.0


def test_what_begins_behind_the_recording_does_not_count() -> None:
    found = judge(corpus((CALL, scores_of(40, (3, 6), (31, 33)))), SETTINGS)
    assert len(found.ended) == 1


def test_a_turn_cut_short_for_good_has_a_negative_delay() -> None:
    call = heard([("turn", 100, 600)], 960)
    found = judge(corpus((call, scores_of(40, (3, 6)))), SETTINGS)
    assert found.cut_in.tolist() == [True]
    assert found.endpointing_delay_ms.tolist() == [-280.0]


def test_perfect_detection() -> None:
    call = heard([("turn", 96, 192), ("turn", 416, 480)], 960)
    found = judge(corpus((call, scores_of(40, (3, 6), (13, 15)))), SETTINGS)
    assert not (found.cut_in | found.missed | found.merged).any()
    assert not (found.false | found.aside).any()
    assert found.front_clip_ms.tolist() == [0.0, 0.0]


def test_conversations_do_not_reach_into_each_other() -> None:
    """The first ends in speech, the second begins in it."""
    first = heard([("turn", 200, 320)], 320)
    second = heard([("turn", 0, 96)], 320)
    found = judge(
        corpus((first, scores_of(10, (6, 10))), (second, scores_of(10, (0, 3)))),
        TurnSettings(0.5, 300, 96),
    )
    assert found.missed.tolist() == [True, False]
    assert found.item_take.tolist() == [0, 1]
    assert found.endpointing_delay_ms[1] == 240.0 - 100.0
    assert found.onset_delay_ms.tolist() == [240.0 - 200.0, 40.0]


def test_silence_all_along() -> None:
    found = judge(corpus((CALL, scores_of(40))), SETTINGS)
    assert found.missed.all()
    assert len(found.ended) == 0


def test_what_only_touches_a_turn_holds_nothing_of_it() -> None:
    """One item ends where the turn begins, the next begins where it ends."""
    call = heard([("turn", 192, 416)], 960)
    found = judge(corpus((call, scores_of(40, (3, 6), (13, 15)))), SETTINGS)
    assert found.missed.tolist() == [True]
    assert found.false.tolist() == [True, True]


def test_an_endpoint_at_the_end_of_a_turn_does_not_cut_in() -> None:
    call = heard([("turn", 100, 320)], 960)
    found = judge(corpus((call, scores_of(40, (3, 6)))), SETTINGS)
    assert found.cut_in.tolist() == [False]
    assert found.endpointing_delay_ms.tolist() == [0.0]


def test_padding_never_reaches_into_the_conversation_before() -> None:
    first, second = heard([("turn", 0, 96)], 320), heard([("turn", 0, 96)], 320)
    every = corpus((first, scores_of(10, (0, 3))), (second, scores_of(10, (0, 3))))
    items = items_of(every, TurnSettings(0.5, 30_000, 96))
    assert items.audio_start_ns.tolist() == every.begin_ns[:2].tolist()
