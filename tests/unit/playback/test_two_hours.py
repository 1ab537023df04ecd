"""Two hours of audio through each player: no position drifts by a single sample."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest

from voicelab.playback import PLAYERS, Player
from voicelab.playback.playback import PlaybackStop

NS_PER_S = 10**9
HOURS_S = 2 * 3600
ODD_CHUNKS = (1, 997, 2_399, 4_801, 13)
"""Samples; none of them a whole number of milliseconds, or of frames."""
AHEAD_S = 1


def chunks(total: int) -> Iterator[tuple[int, int]]:
    """Yield (position, samples) of the pieces that audio comes in."""
    position = 0
    for samples in cycle(ODD_CHUNKS):
        size = min(samples, total - position)
        yield position, size
        position += size
        if position == total:
            return


@pytest.mark.parametrize("chunks_an_item", [10**9, 37])
@pytest.mark.parametrize("rate_hz", [8_000, 24_000])
@pytest.mark.parametrize("name", PLAYERS)
def test_positions_are_exact_after_two_hours(
    name: str, rate_hz: int, chunks_an_item: int
) -> None:
    """One answer of two hours, and a thousand that follow each other."""
    settings = PLAYERS[name]
    player = Player(settings, rate_hz)
    start_ns = settings.command_delay_ns + settings.lead_ns
    total = HOURS_S * rate_hz
    played_before = played = 0  # of the items before, and in all by what was told
    item_id = ""
    for number, (position, samples) in enumerate(chunks(total)):
        now_ns = max(position * NS_PER_S // rate_hz - AHEAD_S * NS_PER_S, 0)
        for event in player.advance(now_ns):
            if isinstance(event, PlaybackStop) and event.place == "player":
                played += event.to_samples - event.from_samples
                assert event.reason == "drained"
        if number % chunks_an_item == 0:
            item_id, played_before = f"item {number}", position
        player.enqueue(item_id, samples, now_ns)
        if number % 1_000 == 0:
            # in the middle of a sample: instants round up to whole nanoseconds
            middle_ns = start_ns + (2 * position + 1) * NS_PER_S // (2 * rate_hz)
            at = player.standing(item_id, middle_ns)
            assert at.played_samples == max(position - played_before, 0)
            heard_ns = middle_ns + settings.device_latency_ns
            assert player.standing(item_id, heard_ns).heard_samples == at.played_samples
    ends_ns = start_ns + HOURS_S * NS_PER_S
    told = player.advance(ends_ns + NS_PER_S)
    ends = [event for event in told if isinstance(event, PlaybackStop)]
    own = [event for event in ends if event.place == "player"]
    assert played + sum(e.to_samples - e.from_samples for e in own) == total
    # where one answer follows another, its start rounds up to a whole nanosecond
    assert 0 <= own[-1].t_ns - ends_ns <= number // chunks_an_item + 1
    assert ends[-1].t_ns - own[-1].t_ns == settings.device_latency_ns
