"""A player at the end of a leg that returns no marks, as published samples have it.

Nothing comes back from it, so its position is worked out from what it was sent and
when, by a model of what such pages do. It stops if it is told to and understands it.
"""

from __future__ import annotations

from voicelab.playback.playback import Standing
from voicelab.playback.player import Player
from voicelab.playback.remote import LegSpeaker
from voicelab.playback.settings import PlayerSettings


class UnacknowledgedPlayer(Player):
    """Plays agent audio at the end of a leg, unseen.

    Args:
        speaker: takes audio and commands there; it gets no marks.
        settings: the model of the player.
        rate_hz: the rate of the audio.
    """

    def __init__(
        self, speaker: LegSpeaker, settings: PlayerSettings, rate_hz: int
    ) -> None:
        super().__init__(settings, rate_hz)
        self._speaker = speaker

    def enqueue(
        self, item_id: str, samples: int, now_ns: int, audio: bytes = b""
    ) -> None:
        """Send audio of an item, and take it for queued at the end of the leg."""
        if samples:
            self._speaker.play(item_id, audio)
        super().enqueue(item_id, samples, now_ns, audio)

    def stop(self, now_ns: int) -> list[Standing]:
        """Tell the far side to drop what it has not played."""
        standings = super().stop(now_ns)
        if standings:
            self._speaker.clear()
        return standings
