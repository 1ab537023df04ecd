"""Input tokens that were billed for audio which nobody heard.

Conventions
    The model reads the whole conversation again at every response, and each reading is
    billed. Of an interrupted item it reads what the server holds at that instant: all
    that was generated so far, and once a claim was accepted what the claim left.
    Agent audio is a token for each 50 ms (OpenAI's guide to managing realtime costs).

Measures
    `phantom_audio_tokens` of an item: the tokens of what the server holds in the end,
    less those that it would hold had the claim been the truth. 0 if the claim was less.
    `billed_phantom_tokens`: the same for what the server held at each later response
    of the conversation whose usage it told, added up; never more than the audio that
    it says it read there. Transcripts, which a refused claim also leaves, do not count.

Missing values
    What was heard is unknown, or no later response in whose input such audio stood
    tells its usage. A response that was given an input of its own counts like any
    other: what it left out does not show in its events.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from voicelab.lab.prices import PriceTable
from voicelab.metrics.agent import AUDIO_DELTA, AgentItem
from voicelab.metrics.claims import Claim
from voicelab.metrics.facts import Facts
from voicelab.metrics.usage import models_of, usage_told
from voicelab.protocol.response_object import InputTokens, Usage
from voicelab.record.log_reader import Event
from voicelab.session.usage import output_audio_tokens
from voicelab.units import samples_to_whole_ms


@dataclass(frozen=True, slots=True)
class Reading:
    """A response of the conversation, which read all of it.

    Attributes:
        seq: its `response.created`.
        is_billed: whether its usage was told.
        audio_tokens: how many audio tokens that says it read; None if it does not.
    """

    seq: int
    is_billed: bool
    audio_tokens: int | None


def phantom_audio_tokens(item: AgentItem, held_samples: int, heard_samples: int) -> int:
    """Return what reading `held_samples` costs more than reading what was heard."""
    truth = min(heard_samples, held_samples)
    return _tokens(item, held_samples) - _tokens(item, truth)


class Billing:
    """Who read what of the conversation, and when.

    Args:
        facts: of the run.
    """

    def __init__(self, facts: Facts) -> None:
        self._log = facts.log
        self._lane = "server" if facts.log.has_server else "client"

    def billed_phantom_tokens(
        self, item: AgentItem, claim: Claim, heard_samples: int
    ) -> int | None:
        """Return what later responses cost more than with the truth."""
        billed: int | None = None
        unknown = False
        for reading in self._readings:
            held = self._held_samples(item, claim, reading.seq)
            tokens = phantom_audio_tokens(item, held, heard_samples)
            if tokens and not reading.is_billed:
                unknown = True
            elif tokens:
                billed = (billed or 0) + _at_most(tokens, reading.audio_tokens)
        return billed if billed is not None or unknown else 0

    def _held_samples(self, item: AgentItem, claim: Claim, seq: int) -> int:
        """Return how much of an item the server held at an event of its lane."""
        gone = self._deleted.get(item.item_id)
        if gone is not None and gone < seq:
            return 0
        if claim.settled_seq is not None and claim.settled_seq < seq:
            return claim.kept_samples(item)
        deltas = item.sent if self._lane == "server" else item.received
        count = bisect_left(self._delta_seqs.get(item.item_id, []), seq)
        return deltas[count - 1].end_samples if count else 0

    @cached_property
    def _readings(self) -> list[Reading]:
        ends = {_response_id(end): end for end in self._log.of(self._lane, _DONE)}
        return [
            _reading(begun, ends.get(_response_id(begun)))
            for begun in self._log.of(self._lane, _CREATED)
            if _response(begun).get("conversation_id", "") is not None
        ]

    @cached_property
    def _deleted(self) -> dict[str | None, int]:
        gone = self._log.of(self._lane, "conversation.item.deleted")
        return {event.item_id: event.seq for event in gone}

    @cached_property
    def _delta_seqs(self) -> dict[str | None, list[int]]:
        seqs: dict[str | None, list[int]] = {}
        for event in self._log.of(self._lane, AUDIO_DELTA):
            seqs.setdefault(event.item_id, []).append(event.seq)
        return seqs


def phantom_cost_usd(
    facts: Facts, tokens: int | None, prices: PriceTable
) -> float | None:
    """Return what input tokens of agent audio cost at list prices.

    They are priced as if none came from a cache: an upper bound, if the server has
    one. None if they are unknown, or the price of the session's model is.
    """
    if tokens is None:
        return None
    usage = Usage(
        total_tokens=tokens,
        input_tokens=tokens,
        output_tokens=0,
        input_token_details=InputTokens(audio_tokens=tokens),
    )
    return prices.cost_usd(models_of(facts.log).responds, usage)


_CREATED = "response.created"
_DONE = "response.done"


def _reading(begun: Event, end: Event | None) -> Reading:
    usage = None if end is None else usage_told(end)
    if not isinstance(usage, Usage):
        return Reading(begun.seq, is_billed=False, audio_tokens=None)
    told = usage.input_token_details
    audio = told.audio_tokens if isinstance(told, InputTokens) else None
    return Reading(begun.seq, is_billed=True, audio_tokens=audio)


def _response(event: Event) -> Mapping[str, object]:
    response = event.data.get("response")
    return response if isinstance(response, dict) else {}


def _response_id(event: Event) -> object:
    return _response(event).get("id")


def _tokens(item: AgentItem, samples: int) -> int:
    return output_audio_tokens(samples_to_whole_ms(samples, item.rate_hz)).audio


def _at_most(tokens: int, limit: int | None) -> int:
    return tokens if limit is None else min(tokens, limit)


def sum_known(values: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None if something is there but unknown."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if known or not listed else None
