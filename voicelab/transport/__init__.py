"""Links that carry a session's messages, and what runs a session on them."""

from voicelab.transport.connection import (
    Closing,
    Connection,
    HangUpListener,
    Receiver,
)
from voicelab.transport.emulated import EmulatedNetwork
from voicelab.transport.host import ServerTap, SessionHost
from voicelab.transport.link import BurstSettings, Link, LinkSettings, Network
from voicelab.transport.memory import MemoryConnection, memory_pair

__all__ = [
    "BurstSettings",
    "Closing",
    "Connection",
    "EmulatedNetwork",
    "HangUpListener",
    "Link",
    "LinkSettings",
    "MemoryConnection",
    "Network",
    "Receiver",
    "ServerTap",
    "SessionHost",
    "memory_pair",
]
