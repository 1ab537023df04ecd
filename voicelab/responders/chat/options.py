"""Where a chat endpoint is, and how long it may take."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from voicelab.document import EXPECTS, HIDDEN, VARIABLE_NAME
from voicelab.document.secrets import NOT_SHOWN

DEFAULT_TIMEOUT_S = 10.0
DEFAULT_RETRIES = 2

_BASE_URL = (
    r"^https?://([^\s@/?#:\[\]]+|\[[0-9A-Fa-f:.]+\])"  # a name, or an IPv6 address
    r"(:[0-9]{1,5})?(/[^\s@?#]*)?$"
)

SPOKEN = (
    "You are speaking with somebody on the telephone. Answer in one or two plain, "
    "short sentences, without lists, symbols or markup."
)
"""What a model is told first, as it does not know that its answer is spoken."""


class ChatEndpoint(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An OpenAI-compatible chat endpoint.

    Attributes:
        url: its base URL, such as `https://api.openai.com/v1`; `/chat/completions`
            is added.
        model: the model to ask for.
        api_key_env: the environment variable that holds the key; None sends none.
            The key itself stands in no file.
        instructions: come before those of the session; nothing if empty.
        timeout_s: how long it may say nothing, before and between its tokens.
        retries: how often a request is made again that brought nothing.
    """

    url: Annotated[
        str,
        Meta(
            pattern=_BASE_URL,
            extra={
                EXPECTS: "an http or https URL without a name, password or query in it"
            },
        ),
    ]
    model: Annotated[str, Meta(min_length=1)]
    api_key_env: (
        Annotated[
            str,
            Meta(
                pattern=VARIABLE_NAME,
                extra={
                    EXPECTS: "the name of an environment variable",
                    HIDDEN: NOT_SHOWN,
                },
            ),
        ]
        | None
    ) = None
    instructions: str = SPOKEN
    timeout_s: Annotated[float, Meta(gt=0, le=600)] = DEFAULT_TIMEOUT_S
    retries: Annotated[int, Meta(ge=0, le=10)] = DEFAULT_RETRIES

    @property
    def host(self) -> str:
        """The host of the URL, and its port if there is one; nothing else of it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]
