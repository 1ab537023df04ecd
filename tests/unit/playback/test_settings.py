"""Players by name, with their figures changed."""

from __future__ import annotations

import pytest

from voicelab.errors import ScenarioError
from voicelab.playback import PLAYERS, player_settings


def test_a_named_player_has_its_own_figures() -> None:
    assert player_settings("browser") == PLAYERS["browser"]
    assert player_settings("ideal").lead_ns == 0
    assert player_settings("ideal").device_latency_ns == 0


def test_what_is_given_replaces_only_itself() -> None:
    changed = player_settings("browser", lead_ms=0.5)
    assert changed.lead_ns == 500_000
    assert changed.device_latency_ns == PLAYERS["browser"].device_latency_ns
    assert changed.quantum_samples == 128
    assert player_settings("browser", device_latency_ms=0).device_latency_ns == 0


@pytest.mark.parametrize("name", ["twilio", "elks"])
def test_a_telephone_is_far_and_plays_whole_frames(name: str) -> None:
    settings = player_settings(name)
    assert settings.whole_quanta(1, 8_000) == 160  # 20 ms
    assert settings.whole_quanta(1, 24_000) == 480
    assert settings.command_delay_ns > 0
    assert settings.report_delay_ns > 0
    assert settings.device_latency_ns > PLAYERS["browser"].device_latency_ns
    near = player_settings(name, command_delay_ms=0, report_delay_ms=0)
    assert near.command_delay_ns == near.report_delay_ns == 0
    assert near.lead_ns == settings.lead_ns


def test_an_unknown_player_is_named_with_the_known_ones() -> None:
    with pytest.raises(ScenarioError) as caught:
        player_settings("gramophone")
    assert caught.value.path == "client.player"
    assert caught.value.problem == "there is no player named 'gramophone'"
    assert caught.value.fix == "use one of ideal, browser, twilio, elks"
