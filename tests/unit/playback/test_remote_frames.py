"""A far player that stops after whole frames only, as a telephone does."""

from __future__ import annotations

import pytest

from voicelab.playback.remote import RemotePlayer

RATE_HZ = 8000
FRAME = 160
MS = 1_000_000


class Wire:
    """Keeps the names of marks; nothing else matters here."""

    def __init__(self) -> None:
        self.marks: list[str] = []

    def play(self, item_id: str, audio: bytes) -> None:
        """Drop it."""

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        """Keep the name."""
        del item_id, position_samples
        self.marks.append(name)

    def clear(self) -> None:
        """Do nothing."""


def player_of(samples: int, frame_samples: int = FRAME) -> RemotePlayer:
    """Return a player whose item began to play at 0."""
    wire = Wire()
    player = RemotePlayer(wire, RATE_HZ, frame_samples)
    player.enqueue("item", samples, 0, bytes(samples))
    assert player.acknowledged(wire.marks[0], 0)
    return player


@pytest.mark.parametrize(
    ("stopped_ms", "samples"),
    [(0, 0), (1, 160), (19, 160), (20, 160), (21, 320), (40, 320)],
)
def test_a_frame_that_has_begun_is_heard_to_its_end(
    stopped_ms: int, samples: int
) -> None:
    player = player_of(8000)
    [standing] = player.stop(stopped_ms * MS)
    assert standing.played_samples == standing.heard_samples == samples
    assert player.evidence("item", 900 * MS).played_samples == samples
    stops = player.advance(stopped_ms * MS)[-2:]
    assert [stop.to_samples for stop in stops] == [samples, samples]  # type: ignore[union-attr] # both stop


def test_no_more_is_heard_than_there_is() -> None:
    [standing] = player_of(8 * 50).stop(45 * MS)
    assert standing.played_samples == 8 * 50


def test_until_it_is_stopped_it_plays_sample_by_sample() -> None:
    assert player_of(8000).evidence("item", 21 * MS).played_samples == 21 * 8


def test_other_players_stop_at_a_sample() -> None:
    [standing] = player_of(8000, frame_samples=1).stop(21 * MS)
    assert standing.played_samples == 21 * 8
