"""What the bridge to Twilio is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voicelab.errors import InputError
from voicelab.serve.bridges.settings import BridgeSettings


@dataclass(frozen=True, kw_only=True)
class TwilioSettings(BridgeSettings):
    """Where the bridge listens, whom it lets in, and with what it holds calls.

    Attributes:
        public_url: where Twilio finds the bridge, such as `https://voice.example`;
            None for the host that Twilio asks for.
        auth_token: the account's; with it nothing but what Twilio signed is let in.

    Raises:
        InputError: the URL is none, it is needed, or what `BridgeSettings` refuses.
    """

    public_url: str | None = None
    auth_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.public_url is not None and not _is_base(self.public_url):
            raise InputError(
                f"{self.public_url!r} is not where Twilio could find the bridge",
                fix="write it like https://voice.example, without a query",
            )
        if self.auth_token is None:
            return
        if not self.auth_token.strip():
            raise InputError("the auth token is empty", fix="give the account's")
        if self.public_url is None:
            raise InputError(
                "Twilio signs the URL that it calls, and that is not known here",
                fix="give --public-url, or unset TWILIO_AUTH_TOKEN",
            )


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- raises if it is none
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_web and not (parts.query or parts.fragment)
