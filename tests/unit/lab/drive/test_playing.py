"""What is played of what arrives, in terms of the agent's items."""

from __future__ import annotations

import pytest

from tests.support.driving import spoken
from voicelab.audio.resample import resample
from voicelab.lab.drive.playing import LegPlayback
from voicelab.lab.drive.reference import Reference
from voicelab.playback.playback import PlaybackEvent, PlaybackStart, PlaybackStop
from voicelab.playback.player import Player
from voicelab.playback.settings import PlayerSettings
from voicelab.units import NS_PER_MS

SENT_HZ, LEG_HZ = 24_000, 16_000
A, B = spoken(1.0, SENT_HZ, 0), spoken(1.0, SENT_HZ, 1)
SETTINGS = PlayerSettings(lead_ms=50.0, device_latency_ms=30.0)


def ms(value: float) -> int:
    return round(value * NS_PER_MS)


def the_call(settings: PlayerSettings = SETTINGS) -> LegPlayback:
    return LegPlayback(Player(settings, LEG_HZ), Reference(SENT_HZ, LEG_HZ))


def told(events: list[PlaybackEvent]) -> list[tuple[object, ...]]:
    return [
        (round(event.t_ns / NS_PER_MS, 2), event.place, event.item_id)
        + (
            (event.from_samples,)
            if isinstance(event, PlaybackStart)
            else (event.from_samples, event.to_samples, event.reason)
        )
        for event in events
    ]


def test_two_items_in_one_go() -> None:
    call = the_call()
    call.reference.sent("a", "r", A)
    call.reference.sent("b", "r", B)
    for item in (A, B):
        call.take(resample(item, SENT_HZ, LEG_HZ), 0)
    assert told(call.advance(ms(5000))) == [
        (50.0, "player", "a", 0),
        (80.0, "ear", "a", 0),
        (1050.0, "player", "a", 0, 24_000, "drained"),
        (1050.0, "player", "b", 0),
        (1080.0, "ear", "a", 0, 24_000, "drained"),
        (1080.0, "ear", "b", 0),
        (2050.0, "player", "b", 0, 24_000, "drained"),
        (2080.0, "ear", "b", 0, 24_000, "drained"),
    ]


def test_each_message_is_a_delivery_with_its_instant() -> None:
    call = the_call()
    call.reference.sent("a", "r", A)
    arriving = resample(A, SENT_HZ, LEG_HZ)
    for index in range(5):
        call.take(arriving[index * 3_200 : (index + 1) * 3_200], ms(10 * index))
    delivered = call.take_delivered()
    per_message: dict[int, list[int]] = {}
    for each in delivered:
        span = per_message.setdefault(each.t_ns, [each.span.from_samples, 0])
        span[1] = each.span.to_samples
    assert per_message == {
        ms(10 * index): [4_800 * index, 4_800 * (index + 1)] for index in range(5)
    }
    assert call.take_delivered() == []


def test_a_clear_ends_the_item_and_the_next_begins_from_its_start() -> None:
    call = the_call()
    call.reference.sent("a", "r", A)
    call.take(resample(A, SENT_HZ, LEG_HZ), 0)
    before = call.advance(ms(350))
    assert [event.item_id for event in before] == ["a", "a"]
    assert call.items_after(call.played(ms(350))) == ["a"]
    assert call.positions(call.played(ms(350))) == {"a": 7_200}
    assert call.positions(call.heard(ms(350))) == {"a": 6_480}
    call.stop(ms(350))
    assert call.passed(ms(350)) == call.alignment.arrived
    call.reference.sent("b", "r", B)
    call.take(resample(B, SENT_HZ, LEG_HZ), ms(1000))
    assert told(call.advance(ms(5000))) == [
        (350.0, "player", "a", 0, 7_200, "interrupted"),
        (380.0, "ear", "a", 0, 7_200, "interrupted"),
        (1050.0, "player", "b", 0),
        (1080.0, "ear", "b", 0),
        (2050.0, "player", "b", 0, 24_000, "drained"),
        (2080.0, "ear", "b", 0, 24_000, "drained"),
    ]


def test_what_was_dropped_on_the_way_is_a_gap_in_the_item() -> None:
    call = the_call(PlayerSettings())
    whole = spoken(3.0, SENT_HZ)
    call.reference.sent("a", "r", whole)
    arriving = resample(whole, SENT_HZ, LEG_HZ)
    call.take(arriving[:16_000], 0)
    call.take(arriving[32_000:], 0)
    stops = [e for e in call.advance(ms(5000)) if isinstance(e, PlaybackStop)]
    assert [(stop.from_samples, stop.to_samples) for stop in stops[::2]] == [
        (0, pytest.approx(24_000, abs=24)),
        (pytest.approx(48_000, abs=24), 72_000),
    ]


def test_when_a_place_will_be_played() -> None:
    call = the_call()
    call.reference.sent("a", "r", A)
    call.take(resample(A, SENT_HZ, LEG_HZ), 0)
    assert call.left_at_ns(1_600) is None  # it waits for its lead
    call.advance(ms(60))
    assert call.left_at_ns(1_600) == ms(150)
    assert call.left_at_ns(16_001) is None
    assert call.silent_at_ear_ns() == ms(1080)


def test_a_strange_sound_is_counted_and_belongs_to_no_item() -> None:
    call = the_call()
    call.reference.sent("a", "r", A)
    call.take(resample(spoken(1.0, SENT_HZ, 2), SENT_HZ, LEG_HZ), 0)
    assert told(call.advance(ms(5000))) == []
    assert call.strange_ms > 500
