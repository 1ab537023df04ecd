"""Links that carry a session's messages, and what runs a session on them."""

from voicelab.transport.connection import Connection, Receiver
from voicelab.transport.host import ServerTap, SessionHost
from voicelab.transport.memory import Link, LinkSettings, MemoryConnection, memory_pair

__all__ = [
    "Connection",
    "Link",
    "LinkSettings",
    "MemoryConnection",
    "Receiver",
    "ServerTap",
    "SessionHost",
    "memory_pair",
]
