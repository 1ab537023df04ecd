"""What tells the kinds of bridges apart for the command: settings and applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from voicelab.errors import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from voicelab.serve.bridges.settings import BridgeSettings

AUTH_TOKEN_VARIABLE = "TWILIO_AUTH_TOKEN"  # noqa: S105 -- the variable's name
"""The variable that holds the auth token, as Twilio's own tools have it."""

_KIND_OF = {"--format": "elks", "--public-url": "twilio"}


def settings_of(
    kind: str,
    shared: Mapping[str, Any],
    *,
    format_name: str | None,
    public_url: str | None,
    environment: Mapping[str, str],
) -> BridgeSettings:
    """Return the settings of a kind of bridge.

    Args:
        kind: `browser`, `elks` or `twilio`.
        shared: what all kinds have; see `BridgeSettings`.
        format_name: for elks: of the audio.
        public_url: for twilio: where it finds the bridge.
        environment: where Twilio's auth token may be.

    Raises:
        InputError: something is of another kind, or cannot be so.
    """
    for option, value in (("--format", format_name), ("--public-url", public_url)):
        if value is not None and kind != _KIND_OF[option]:
            raise InputError(
                f"a bridge to {kind} has no {option}",
                fix=f"leave it out, or bridge to {_KIND_OF[option]}",
            )
    if kind == "elks":
        return _elks(shared, format_name)
    if kind == "twilio":
        auth_token = environment.get(AUTH_TOKEN_VARIABLE) or None
        return _twilio(shared, public_url, auth_token)
    from voicelab.serve.bridges.settings import BridgeSettings  # noqa: PLC0415 -- slow

    return BridgeSettings(**shared)


def _elks(shared: Mapping[str, Any], format_name: str | None) -> BridgeSettings:
    from voicelab.serve.bridges.elks.settings import (  # noqa: PLC0415 -- slow
        ElksSettings,
    )

    if format_name is None:
        return ElksSettings(**shared)
    return ElksSettings(**shared, format=format_name)


def _twilio(
    shared: Mapping[str, Any], public_url: str | None, auth_token: str | None
) -> BridgeSettings:
    from voicelab.serve.bridges.twilio.settings import (  # noqa: PLC0415 -- slow
        TwilioSettings,
    )

    return TwilioSettings(**shared, public_url=public_url, auth_token=auth_token)


def maker_of(kind: str) -> Callable[[Any], FastAPI]:
    """Return what makes the application of a kind of bridge from its settings."""
    if kind == "elks":
        from voicelab.serve.bridges.elks.app import elks_app  # noqa: PLC0415 -- slow

        return elks_app
    if kind == "twilio":
        from voicelab.serve.bridges.twilio.app import (  # noqa: PLC0415 -- slow
            twilio_app,
        )

        return twilio_app
    from voicelab.serve.bridges.browser.app import browser_app  # noqa: PLC0415 -- slow

    return browser_app
