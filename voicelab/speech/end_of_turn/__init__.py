"""Whether a turn is over: by its melody (Smart Turn) and by its last words."""

from __future__ import annotations

from voicelab.speech.end_of_turn.cached import CachedEndOfTurn, smart_turn
from voicelab.speech.end_of_turn.log_mel import log_mel
from voicelab.speech.end_of_turn.model import EndOfTurnModel
from voicelab.speech.end_of_turn.smart_turn import SmartTurn
from voicelab.speech.end_of_turn.text_rules import unfinished
from voicelab.speech.end_of_turn.turn_audio import TurnAudio

__all__ = [
    "CachedEndOfTurn",
    "EndOfTurnModel",
    "SmartTurn",
    "TurnAudio",
    "log_mel",
    "smart_turn",
    "unfinished",
]
