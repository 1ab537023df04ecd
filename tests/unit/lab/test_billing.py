from __future__ import annotations

from typing import Any

import msgspec
import pytest

from voicelab.lab.billing import Billed, billed
from voicelab.protocol.response_object import Usage
from voicelab.protocol.transcription import TranscriptionTokens, TranscriptionUsage


def of_response(**usage: Any) -> Billed:
    told = {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0} | usage
    return billed(msgspec.convert(told, Usage))


def of_transcription(**usage: Any) -> Billed:
    return billed(msgspec.convert(usage, TranscriptionUsage))


def test_a_usage_in_full_detail() -> None:
    """As the real endpoint reports it; worked out by hand."""
    amount = of_response(
        total_tokens=821,
        input_tokens=789,
        output_tokens=32,
        input_token_details={
            "text_tokens": 313,
            "audio_tokens": 476,
            "image_tokens": 0,
            "cached_tokens": 640,
            "cached_tokens_details": {"text_tokens": 256, "audio_tokens": 384},
        },
        output_token_details={"text_tokens": 9, "audio_tokens": 23},
    )
    assert amount == Billed(
        text_input_tokens=57,
        text_cached_input_tokens=256,
        audio_input_tokens=92,
        audio_cached_input_tokens=384,
        text_output_tokens=9,
        audio_output_tokens=23,
    )
    assert not amount.is_upper_bound


def test_without_details_nothing_is_known_of_the_kinds() -> None:
    amount = of_response(input_tokens=40, output_tokens=7)
    assert amount == Billed(undetailed_input_tokens=40, undetailed_output_tokens=7)
    assert amount.is_upper_bound


def test_details_may_name_a_part_only() -> None:
    amount = of_response(
        input_tokens=40,
        output_tokens=7,
        input_token_details={"text_tokens": 12},
        output_token_details={"audio_tokens": 7},
    )
    assert amount == Billed(
        text_input_tokens=12, undetailed_input_tokens=28, audio_output_tokens=7
    )


@pytest.mark.parametrize(
    ("counts", "cached", "expected", "guessed"),
    [
        ({"audio_tokens": 50}, 20, {"audio": 20}, False),
        ({"text_tokens": 10, "audio_tokens": 50}, 8, {"text": 8}, True),
        ({"text_tokens": 10, "audio_tokens": 50}, 20, {"text": 10, "audio": 10}, True),
        (
            {"text_tokens": 3, "image_tokens": 4, "audio_tokens": 5},
            9,
            {"text": 3, "image": 4, "audio": 2},
            True,
        ),
        ({"text_tokens": 10}, 0, {}, False),
        ({"text_tokens": 10}, 99, {"text": 10}, False),
    ],
)
def test_cached_tokens_of_unknown_kind_save_as_little_as_they_may(
    counts: dict[str, int], cached: int, expected: dict[str, int], guessed: bool
) -> None:
    amount = of_response(
        input_tokens=sum(counts.values()),
        input_token_details={**counts, "cached_tokens": cached},
    )
    for kind in ("text", "audio", "image"):
        from_cache = getattr(amount, f"{kind}_cached_input_tokens")
        assert from_cache == expected.get(kind, 0)
        total = from_cache + getattr(amount, f"{kind}_input_tokens")
        assert total == counts.get(f"{kind}_tokens", 0)
    assert amount.is_upper_bound is guessed


def test_more_cached_than_there_is_cannot_make_a_bill_negative() -> None:
    amount = of_response(
        input_tokens=5,
        input_token_details={
            "text_tokens": 5,
            "cached_tokens": 8,
            "cached_tokens_details": {"text_tokens": 8},
        },
    )
    assert amount == Billed(text_cached_input_tokens=5)


def test_negative_counts_are_no_credit() -> None:
    amount = of_response(
        input_tokens=-5,
        output_tokens=-5,
        input_token_details={"text_tokens": -3, "cached_tokens": -2},
        output_token_details={"audio_tokens": -9},
    )
    assert amount == Billed()


def test_a_transcription_by_tokens() -> None:
    amount = of_transcription(
        type="tokens",
        total_tokens=22,
        input_tokens=17,
        output_tokens=5,
        input_token_details={"text_tokens": 3, "audio_tokens": 14},
    )
    assert amount == Billed(
        text_input_tokens=3, audio_input_tokens=14, text_output_tokens=5
    )


def test_a_transcription_by_tokens_without_details() -> None:
    usage = TranscriptionTokens(total_tokens=22, input_tokens=17, output_tokens=5)
    amount = billed(usage)
    assert amount == Billed(undetailed_input_tokens=17, text_output_tokens=5)


def test_a_transcription_by_time() -> None:
    assert of_transcription(type="duration", seconds=2.5) == Billed(audio_s=2.5)
    assert of_transcription(type="duration", seconds=-2.5) == Billed()


def test_amounts_add_up() -> None:
    one = Billed(text_input_tokens=1, audio_s=0.5, cache_is_guessed=True)
    two = Billed(text_input_tokens=2, audio_output_tokens=4, cache_is_guessed=True)
    both = one + two
    assert both == Billed(
        text_input_tokens=3, audio_output_tokens=4, audio_s=0.5, cache_is_guessed=True
    )
    assert (both + Billed()).cache_is_guessed is True
