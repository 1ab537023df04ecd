"""How near a claim comes to what was heard, on every player, over whole runs."""

from __future__ import annotations

import pytest

import voicelab as vl
from voicelab.playback import PLAYERS

HERE = {"command_delay_ms": 0, "report_delay_ms": 0}
ROUNDING_MS = 1
FRAME_MS = 20


def errors(player: str, seed: int, **options: float) -> list[float]:
    client = {"player": player, "truncation": "played", "player_options": options}
    ledger = vl.run("interrupter", seed=seed, client=client).truncations
    assert len(ledger) >= 2
    assert (ledger.verdict == "accepted").all()
    return list(ledger.truncation_error_ms)


@pytest.mark.parametrize("seed", [14, 15, 16])
@pytest.mark.parametrize("player", PLAYERS)
def test_without_a_network_the_player_s_position_is_right_to_20_ms(
    player: str, seed: int
) -> None:
    """Whatever the device's latency: what has left the player will be heard."""
    for latency_ms in (0, 200):
        for error in errors(player, seed, device_latency_ms=latency_ms, **HERE):
            assert -FRAME_MS <= error <= 0


@pytest.mark.parametrize("seed", [14, 15])
@pytest.mark.parametrize(("command_ms", "report_ms"), [(25, 25), (150, 40)])
@pytest.mark.parametrize("player", PLAYERS)
def test_over_a_network_it_is_behind_by_no_more_than_the_way_there_and_back(
    player: str, command_ms: float, report_ms: float, seed: int
) -> None:
    most_ms = command_ms + report_ms + FRAME_MS + ROUNDING_MS
    found = errors(player, seed, command_delay_ms=command_ms, report_delay_ms=report_ms)
    assert all(-most_ms <= error <= 0 for error in found)
