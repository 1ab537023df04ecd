"""Why a WebSocket is closed: the codes of RFC 6455, section 7.4.1, and of the endpoint.

Codes from 3000 on are those that the real endpoint was seen to use.
"""

from __future__ import annotations

CLOSE_NORMAL = 1000
"""The connection has served its purpose."""

CLOSE_GOING_AWAY = 1001
"""The server ends the session: it shuts down, or the session has lasted long enough."""

CLOSE_ABNORMAL = 1006
"""Stands for a connection that broke off without a close frame; it is never sent."""

CLOSE_POLICY = 1008
"""The peer broke a rule for which there is no other code."""

CLOSE_INTERNAL_ERROR = 1011
"""The server met what it was not made for."""

CLOSE_TRY_AGAIN_LATER = 1013
"""The server is full (IANA's registry of close codes)."""

CLOSE_UNAUTHORIZED = 3000
"""The key lets nobody in."""

CLOSE_BAD_REQUEST = 4000
"""What was asked for in the URL or the headers is not served."""
