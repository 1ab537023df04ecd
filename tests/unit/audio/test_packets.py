"""Lost packets: how many, in what bursts, and what is heard instead."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio.levels import dbfs, mean_power
from voicelab.audio.packets import PACKET_MS, Losses, PacketSettings, PacketStage
from voicelab.audio.pcm import Samples

RATE_HZ = 8_000
PACKET = PACKET_MS * RATE_HZ // 1000
COUNT = 100_000


def drawn(settings: PacketSettings, seed: str = "x") -> np.ndarray:
    losses = Losses(settings, seed)
    return np.array([losses.next() for _ in range(COUNT)])


def bursts(lost: np.ndarray) -> np.ndarray:
    """Return the lengths of all gaps, in packets."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int), [0]])))
    starts, ends = edges.reshape(-1, 2).T
    return np.asarray(ends - starts)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.4])
@pytest.mark.parametrize("burst_ms", [None, 20.0, 60.0, 250.0])
def test_packets_are_lost_at_their_rate(rate: float, burst_ms: float | None) -> None:
    lost = drawn(PacketSettings(rate, burst_ms))
    # a chain's mean varies more than that of independent draws, by its memory
    memory = 1 - rate if burst_ms is None else burst_ms / PACKET_MS
    error = np.sqrt(rate * (1 - rate) / COUNT * 2 * max(memory, 1))
    assert lost.mean() == pytest.approx(rate, abs=4 * error)


@pytest.mark.parametrize("burst_ms", [20.0, 60.0, 250.0])
def test_gaps_have_their_mean_length_and_none_longer_than_chance(
    burst_ms: float,
) -> None:
    """Gaps of a chain of two states have geometric lengths."""
    lengths = bursts(drawn(PacketSettings(0.1, burst_ms)))
    mean = burst_ms / PACKET_MS
    spread = np.sqrt(mean * (mean - 1))
    bound = 4 * spread / np.sqrt(len(lengths)) + 1e-9
    assert lengths.mean() == pytest.approx(mean, abs=bound)
    longer = (lengths > mean).mean()
    expected = (1 - 1 / mean) ** int(mean)
    assert longer == pytest.approx(expected, abs=4 * np.sqrt(0.25 / len(lengths)))


def test_without_bursts_each_packet_is_lost_by_itself() -> None:
    lost = drawn(PacketSettings(0.3))
    after_lost = lost[1:][lost[:-1]].mean()
    assert after_lost == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / (0.3 * COUNT)))


def test_equal_seeds_lose_the_same_packets() -> None:
    settings = PacketSettings(0.2, 60.0)
    one, same, other = (drawn(settings, seed) for seed in ("a", "a", "b"))
    assert (one == same).all()
    assert (one != other).any()


def carried(
    samples: Samples, settings: PacketSettings, seed: str = "x"
) -> tuple[Samples, np.ndarray]:
    """Return what comes out of a stage, and which of its packets were lost."""
    stage = PacketStage(settings, RATE_HZ, seed)
    out = stage.process(samples)
    losses = Losses(settings, seed)
    lost = np.array([losses.next() for _ in range(len(samples) // PACKET)])
    assert stage.packets == len(lost)
    assert stage.lost == lost.sum() > 0
    return out, lost


def test_without_concealment_what_is_lost_is_silent_and_the_rest_untouched() -> None:
    samples = noise(200 * PACKET)
    out, lost = carried(samples, PacketSettings(0.2, 40.0))
    packets = out.reshape(-1, PACKET)
    assert not packets[lost].any()
    assert (packets[~lost] == samples.reshape(-1, PACKET)[~lost]).all()


def test_concealment_carries_on_a_voice_and_fades() -> None:
    """A tone of 200 Hz, whose period is 40 samples: it goes on without a step."""
    samples = tone(200, RATE_HZ, duration_s=8.0, peak=0.5)
    out, lost = carried(samples, PacketSettings(0.1, 80.0, "repeat"))
    alone = ~(lost[:-3] | lost[1:-2] | lost[2:-1])
    starts = np.flatnonzero(lost[3:] & alone) + 3
    assert len(starts) > 5
    packets = out.reshape(-1, PACKET)
    first_10_ms = slice(0, RATE_HZ // 100)
    for at in starts:
        gap = slice(at * PACKET, (at + 1) * PACKET)
        expected = samples[gap][first_10_ms].astype(int)
        assert np.abs(out[gap][first_10_ms] - expected).max() < 500
    whole = mean_power(samples)
    # 10 ms are whole and 50 fade linearly: mean squares of what is left of each packet
    for nth, share in enumerate((0.907, 0.373, 0.053, 0.0)):
        reached = [at + nth for at in starts if lost[at : at + nth + 1].all()]
        left = [mean_power(packets[at]) / whole for at in reached]
        assert np.mean(left) == pytest.approx(share, abs=0.02)


def test_behind_a_gap_it_fades_over_and_then_everything_is_as_sent() -> None:
    samples = noise(400 * PACKET)
    out, lost = carried(samples, PacketSettings(0.1, 60.0, "repeat"))
    packets, sent = out.reshape(-1, PACKET), samples.reshape(-1, PACKET)
    after = np.flatnonzero(~lost[1:] & lost[:-1]) + 1
    half = PACKET // 2  # the fade takes 10 ms at most
    assert (packets[after, half:] == sent[after, half:]).all()
    assert (packets[after, :half] != sent[after, :half]).any()
    others = np.flatnonzero(~lost[1:] & ~lost[:-1]) + 1
    assert (packets[others] == sent[others]).all()


def test_concealment_leaves_more_of_the_voice_than_silence_does() -> None:
    samples = tone(130, RATE_HZ, duration_s=10.0)
    gone, _ = carried(samples, PacketSettings(0.1))
    concealed, _ = carried(samples, PacketSettings(0.1, concealment="repeat"))

    def error_db(out: Samples) -> float:
        return dbfs(mean_power(out.astype(np.int32) - samples))

    assert error_db(concealed) < error_db(gone) - 8
