"""Bills of any usage: every token once, the sum of the parts, never too little."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from voicelab.lab.billing import Billed, billed
from voicelab.lab.prices import ModelPrice, load_prices
from voicelab.protocol.response_object import (
    CachedTokens,
    InputTokens,
    OutputTokens,
    Usage,
)

PRICES = load_prices()
MODELS = ("gpt-realtime", "gpt-realtime-mini", "gpt-realtime-2.1")
KINDS = ("text", "audio", "image")

tokens = st.integers(0, 5000)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Return a usage in full and consistent detail."""
    counts = {f"{kind}_tokens": draw(tokens) for kind in KINDS}
    cached = {name: draw(st.integers(0, count)) for name, count in counts.items()}
    given_ = OutputTokens(text_tokens=draw(tokens), audio_tokens=draw(tokens))
    taken = sum(counts.values())
    made = given_.text_tokens + given_.audio_tokens
    return Usage(
        total_tokens=taken + made,
        input_tokens=taken,
        output_tokens=made,
        input_token_details=InputTokens(
            **counts,
            cached_tokens=sum(cached.values()),
            cached_tokens_details=CachedTokens(**cached),
        ),
        output_token_details=given_,
    )


def price(model: str) -> ModelPrice:
    found = PRICES.find(model)
    assert found is not None
    return found


def cost(model: str, amount: Billed) -> Fraction:
    found = price(model).cost(amount)
    assert found is not None
    return found


def counted(amount: Billed, way: str) -> int:
    names = (name for name in amount.__struct_fields__ if name.endswith(way))
    return sum(getattr(amount, name) for name in names)


@settings(derandomize=True)
@given(usages())
def test_every_token_is_billed_once(usage: Usage) -> None:
    amount = billed(usage)
    assert counted(amount, "_input_tokens") == usage.input_tokens
    assert counted(amount, "_output_tokens") == usage.output_tokens
    assert not amount.is_upper_bound


@settings(derandomize=True)
@given(st.lists(usages(), max_size=5), st.sampled_from(MODELS))
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(
    several: list[Usage], model: str
) -> None:
    amounts = [billed(usage) for usage in several]
    whole = cost(model, sum(amounts, Billed()))
    assert whole == sum(cost(model, amount) for amount in amounts)


@settings(derandomize=True)
@given(usages(), st.sampled_from(MODELS), st.sampled_from(["kinds", "cache", "all"]))
def test_what_a_server_leaves_out_never_makes_it_cheaper(
    usage: Usage, model: str, left_out: str
) -> None:
    """The limit of a cost relies on this."""
    details = usage.input_token_details
    assert isinstance(details, InputTokens)
    bare = replace(usage, input_token_details=UNSET, output_token_details=UNSET)
    counts = {f"{kind}_tokens": getattr(details, f"{kind}_tokens") for kind in KINDS}
    text_only = InputTokens(text_tokens=details.text_tokens)
    cached = InputTokens(**counts, cached_tokens=details.cached_tokens)
    partial = {
        "all": bare,
        "kinds": replace(usage, input_token_details=text_only),
        "cache": replace(usage, input_token_details=cached),
    }
    assert cost(model, billed(partial[left_out])) >= cost(model, billed(usage))


@settings(derandomize=True)
@given(usages(), st.sampled_from(MODELS))
def test_the_cost_agrees_with_plain_arithmetic(usage: Usage, model: str) -> None:
    """By the vendor's description, without the package's own sorting."""
    tokens_usd = price(model).usd_per_million_tokens
    details, given_ = usage.input_token_details, usage.output_token_details
    assert tokens_usd is not None
    assert isinstance(details, InputTokens)
    assert isinstance(given_, OutputTokens)
    micro_usd = 0.0
    for kind in KINDS:
        count = getattr(details, f"{kind}_tokens")
        cached = getattr(details.cached_tokens_details, f"{kind}_tokens")
        micro_usd += (count - cached) * getattr(tokens_usd, f"{kind}_input")
        micro_usd += cached * getattr(tokens_usd, f"{kind}_cached_input")
    for kind in ("text", "audio"):
        micro_usd += getattr(given_, f"{kind}_tokens") * getattr(
            tokens_usd, f"{kind}_output"
        )
    cost_usd = PRICES.cost_usd(model, usage)
    assert cost_usd is not None
    assert abs(cost_usd - micro_usd / 1e6) <= 1e-12 * (1 + cost_usd)
