"""When voice is the wrong channel: speech against text, in words and seconds."""

from __future__ import annotations

from voicelab.modality.assumptions import Assumptions, Quantity, assume
from voicelab.modality.heard import (
    Answer,
    SurvivalPoint,
    answers,
    expected_words,
    heard_survival,
)
from voicelab.modality.intelligibility import (
    Intelligibility,
    bundled_listening,
    intelligibility,
)
from voicelab.modality.lever import SpeedEffect, SpeedRow, speed_effects, speed_lever
from voicelab.modality.listening import Listened, answer_texts, listen
from voicelab.modality.measured import measured
from voicelab.modality.trade_off import (
    CHANNELS,
    INPUTS,
    BreakEven,
    Channel,
    Input,
    TradeOff,
    break_even,
    trade_off,
)

__all__ = [
    "CHANNELS",
    "INPUTS",
    "Answer",
    "Assumptions",
    "BreakEven",
    "Channel",
    "Input",
    "Intelligibility",
    "Listened",
    "Quantity",
    "SpeedEffect",
    "SpeedRow",
    "SurvivalPoint",
    "TradeOff",
    "answer_texts",
    "answers",
    "assume",
    "break_even",
    "bundled_listening",
    "expected_words",
    "heard_survival",
    "intelligibility",
    "listen",
    "measured",
    "speed_effects",
    "speed_lever",
    "trade_off",
]
