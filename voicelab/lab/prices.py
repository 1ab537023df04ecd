"""What models cost: the price table, read from a file that people edit.

```yaml
voicelab_prices: 1
models:
  my-model:                        # the exact name that the session tells
    aliases: [my-model-2026-01-31] # other exact names at the same price
    source: where the price is stated
    date: 2026-11-21               # when it was stated there, or looked up
    usd_per_million_tokens: {text_input: 4, text_output: 16, audio_input: 32}
    usd_per_minute: 0.006          # of audio, for transcriptions billed by time
```

Names are matched exactly: a rule for names that begin alike would price a new model
like an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from voicelab.document import EXPECTS, Document, close_names, fit, read_document
from voicelab.errors import PriceError
from voicelab.lab.billing import Billed, billed
from voicelab.paths import data_dir
from voicelab.protocol.response_object import Usage
from voicelab.protocol.transcription import TranscriptionUsage

_MILLION = 1_000_000
_S_PER_MIN = 60
_INPUTS = ("text_input", "audio_input", "image_input")
_OUTPUTS = ("text_output", "audio_output")
_CACHED = ("text_cached_input", "audio_cached_input", "image_cached_input")

_Usd = Annotated[float, Meta(ge=0)]
_Day = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
        extra={EXPECTS: "a day, such as 2026-11-21"},
    ),
]


class TokenPrices(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """US dollars for a million tokens, by direction and kind.

    None is a kind that has no price, of which no tokens can be billed; cached input
    without a price of its own costs what other input of its kind costs.
    """

    text_input: _Usd | None = None
    text_cached_input: _Usd | None = None
    text_output: _Usd | None = None
    audio_input: _Usd | None = None
    audio_cached_input: _Usd | None = None
    audio_output: _Usd | None = None
    image_input: _Usd | None = None
    image_cached_input: _Usd | None = None


class ModelPrice(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What one model costs.

    Attributes:
        source: where the price is stated.
        date: the day on which it was stated there or looked up.
        aliases: other exact names of the model at this price.
        usd_per_million_tokens: the price of tokens; None if they have none.
        usd_per_minute: the price of a minute of audio; None if it has none.
    """

    source: Annotated[str, Meta(min_length=1)]
    date: _Day
    aliases: tuple[Annotated[str, Meta(min_length=1)], ...] = ()
    usd_per_million_tokens: TokenPrices | None = None
    usd_per_minute: _Usd | None = None

    def cost(self, amount: Billed) -> Fraction | None:
        """Return what an amount costs in US dollars, None if part has no price."""
        parts = [_tokens_cost(self.usd_per_million_tokens or TokenPrices(), amount)]
        if amount.audio_s:
            parts.append(_audio_cost(self.usd_per_minute, amount.audio_s))
        known = [part for part in parts if part is not None]
        return sum(known, Fraction()) if len(known) == len(parts) else None


class _PriceFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    voicelab_prices: Literal[1]
    models: dict[Annotated[str, Meta(min_length=1)], ModelPrice]


class PriceTable:
    """Prices by model.

    Args:
        models: prices by the model's name; aliases are taken from the prices.
    """

    def __init__(self, models: Mapping[str, ModelPrice]) -> None:
        self._prices = {
            alias: price for price in models.values() for alias in price.aliases
        } | dict(models)

    def over(self, other: PriceTable) -> PriceTable:
        """Return this table completed by another; of names in both, this one holds."""
        return PriceTable(other._prices | self._prices)

    def find(self, model: str | None) -> ModelPrice | None:
        """Return a model's price by its exact name or alias, None if it has none."""
        return None if model is None else self._prices.get(model)

    def cost_usd(
        self, model: str | None, usage: Usage | TranscriptionUsage
    ) -> float | None:
        """Return what a usage costs in US dollars.

        An upper bound where the server leaves details out; see `voicelab.lab.billing`.
        None if the model, or a kind of token that it was billed for, has no price.
        """
        price = self.find(model)
        cost = None if price is None else price.cost(billed(usage))
        return None if cost is None else float(cost)

    def nearest(self, model: str) -> str | None:
        """Return `did you mean x?` for the name nearest to `model`, or None."""
        return close_names(model, self._prices)


def load_prices(file: Path | None = None) -> PriceTable:
    """Return the prices that come with voicelab, those of `file` laid over them.

    Raises:
        PriceError: the file is missing, cannot be read, or is no price file; the
            error names file, line and key.
        InputError: the bundled data is missing.
    """
    bundled = _read(data_dir() / "prices.yaml")
    return bundled if file is None else _read(file).over(bundled)


def _read(file: Path) -> PriceTable:
    document = read_document(file, PriceError)
    models = fit(document, _PriceFile).models
    _check_prices(document, models)
    _check_names(document, models)
    return PriceTable(models)


def _check_prices(document: Document, models: Mapping[str, ModelPrice]) -> None:
    for name, price in models.items():
        path = ("models", name)
        tokens = price.usd_per_million_tokens
        if tokens is None and price.usd_per_minute is None:
            raise document.fault(
                path,
                "this model has no price",
                "add usd_per_million_tokens or usd_per_minute, or leave it out",
            )
        if tokens is not None and tokens == TokenPrices():
            raise document.fault(
                (*path, "usd_per_million_tokens"),
                "no kind of token has a price here",
                f"known here: {', '.join(TokenPrices.__struct_fields__)}",
            )


def _check_names(document: Document, models: Mapping[str, ModelPrice]) -> None:
    holders = dict.fromkeys(models, "is a model of this file")
    for name, price in models.items():
        for number, alias in enumerate(price.aliases):
            if alias in holders:
                raise document.fault(
                    ("models", name, "aliases", number),
                    f"{alias!r} {holders[alias]} already",
                    "keep one of the two",
                )
            holders[alias] = f"is an alias of {name}"


def _tokens_cost(prices: TokenPrices, amount: Billed) -> Fraction | None:
    counts = {
        kind: getattr(amount, f"{kind}_tokens")
        for kind in (*_INPUTS, *_CACHED, *_OUTPUTS)
    }
    parts = [(n, _price(prices, kind)) for kind, n in counts.items() if n]
    if amount.undetailed_input_tokens:
        parts.append((amount.undetailed_input_tokens, _dearest(prices, _INPUTS)))
    if amount.undetailed_output_tokens:
        parts.append((amount.undetailed_output_tokens, _dearest(prices, _OUTPUTS)))
    if any(price is None for _, price in parts):
        return None
    total = sum(n * price for n, price in parts if price is not None)
    return Fraction(total) / _MILLION


def _price(prices: TokenPrices, kind: str) -> Fraction | None:
    price: float | None = getattr(prices, kind)
    if price is None and kind in _CACHED:
        price = getattr(prices, kind.replace("_cached", ""))
    return None if price is None else _exact(price)


def _dearest(prices: TokenPrices, kinds: tuple[str, ...]) -> Fraction | None:
    known = [_price(prices, kind) for kind in kinds]
    return max((price for price in known if price is not None), default=None)


def _audio_cost(usd_per_minute: float | None, audio_s: float) -> Fraction | None:
    if usd_per_minute is None:
        return None
    return _exact(usd_per_minute) * _exact(audio_s) / _S_PER_MIN


def _exact(value: float) -> Fraction:
    """Return the number as it was written in decimals: 0.4 is four tenths."""
    return Fraction(repr(value))
