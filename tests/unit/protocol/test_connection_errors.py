"""How the errors that end a connection close it; their texts: `test_wire_errors`."""

from __future__ import annotations

import pytest

from voicelab.protocol import connection_errors
from voicelab.protocol.wire_errors import WireError


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (
            connection_errors.invalid_api_key(),
            3000,
            "invalid_request_error.invalid_api_key",
        ),
        (
            connection_errors.missing_model(),
            4000,
            "invalid_request_error.missing_model",
        ),
        (
            connection_errors.invalid_model("m"),
            4000,
            "invalid_request_error.invalid_model",
        ),
        (
            connection_errors.beta_api_shape_disabled(),
            4000,
            "invalid_request_error.beta_api_shape_disabled",
        ),
        (
            connection_errors.session_expired(),
            1001,
            "Your session hit the maximum duration of 60 minutes.",
        ),
        (
            connection_errors.unsupported_intent("transcription"),
            4000,
            "invalid_request_error.unsupported_intent",
        ),
        (
            connection_errors.no_such_call(),
            4000,
            "invalid_request_error.invalid_call_id",
        ),
        (
            connection_errors.too_many_sessions(8),
            1013,
            "invalid_request_error.too_many_sessions",
        ),
        (
            connection_errors.session_idle(30.0),
            1001,
            "Your session sent nothing for 30 seconds.",
        ),
    ],
)
def test_fatal_errors_close_the_connection(
    error: WireError, code: int, reason: str
) -> None:
    assert (error.close_code, error.close_reason) == (code, reason)
