"""The Realtime server on a port."""

from voicelab.serve.background import BackgroundServer
from voicelab.serve.options import ServeOptions
from voicelab.serve.server import RealtimeServer
from voicelab.serve.sessions import (
    AgentSessions,
    MadeSession,
    SessionSource,
    assistant_sessions,
    cascade_sessions,
    echo_sessions,
    scenario_sessions,
)

__all__ = [
    "AgentSessions",
    "BackgroundServer",
    "MadeSession",
    "RealtimeServer",
    "ServeOptions",
    "SessionSource",
    "assistant_sessions",
    "cascade_sessions",
    "echo_sessions",
    "scenario_sessions",
]
