"""What a scenario may say of its channel, and what is said where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voicelab.errors import ScenarioError
from voicelab.lab.lines import emulated_network
from voicelab.scenario import canonical, load_scenario, override, scenario_from
from voicelab.units import NS_PER_MS

TEXT = """\
voicelab: 1
name: booking
caller:
  audio: call.wav
  labels: call.json
agent: {responder: recorded}
channel:
  %s
"""


@pytest.mark.parametrize(
    ("line", "path", "says"),
    [
        ("noise: {audio: caff, snr_db: 3}", "noise.audio", "no noise named 'caff'"),
        ("noise: {audio: caff, snr_db: 3}", "noise.audio", "cafe, cough, keyboard"),
        ("noise: {audio: x.wav, snr_db: 3}", "noise.audio", "x.wav does not exist"),
        ("noise: {audio: cafe}", "noise", "snr_db is missing"),
        ("noise: {snr_db: 3}", "noise", "audio is missing"),
        ("noise: {audio: cafe, snr_db: loud}", "noise.snr_db", "'loud' is text"),
        ("noise: {audio: cafe, snr_db: 300}", "noise.snr_db", "out of range"),
        ("echo: {delay_ms: -1, gain_db: -30}", "echo.delay_ms", "out of range"),
        ("echo: {delay_ms: 9, gain_db: 70}", "echo.gain_db", "out of range"),
        ("echo: {delay_ms: 9}", "echo", "gain_db is missing"),
        ("echo: {delay_ms: 9, gain_db: -30, room: hall}", "echo.room", "large"),
        ("band: telephone", "band", "narrow or wide"),
        ("uplink: {bursts: {every_s: 5}}", "uplink.bursts", "lasts_ms is missing"),
        (
            "uplink: {bursts: {every_s: 0.5, lasts_ms: 500}}",
            "uplink.bursts",
            "never moves",
        ),
        (
            "downlink: {packets: {loss_rate: 0.9, burst_ms: 60}}",
            "downlink.packets",
            "make up 75% of the time at most, not 90%",
        ),
        ("uplink: {packets: {loss_rate: 1}}", "uplink.packets.loss_rate", "out of"),
        (
            "uplink: {packets: {loss_rate: 0.1, burst_ms: 10}}",
            "uplink.packets.burst_ms",
            "out of range",
        ),
        (
            "uplink: {packets: {loss_rate: 0.1, concealment: opus}}",
            "uplink.packets.concealment",
            "none or repeat",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    folder: Path, line: str, path: str, says: str
) -> None:
    file = folder / "bad.yaml"
    file.write_text(TEXT % line)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert caught.value.file == file
    assert caught.value.line == 8
    assert str(caught.value.path).startswith("channel.")
    assert f"channel.{path}" in str(caught.value)
    assert says in str(caught.value)
    assert caught.value.fix is not None
    assert "\n" not in str(caught.value)


def test_a_noise_is_found_beside_the_scenario_wherever_that_lies(
    folder: Path, recorded: dict[str, Any]
) -> None:
    (folder / "rain.wav").touch()
    noise = {"audio": "rain.wav", "snr_db": 10}
    scenario = scenario_from({**recorded, "channel": {"noise": noise}}, folder)
    assert scenario.channel.noise is not None
    assert scenario.channel.noise.audio == str(folder / "rain.wav")
    assert override(scenario, seed=4).channel == scenario.channel
    assert canonical(scenario)["channel"]["noise"] == noise


def test_a_channel_without_effects_is_written_as_it_always_was(
    folder: Path, recorded: dict[str, Any]
) -> None:
    """So the identity of every run without them stays what it was."""
    nothing = {"band": "wide", "noise": None, "echo": None}
    links = {way: {"bursts": None, "packets": None} for way in ("uplink", "downlink")}
    told = scenario_from({**recorded, "channel": {**nothing, **links}}, folder)
    expected = {"delay_ms": 0.0, "jitter_ms": 0.0, "loss_rate": 0.0}
    assert canonical(told)["channel"] == {
        "codec": "pcm",
        "uplink": expected,
        "downlink": expected,
    }
    assert canonical(told) == canonical(scenario_from(recorded, folder))


def test_bursts_reach_the_network(folder: Path, recorded: dict[str, Any]) -> None:
    uplink = {"bursts": {"every_s": 2, "lasts_ms": 300}}
    scenario = scenario_from({**recorded, "channel": {"uplink": uplink}}, folder)
    network = emulated_network(scenario)
    assert network.uplink.disturbs
    assert not network.downlink.disturbs
    sent_ns = range(0, 20_000 * NS_PER_MS, 20 * NS_PER_MS)
    late_ns = [network.uplink.arrival_ns(at) - at for at in sent_ns]
    assert 250 * NS_PER_MS < max(late_ns) <= 600 * NS_PER_MS
    assert 100 < sum(late > 0 for late in late_ns) < 200
