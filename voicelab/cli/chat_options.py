"""The options that name a chat endpoint."""

from __future__ import annotations

from typing import Annotated

import typer

from voicelab.errors import InputError

ChatUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The base URL of a chat endpoint that is to answer."
    ),
]
ChatModel = Annotated[
    str | None, typer.Option(metavar="NAME", help="The model to ask it for.")
]
ChatKeyEnv = Annotated[
    str | None,
    typer.Option(metavar="VARIABLE", help="The environment variable with its key."),
]


def endpoint_data(
    url: str | None, model: str | None, key_env: str | None, *, otherwise: str
) -> dict[str, str]:
    """Return the options as a scenario's `endpoint` has them.

    Args:
        url: `--chat-url`.
        model: `--chat-model`.
        key_env: `--chat-key-env`.
        otherwise: what else could be done than give the first two.

    Raises:
        InputError: one of the first two is missing, or the third is no name.
    """
    from voicelab.document import check_variable_name  # noqa: PLC0415 -- slow

    if url is None or model is None:
        raise InputError(
            "a chat needs --chat-url and --chat-model", fix=f"give both, or {otherwise}"
        )
    found = {"url": url, "model": model}
    if key_env is not None:
        check_variable_name(key_env, "--chat-key-env")
        found["api_key_env"] = key_env
    return found
