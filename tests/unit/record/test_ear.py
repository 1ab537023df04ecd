"""What is heard, against an array in which everything is laid out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise
from voicelab.audio.band import TelephoneBand
from voicelab.audio.pcm import Samples
from voicelab.audio.stage import Chain
from voicelab.playback.playback import (
    PlaybackEvent,
    PlaybackStart,
    PlaybackStop,
    StopReason,
)
from voicelab.record.ear import Ear
from voicelab.record.tape import Tape
from voicelab.units import NS_PER_MS, samples_to_ns

RATE_HZ = 8_000
LENGTH = 4_000
ORIGIN_NS = 7 * NS_PER_MS


@pytest.fixture
def tape() -> Iterator[Tape]:
    with Tape(RATE_HZ) as tape:
        yield tape


def recorded(tape: Tape, samples: int = LENGTH) -> Samples:
    return np.concatenate([*tape.blocks(RATE_HZ, samples), np.zeros(0, np.int16)])


def at_ns(sample: int) -> int:
    return ORIGIN_NS + samples_to_ns(sample, RATE_HZ)


def started(at: int, item_id: str, first: int) -> PlaybackStart:
    return PlaybackStart(at_ns(at), "ear", item_id, first)


def stopped(
    at: int, item_id: str, first: int, end: int, reason: StopReason = "drained"
) -> PlaybackStop:
    return PlaybackStop(at_ns(at), "ear", item_id, first, end, reason)


# (gap before it, samples heard, samples received behind that and never heard)
HEARD = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 500), st.integers(0, 200)),
    max_size=6,
)


@given(heard=HEARD, frame=st.integers(1, 900), follows=st.booleans())
def test_everything_is_heard_where_and_as_it_was_told(
    heard: list[tuple[int, int, int]], frame: int, follows: bool
) -> None:
    """Asked for frame by frame or not, with items cut short or not."""
    expected = np.zeros(LENGTH + 5_000, np.int16)
    events: list[tuple[int, PlaybackEvent]] = []
    audio = {}
    at = 0
    for index, (gap, count, unheard) in enumerate(heard):
        at += gap
        item_id = f"item_{index}"
        audio[item_id] = noise(count + unheard, seed=index)
        expected[at : at + count] = audio[item_id][:count]
        reason: StopReason = "interrupted" if unheard else "drained"
        events.append((at, started(at, item_id, 0)))
        at += count
        events.append((at, stopped(at, item_id, 0, count, reason)))
    with Tape(RATE_HZ) as tape:
        ear = Ear(tape, is_followed=follows)
        ear.set_origin(ORIGIN_NS)
        for item_id, samples in audio.items():
            for part in np.array_split(samples, 3):
                ear.receive(item_id, part)
        taken = []
        for end in range(frame, LENGTH + frame, frame):
            while events and events[0][0] <= end:
                ear.hear(events.pop(0)[1])
            if follows:
                taken.append(ear.take(end))
        ear.finish(at_ns(LENGTH + frame))
        assert (recorded(tape) == expected[:LENGTH]).all()
        if follows:
            together = np.concatenate(taken)
            assert (together == expected[: len(together)]).all()
        assert ear.waiting_samples == 0


def test_what_is_under_way_is_heard_up_to_now(tape: Tape) -> None:
    ear = Ear(tape, is_followed=True)
    ear.set_origin(ORIGIN_NS)
    audio = noise(1000)
    ear.receive("item", audio[:400])
    ear.hear(started(100, "item", 0))
    first = ear.take(300)
    ear.receive("item", audio[400:])
    second = ear.take(900)
    assert not first[:100].any()
    assert (np.concatenate([first, second])[100:] == audio[:800]).all()


def test_what_is_under_way_at_the_end_was_heard_until_then(tape: Tape) -> None:
    ear = Ear(tape)
    ear.set_origin(ORIGIN_NS)
    audio = noise(1000)
    ear.receive("item", audio)
    ear.hear(started(100, "item", 0))
    ear.finish(at_ns(600))
    heard = recorded(tape, 1_000)
    assert not heard[:100].any()
    assert (heard[100:600] == audio[:500]).all()
    assert not heard[600:].any()


def test_an_item_that_stalls_goes_on_where_it_stopped(tape: Tape) -> None:
    ear = Ear(tape)
    ear.set_origin(ORIGIN_NS)
    audio = noise(300)
    ear.receive("item", audio)
    for first, end, at in ((0, 120, 50), (120, 300, 400)):
        ear.hear(started(at, "item", first))
        ear.hear(stopped(at + end - first, "item", first, end))
    ear.finish(at_ns(700))
    heard = recorded(tape, 700)
    assert (heard[50:170] == audio[:120]).all()
    assert not heard[170:400].any()
    assert (heard[400:580] == audio[120:]).all()


def test_an_item_that_was_stopped_before_it_was_heard_is_let_go(tape: Tape) -> None:
    ear = Ear(tape)
    ear.receive("never heard", noise(100))
    ear.stopped("never heard")
    assert not ear.wants("never heard")
    assert ear.wants("another")
    ear.receive("another", noise(50))
    ear.hear(started(0, "another", 0))
    assert ear.waiting_samples == 50


@pytest.mark.parametrize("follows", [True, False])
def test_what_lies_before_the_ear_changes_the_sound_and_not_its_place(
    tape: Tape, follows: bool
) -> None:
    band = Chain([TelephoneBand(RATE_HZ)])
    ear = Ear(tape, band, is_followed=follows)
    ear.set_origin(ORIGIN_NS)
    audio = noise(1000)
    ear.receive("item", audio)
    ear.hear(started(500, "item", 0))
    if follows:
        ear.take(777)
    ear.hear(stopped(1500, "item", 0, 1000))
    ear.finish(at_ns(2000))
    laid_out = np.zeros(2000, np.int16)
    laid_out[500:1500] = audio
    expected = TelephoneBand(RATE_HZ).process(laid_out)
    assert (recorded(tape, 2000) == expected).all()
