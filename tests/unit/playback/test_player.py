"""The player, case by case; tests/property holds it against a simulation."""

from __future__ import annotations

from voicelab.playback import Player, PlayerSettings, Standing
from voicelab.playback.playback import PlaybackEvent, PlaybackStop
from voicelab.units import NS_PER_MS

RATE_HZ = 8_000
MS = 8
"""Samples a millisecond."""


def told(player: Player, now_ms: float) -> list[tuple[float, str, str, int]]:
    """Advance; return (instant in ms, place and what, item, position)."""
    return [
        (
            event.t_ns / NS_PER_MS,
            f"{event.place} {_what(event)}",
            event.item_id,
            _at(event),
        )
        for event in player.advance(round(now_ms * NS_PER_MS))
    ]


def _what(event: PlaybackEvent) -> str:
    return event.reason if isinstance(event, PlaybackStop) else "starts"


def _at(event: PlaybackEvent) -> int:
    return event.to_samples if isinstance(event, PlaybackStop) else event.from_samples


def test_ideal_player_plays_at_once_and_is_heard_at_once() -> None:
    player = Player(PlayerSettings(), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)
    assert told(player, 100) == [
        (0, "player starts", "a", 0),
        (0, "ear starts", "a", 0),
        (10, "player drained", "a", 80),
        (10, "ear drained", "a", 80),
    ]
    assert player.next_deadline() is None


def test_lead_and_device_latency_delay_what_is_heard() -> None:
    player = Player(PlayerSettings(lead_ms=50, device_latency_ms=30), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)
    assert player.next_deadline() == 50 * NS_PER_MS
    assert player.silent_at_ear_ns() == 90 * NS_PER_MS
    assert told(player, 100) == [
        (50, "player starts", "a", 0),
        (60, "player drained", "a", 80),
        (80, "ear starts", "a", 0),
        (90, "ear drained", "a", 80),
    ]


def test_two_items_play_without_a_gap() -> None:
    player = Player(PlayerSettings(lead_ms=50), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)
    player.enqueue("b", 5 * MS, 0)
    own = [line for line in told(player, 100) if line[1].startswith("player")]
    assert own == [
        (50, "player starts", "a", 0),
        (60, "player drained", "a", 80),
        (60, "player starts", "b", 0),
        (65, "player drained", "b", 40),
    ]


def test_after_an_underrun_the_lead_is_waited_for_again() -> None:
    player = Player(PlayerSettings(lead_ms=50), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)
    told(player, 70)
    player.enqueue("a", 10 * MS, 70 * NS_PER_MS)
    own = [line for line in told(player, 200) if line[1].startswith("player")]
    assert own == [(120, "player starts", "a", 80), (130, "player drained", "a", 160)]


def test_a_stop_takes_effect_at_the_next_quantum_and_drops_the_rest() -> None:
    player = Player(PlayerSettings(device_latency_ms=30, quantum_samples=128), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.enqueue("b", 1000 * MS, 0)
    player.advance(100 * NS_PER_MS)
    assert player.stop(100 * NS_PER_MS) == [
        Standing("a", 8000, 800, 560),
        Standing("b", 8000, 0, 0),
    ]
    assert told(player, 1000) == [
        (112, "player interrupted", "a", 7 * 128),
        (142, "ear interrupted", "a", 7 * 128),
    ]
    assert player.standing("a", 10**9) == Standing("a", 8000, 896, 896)
    assert player.standing("b", 10**9) == Standing("b", 8000, 0, 0)


def test_a_stop_lets_the_sample_end_that_has_begun() -> None:
    player = Player(PlayerSettings(), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.advance(10 * NS_PER_MS + 1)
    player.stop(10 * NS_PER_MS + 1)
    assert told(player, 100)[0] == (10.125, "player interrupted", "a", 81)


def test_a_stop_before_the_start_leaves_nothing_to_hear() -> None:
    player = Player(PlayerSettings(lead_ms=50), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)
    assert player.stop(20 * NS_PER_MS) == [Standing("a", 80, 0, 0)]
    assert not player.busy
    assert player.advance(10**9) == []
    assert player.standing("a", 10**9) == Standing("a", 80, 0, 0)


def test_a_second_stop_finds_nothing() -> None:
    player = Player(PlayerSettings(quantum_samples=128), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.advance(NS_PER_MS)
    assert len(player.stop(NS_PER_MS)) == 1
    assert player.stop(2 * NS_PER_MS) == []
    assert told(player, 100)[0] == (16, "player interrupted", "a", 128)


def test_what_comes_right_after_a_stop_waits_for_the_silence() -> None:
    player = Player(PlayerSettings(quantum_samples=128), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.advance(NS_PER_MS)
    player.stop(NS_PER_MS)
    player.enqueue("b", 10 * MS, 2 * NS_PER_MS)
    own = [line for line in told(player, 100) if line[1].startswith("player")]
    assert own == [
        (16, "player interrupted", "a", 128),
        (16, "player starts", "b", 0),
        (26, "player drained", "b", 80),
    ]


def test_what_left_the_player_is_still_being_heard_after_an_underrun() -> None:
    player = Player(PlayerSettings(lead_ms=50, device_latency_ms=30), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)  # leaves from 50 to 60, heard from 80 to 90
    player.advance(62 * NS_PER_MS)
    player.enqueue("a", 10 * MS, 62 * NS_PER_MS)
    assert player.standing("a", 62 * NS_PER_MS) == Standing("a", 160, 80, 0)
    assert player.standing("a", 85 * NS_PER_MS) == Standing("a", 160, 80, 40)


def test_no_audio_is_no_news() -> None:
    player = Player(PlayerSettings(), RATE_HZ)
    player.enqueue("a", 0, 0)
    assert not player.busy
    assert player.advance(10**9) == []
