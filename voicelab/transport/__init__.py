"""Links that carry a session's messages, and what runs a session on them."""

from voicelab.transport.connection import (
    CLOSE_ABNORMAL,
    CLOSE_NORMAL,
    Closing,
    Connection,
    HangUpListener,
    Receiver,
)
from voicelab.transport.host import HostedSession, ServerTap, SessionHost
from voicelab.transport.memory import Link, LinkSettings, MemoryConnection, memory_pair

__all__ = [
    "CLOSE_ABNORMAL",
    "CLOSE_NORMAL",
    "Closing",
    "Connection",
    "HangUpListener",
    "HostedSession",
    "Link",
    "LinkSettings",
    "MemoryConnection",
    "Receiver",
    "ServerTap",
    "SessionHost",
    "memory_pair",
]
