"""The stitched pipeline: speech to text, then a chat, then text to speech.

Each stage is a part of its own, with a latency of its own: worked out and measured on
this machine, or drawn from a cascade profile. With stages that stand in for the real
ones (known words, given replies, their recordings) a cascade says the same as a
speech-to-speech agent, in the same voice: what differs is when.
"""

from __future__ import annotations

from voicelab.responders.cascade.chats import EchoChat, ReplyChat
from voicelab.responders.cascade.hearing import (
    HearingTranscriber,
    KnownEars,
    RecogniserEars,
    SharedHearing,
)
from voicelab.responders.cascade.mouths import RecordedMouth, VoiceMouth
from voicelab.responders.cascade.parts import (
    Chat,
    ChatPiece,
    Clause,
    ClauseAudio,
    Ears,
    Mouth,
    Said,
    Turn,
)
from voicelab.responders.cascade.profile import (
    DEFAULT_CASCADE_PROFILE,
    CascadeProfile,
    cascade_profile_names,
    find_cascade_profile,
    load_cascade_profile,
)
from voicelab.responders.cascade.reply import CascadeReply
from voicelab.responders.cascade.responder import CascadeResponder
from voicelab.responders.cascade.stages import DEFAULT_FALLBACK, Stages

__all__ = [
    "DEFAULT_CASCADE_PROFILE",
    "DEFAULT_FALLBACK",
    "CascadeProfile",
    "CascadeReply",
    "CascadeResponder",
    "Chat",
    "ChatPiece",
    "Clause",
    "ClauseAudio",
    "Ears",
    "EchoChat",
    "HearingTranscriber",
    "KnownEars",
    "Mouth",
    "RecogniserEars",
    "RecordedMouth",
    "ReplyChat",
    "Said",
    "SharedHearing",
    "Stages",
    "Turn",
    "VoiceMouth",
    "cascade_profile_names",
    "find_cascade_profile",
    "load_cascade_profile",
]
