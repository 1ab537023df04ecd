"""Adds up what a session costs while it runs.

A response is billed with `response.done`, a transcription with its `completed` event.
What a server does not tell cannot be added: the account counts such events, and a limit
holds for what is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import msgspec
from msgspec import UnsetType
from msgspec.structs import asdict

from voicelab.errors import InputError
from voicelab.lab.billing import Billed, billed
from voicelab.lab.prices import ModelPrice, PriceTable
from voicelab.protocol.response_object import Response, Usage
from voicelab.protocol.server_events import (
    ConversationItemInputAudioTranscriptionCompleted as TranscriptionCompleted,
)
from voicelab.protocol.server_events import (
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    UnknownServerEvent,
)
from voicelab.protocol.transcription import TranscriptionUsage

_Usage: TypeAlias = Usage | TranscriptionUsage | UnsetType | None
_FIX = "add it to a price file and give that with --prices"


@dataclass(frozen=True, slots=True)
class Models:
    """The models that a session uses, as far as it is told.

    Attributes:
        responds: the one that answers.
        transcribes: the one that transcribes the caller; None if nobody does.
    """

    responds: str | None = None
    transcribes: str | None = None

    def updated(self, session: object) -> Models:
        """Return the models by a session object, plain JSON, that is told later.

        Some servers tell only what changed, so what it does not name stays.
        """
        heard = _member(_member(session, "audio"), "input")
        return Models(
            responds=_name(session) or self.responds,
            transcribes=_name(_member(heard, "transcription")) or self.transcribes,
        )


@dataclass(slots=True)
class _Account:
    """What one kind of event has come to."""

    count: int = 0
    without_usage: int = 0
    without_price: int = 0
    amount: Billed = field(default_factory=Billed)
    cost: Fraction = field(default_factory=Fraction)
    seen: set[str] = field(default_factory=set)

    def add(self, key: str, usage: _Usage, price: ModelPrice | None) -> None:
        """Take in one event; one that comes twice, as faults make it, counts once."""
        if key in self.seen:
            return
        if key:  # empty: the server left it out
            self.seen.add(key)
        self.count += 1
        if usage is None or isinstance(usage, UnsetType):
            self.without_usage += 1
            return
        amount = billed(usage)
        cost = None if price is None else price.cost(amount)
        self.amount += amount
        self.without_price += cost is None
        self.cost += cost or 0

    def described(self, model: str | None) -> dict[str, Any]:
        return {
            "model": model,
            "count": self.count,
            "without_usage": self.without_usage,
            "without_price": self.without_price,
            "billed": {
                name: value for name, value in asdict(self.amount).items() if value
            },
        }


class CostMeter:
    """Adds up what a session has cost so far.

    Args:
        prices: what models cost; None leaves costs unknown.
        model: the model that is asked for.
        max_cost_usd: what the session may cost; None is no limit.
        transcription_model: the one that is asked to transcribe the caller, if any.

    Raises:
        InputError: the limit is no amount of money, or it is set and the price of a
            model is not known.
    """

    def __init__(
        self,
        prices: PriceTable | None,
        model: str,
        max_cost_usd: float | None = None,
        *,
        transcription_model: str | None = None,
    ) -> None:
        self._prices = prices or PriceTable({})
        self._asked = Models(model, transcription_model)
        self._told = Models()
        self._max_cost_usd = max_cost_usd
        self._responses = _Account()
        self._transcriptions = _Account()
        if max_cost_usd is not None:
            _check_limit(max_cost_usd)
            for name in (model, transcription_model):
                self._check_priced(name)

    def add(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Take in an event of the server; most bill nothing."""
        match event:
            case SessionCreated() | SessionUpdated():
                self._told = self._told.updated(event.session)
            case ResponseDone(response=Response(id=key, usage=usage)):
                self._responses.add(key, usage, self._prices.find(self._responds))
            case TranscriptionCompleted(item_id=key, usage=usage):
                price = self._prices.find(self._transcribes)
                self._transcriptions.add(key, usage, price)
            case UnknownServerEvent(type="response.done"):  # one that cannot be read
                self._responses.add("", None, None)
            case _:
                pass

    @property
    def cost_usd(self) -> float | None:
        """What is known to have been spent, US dollars.

        None if something was billed and nothing of it has a price.
        """
        accounts = (self._responses, self._transcriptions)
        told = sum(account.count - account.without_usage for account in accounts)
        if told and told == sum(account.without_price for account in accounts):
            return None
        return float(self._cost)

    @property
    def exceeded(self) -> bool:
        """Whether the session has reached what it may cost."""
        limit = self._max_cost_usd
        return limit is not None and self._cost >= Fraction(repr(limit))

    def described(self) -> dict[str, Any]:
        """Return the account as plain data, prices included, for a manifest.

        Its tokens are apart by kind as in `voicelab.lab.billing`; kinds of which there
        are none are left out. `without_usage` and `without_price` count the events that
        `cost_usd` lacks.
        """
        amounts = (self._responses.amount, self._transcriptions.amount)
        return {
            "cost_usd": self.cost_usd,
            "cost_is_upper_bound": any(each.is_upper_bound for each in amounts),
            "max_cost_usd": self._max_cost_usd,
            "responses": self._responses.described(self._responds),
            "transcriptions": self._transcriptions.described(self._transcribes),
            "prices": self._described_prices(),
        }

    @property
    def _cost(self) -> Fraction:
        return self._responses.cost + self._transcriptions.cost

    @property
    def _responds(self) -> str | None:
        return self._known(self._told.responds, self._asked.responds)

    @property
    def _transcribes(self) -> str | None:
        return self._known(self._told.transcribes, self._asked.transcribes)

    def _known(self, told: str | None, asked: str | None) -> str | None:
        """Return the name that the server tells if it has a price, or the asked one.

        Some servers tell a snapshot's name, or one of their own.
        """
        return told if self._prices.find(told) or asked is None else asked

    def _described_prices(self) -> dict[str, Any]:
        prices = {}
        for model in (self._responds, self._transcribes):
            if model is not None and (price := self._prices.find(model)) is not None:
                prices[model] = msgspec.to_builtins(price)
                prices[model].pop("aliases", None)
        return prices

    def _check_priced(self, model: str | None) -> None:
        if model is None or self._prices.find(model) is not None:
            return
        near = self._prices.nearest(model)
        raise InputError(
            f"a limit of cost is set, and the model {model!r} has no known price",
            fix=f"{_FIX} ({near})" if near else _FIX,
        )


def _check_limit(max_cost_usd: float) -> None:
    if not (math.isfinite(max_cost_usd) and max_cost_usd > 0):
        raise InputError(
            f"a limit of {max_cost_usd:g} USD is no amount that a run may cost",
            fix="give a number above 0",
        )


def _member(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _name(value: object) -> str | None:
    model = _member(value, "model")
    return model if isinstance(model, str) and model else None
