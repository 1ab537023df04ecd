"""The options of a live run, made into an endpoint."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.lab.endpoint import Endpoint
    from voicelab.scenario import Scenario

OPENAI_HOST = "api.openai.com"
OPENAI_KEY = "OPENAI_API_KEY"


def endpoint(
    url: str,
    *,
    model: str | None,
    key_variable: str | None,
    headers: Sequence[str],
    ca_file: Path | None,
    prices: Path | None,
    max_cost_usd: float | None,
    environment: Mapping[str, str] = os.environ,
) -> Endpoint:
    """Return where a live run goes.

    The key comes from the environment variable that is named; for OpenAI's own host
    that is `OPENAI_API_KEY` without being named. No other host ever gets that key
    unasked.

    The arguments are the options of `voicelab run`; `environment` holds the variables.

    Raises:
        InputError: the URL, a header or a file is wrong, or a key is missing.
    """
    from voicelab.lab.connecting import trust_of  # noqa: PLC0415 -- slow
    from voicelab.lab.endpoint import Endpoint  # noqa: PLC0415 -- slow
    from voicelab.lab.prices import load_prices  # noqa: PLC0415 -- slow
    from voicelab.session.config import DEFAULT_MODEL  # noqa: PLC0415 -- slow

    if ca_file is not None:
        trust_of(ca_file)  # told now, not when the first connection is made
    return Endpoint(
        url,
        model=model or DEFAULT_MODEL,
        api_key=_key(url, key_variable, environment),
        headers=dict(_header(text) for text in headers),
        ca_file=ca_file,
        prices=load_prices(prices),
        max_cost_usd=max_cost_usd,
    )


def refuse_without_live(options: Mapping[str, object]) -> None:
    """Refuse options that say how to run live where nothing is run live.

    Raises:
        InputError: one of them is given.
    """
    for name, value in options.items():
        if value is not None:
            raise InputError(f"{name} is for live runs only", fix="add --live URL")


def notes_on(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Yield what of each scenario has no effect on a live run, and may surprise."""
    for scenario in scenarios:
        if scenario.faults:
            yield (
                f"the faults of {scenario.name} are left out: they act in the "
                "embedded server, and in voicelab serve --scenario"
            )


def _key(url: str, variable: str | None, environment: Mapping[str, str]) -> str | None:
    if variable is None and _host(url) == OPENAI_HOST:
        variable = OPENAI_KEY
    if variable is None:
        return None
    from voicelab.document import (  # noqa: PLC0415 -- slow
        check_variable_name,
        variable_in_words,
    )

    check_variable_name(variable, "--api-key-env")
    key = environment.get(variable, "").strip()
    if not key:
        raise InputError(
            f"{variable_in_words(variable)} holds no key",
            fix="export it, or name another with --api-key-env",
        )
    return key


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # the endpoint says what is wrong with it
        return None


def _header(text: str) -> tuple[str, str]:
    """Split `Name: value`; the value never stands in an error."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise InputError(
            f"the header {name.strip()!r} has no value",
            fix="write it like --header 'api-key: …'",
        )
    return name.strip(), value.strip()
