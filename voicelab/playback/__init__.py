"""Players and truncation policies: what the caller hears, what the client claims."""

from voicelab.playback.player import Player, Standing
from voicelab.playback.policies import POLICIES, TruncationPolicy, policy_named
from voicelab.playback.settings import PLAYERS, PlayerSettings, player_settings

__all__ = [
    "PLAYERS",
    "POLICIES",
    "Player",
    "PlayerSettings",
    "Standing",
    "TruncationPolicy",
    "player_settings",
    "policy_named",
]
