"""Every error that ends a connection: the `error` event, then a close.

The texts and codes are those of the real endpoint where it has such a case.
"""

from __future__ import annotations

from voicelab.protocol.close_codes import (
    CLOSE_BAD_REQUEST,
    CLOSE_GOING_AWAY,
    CLOSE_TRY_AGAIN_LATER,
    CLOSE_UNAUTHORIZED,
)
from voicelab.protocol.wire_errors import WireError, quoted


def session_expired(lifetime_s: int = 3600) -> WireError:
    """Return the notice that the session reached its greatest length."""
    minutes, odd_s = divmod(lifetime_s, 60)
    limit = f"{lifetime_s} seconds" if odd_s else f"{minutes} minutes"
    return WireError(
        "session_expired",
        f"Your session hit the maximum duration of {limit}.",
        close_code=CLOSE_GOING_AWAY,
    )


def invalid_api_key() -> WireError:
    """Return the refusal of a connection with a wrong key, or none."""
    return WireError(
        "invalid_api_key",
        "Incorrect API key provided.",
        close_code=CLOSE_UNAUTHORIZED,
    )


def missing_model() -> WireError:
    """Return the refusal of a connection that names no model."""
    return WireError(
        "missing_model",
        "You must provide a model parameter, for example "
        "/v1/realtime?model=gpt-realtime",
        close_code=CLOSE_BAD_REQUEST,
    )


def invalid_model(model: str) -> WireError:
    """Return the refusal of a connection that names a model not served."""
    return WireError(
        "invalid_model",
        f'Model "{model}" is not supported in realtime mode.',
        close_code=CLOSE_BAD_REQUEST,
    )


def beta_api_shape_disabled() -> WireError:
    """Return the refusal of a connection that asks for the beta protocol."""
    return WireError(
        "beta_api_shape_disabled",
        "The Realtime Beta API is no longer supported. "
        "Please use /v1/realtime for the GA API.",
        close_code=CLOSE_BAD_REQUEST,
    )


def unsupported_intent(intent: str) -> WireError:
    """Return the refusal of a connection that wants another kind of session."""
    return WireError(
        "unsupported_intent",
        f"Sessions with intent '{quoted(intent)}' are not served here; connect "
        "without an intent for a conversation.",
        param="intent",
        close_code=CLOSE_BAD_REQUEST,
    )


def no_such_call() -> WireError:
    """Return the refusal of a connection that would join a telephone call."""
    return WireError(
        "invalid_call_id",
        "There is no call with this call_id: calls over WebRTC and SIP are not served "
        "here.",
        param="call_id",
        close_code=CLOSE_BAD_REQUEST,
    )


def too_many_sessions(maximum: int) -> WireError:
    """Return the refusal of a connection to a server that is full.

    The close code is IANA's "Try Again Later".
    """
    return WireError(
        "too_many_sessions",
        f"The server already runs {maximum} sessions, its maximum. Try again later.",
        close_code=CLOSE_TRY_AGAIN_LATER,
    )


def session_idle(timeout_s: float) -> WireError:
    """Return the notice that a client said nothing for too long."""
    return WireError(
        "session_idle",
        f"Your session sent nothing for {timeout_s:g} seconds.",
        close_code=CLOSE_GOING_AWAY,
    )
