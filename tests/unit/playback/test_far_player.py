"""A player that is not where its client is: what is late, and what the client knows."""

from __future__ import annotations

import pytest

from voicelab.playback import Evidence, Player, PlayerSettings, policy_named
from voicelab.playback.playback import PlaybackEvent, PlaybackStop
from voicelab.units import NS_PER_MS

RATE_HZ = 8_000
MS = 8
"""Samples a millisecond."""


def ms(milliseconds: float) -> int:
    return round(milliseconds * NS_PER_MS)


def left(events: list[PlaybackEvent]) -> list[tuple[float, str, int]]:
    """Return (instant in ms, what, position) of what left the player."""
    return [
        (event.t_ns / NS_PER_MS, event.reason, event.to_samples)
        if isinstance(event, PlaybackStop)
        else (event.t_ns / NS_PER_MS, "starts", event.from_samples)
        for event in events
        if event.place == "player"
    ]


def evidence(player: Player, now_ms: float, item_id: str = "a") -> Evidence:
    player.advance(ms(now_ms))
    return player.evidence(item_id, ms(now_ms))


def claims(player: Player, now_ms: float, item_id: str = "a") -> dict[str, int | None]:
    known = evidence(player, now_ms, item_id)
    return {
        name: policy_named(name).audio_end_ms(known)
        for name in ("played", "marks", "marks_elapsed", "wall_since_first_delta")
    }


def test_audio_and_the_command_to_stop_are_on_their_way_alike() -> None:
    player = Player(PlayerSettings(command_delay_ms=25), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.advance(ms(500))
    (standing,) = player.stop(ms(500))
    assert standing.played_samples == 475 * MS
    assert left(player.advance(ms(2000))) == [(525, "interrupted", 500 * MS)]


def test_a_slow_player_plays_on_after_it_was_told_to_stop() -> None:
    player = Player(PlayerSettings(stop_delay_ms=40), RATE_HZ)
    player.enqueue("a", 1000 * MS, 0)
    player.advance(ms(100))
    player.stop(ms(100))
    assert left(player.advance(ms(2000))) == [(140, "interrupted", 140 * MS)]


def test_what_would_start_while_the_stop_is_under_way_starts_and_is_cut() -> None:
    player = Player(PlayerSettings(lead_ms=50, command_delay_ms=25), RATE_HZ)
    player.enqueue("a", 100 * MS, 0)  # begins to play at 75
    assert player.stop(ms(60))[0].played_samples == 0
    assert left(player.advance(ms(500))) == [
        (75, "starts", 0),
        (85, "interrupted", 10 * MS),
    ]


def test_what_would_start_as_the_stop_takes_effect_does_not() -> None:
    player = Player(PlayerSettings(lead_ms=50, command_delay_ms=25), RATE_HZ)
    player.enqueue("a", 100 * MS, 0)
    player.stop(ms(50))
    assert left(player.advance(ms(500))) == []
    assert not player.busy


def test_audio_that_arrives_as_the_buffer_runs_dry_waits_for_the_lead() -> None:
    player = Player(PlayerSettings(lead_ms=50, command_delay_ms=25), RATE_HZ)
    player.enqueue("a", 10 * MS, 0)  # plays from 75 to 85
    player.advance(ms(60))
    player.enqueue("a", 10 * MS, ms(60))  # arrives at 85
    assert left(player.advance(ms(500)))[1:] == [
        (85, "drained", 10 * MS),
        (135, "starts", 10 * MS),
        (145, "drained", 20 * MS),
    ]


def test_nothing_joins_what_a_stop_lets_play_to_its_end() -> None:
    player = Player(PlayerSettings(lead_ms=5, stop_delay_ms=100), RATE_HZ)
    player.enqueue("a", 50 * MS, 0)  # plays from 5 to 55, before the silence at 110
    player.advance(ms(10))
    assert [at.item_id for at in player.stop(ms(10))] == ["a"]
    assert player.stop(ms(20)) == []
    player.enqueue("b", 10 * MS, ms(30))
    assert left(player.advance(ms(500)))[-3:] == [
        (55, "drained", 50 * MS),
        (55, "starts", 0),
        (65, "drained", 10 * MS),
    ]


def test_marks_come_back_when_played_and_as_late_as_any_report() -> None:
    settings = PlayerSettings(command_delay_ms=20, report_delay_ms=30)
    player = Player(settings, RATE_HZ)
    player.enqueue("a", 100 * MS, 0)  # plays from 20
    player.enqueue("a", 100 * MS, ms(10))
    assert evidence(player, 49).acknowledged_samples is None
    at_start = evidence(player, 50)
    assert (at_start.acknowledged_samples, at_start.since_acknowledged_ns) == (0, 0)
    assert evidence(player, 149).acknowledged_samples == 0
    at_joint = evidence(player, 157)
    assert at_joint.acknowledged_samples == 100 * MS
    assert at_joint.since_acknowledged_ns == ms(7)
    assert at_joint.played_samples == 107 * MS
    assert claims(player, 157) == {
        "played": 107,
        "marks": 100,
        "marks_elapsed": 107,
        "wall_since_first_delta": 157,
    }


def test_marks_that_a_clear_gives_back_are_not_taken_for_played() -> None:
    """A provider returns all pending marks at once when its buffer is cleared."""
    player = Player(PlayerSettings(), RATE_HZ)
    for _ in range(10):
        player.enqueue("a", 100 * MS, 0)
    before = evidence(player, 250)
    player.stop(ms(250))
    assert player.evidence("a", ms(250)) == before
    assert before.acknowledged_samples == 200 * MS
    assert evidence(player, 5000).acknowledged_samples == 200 * MS


def test_marks_are_taken_from_what_played_after_a_stop_left_a_hole() -> None:
    player = Player(PlayerSettings(), RATE_HZ)
    player.enqueue("a", 100 * MS, 0)
    player.advance(ms(30))
    player.stop(ms(30))
    player.enqueue("a", 100 * MS, ms(50))  # from 100 on: 30 to 100 never played
    known = evidence(player, 60)
    assert known.played_samples == 110 * MS
    assert known.acknowledged_samples == 100 * MS
    assert known.since_acknowledged_ns == ms(30)


def test_time_since_a_mark_counts_a_stall_and_the_clamp_bounds_it() -> None:
    player = Player(PlayerSettings(lead_ms=50), RATE_HZ)
    player.enqueue("a", 100 * MS, 0)  # plays from 50 to 150
    assert claims(player, 400)["marks_elapsed"] == 100
    player.enqueue("a", 100 * MS, ms(400))  # plays from 450
    stalled = claims(player, 440)
    assert stalled["played"] == 100
    assert stalled["marks_elapsed"] == 200
    assert stalled["wall_since_first_delta"] == 440


def test_of_an_item_without_audio_nothing_is_known() -> None:
    player = Player(PlayerSettings(), RATE_HZ)
    assert player.evidence("a", ms(1)) == Evidence(RATE_HZ, 0, 0)
    assert claims(player, 1) == {
        "played": 0,
        "marks": 0,
        "marks_elapsed": 0,
        "wall_since_first_delta": 0,
    }


@pytest.mark.parametrize(
    ("rate_hz", "settings", "stopped_at"),
    [
        # telephone frames of 20 ms, the audio at three times their rate
        (24_000, PlayerSettings(quantum_samples=160, quantum_rate_hz=8_000), 480),
        (8_000, PlayerSettings(quantum_samples=160, quantum_rate_hz=8_000), 160),
        # a render quantum of 2.67 ms is 21 and a third samples: the next counts
        (8_000, PlayerSettings(quantum_samples=128, quantum_rate_hz=48_000), 22),
        (24_000, PlayerSettings(quantum_samples=128, quantum_rate_hz=48_000), 64),
    ],
)
def test_a_quantum_counts_at_the_rate_of_the_device(
    rate_hz: int, settings: PlayerSettings, stopped_at: int
) -> None:
    player = Player(settings, rate_hz)
    player.enqueue("a", rate_hz, 0)
    player.advance(ms(1))
    player.stop(ms(1))
    assert left(player.advance(ms(3000)))[0][2] == stopped_at


def test_many_quanta_do_not_add_up_their_fractions() -> None:
    settings = PlayerSettings(quantum_samples=128, quantum_rate_hz=48_000)
    # 22,500 quanta are one minute exactly
    assert settings.whole_quanta(60 * 8_000, 8_000) == 60 * 8_000
    assert settings.whole_quanta(60 * 8_000 + 1, 8_000) == 60 * 8_000 + 22
    assert settings.whole_quanta(0, 8_000) == 0
