"""Players and truncation policies: what the caller hears, what the client claims."""

from voicelab.playback.evidence import Evidence
from voicelab.playback.playback import Playback, Standing
from voicelab.playback.player import Player
from voicelab.playback.policies import POLICIES, TruncationPolicy, policy_named
from voicelab.playback.settings import PLAYERS, PlayerSettings, player_settings

__all__ = [
    "PLAYERS",
    "POLICIES",
    "Evidence",
    "Playback",
    "Player",
    "PlayerSettings",
    "Standing",
    "TruncationPolicy",
    "player_settings",
    "policy_named",
]
